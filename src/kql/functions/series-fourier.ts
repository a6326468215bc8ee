import { bound, call, lambda, real, text, when, type SqlExpression } from '../../sql/node.ts'
import { argument, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import { completeNumbers, isSeries, seriesOf } from './series-elements.ts'

/** The transform is taken term by term: longer series would cost too much. */
const longest = 2048

interface Transform {
  readonly name: string
  readonly inverse: boolean
}

/** One side of the transform: real or imaginary. */
function side(transform: Transform, imaginary: boolean): ScalarFunction['emit'] {
  return (args) => {
    const source = argument(args, 0).sql
    return bound(read(source, args, transform), (pair) =>
      when(isSeries(source), seriesOf(transformed(pair, transform, imaginary)), text('')),
    )
  }
}

/** The complex numbers as two arrays of one length; a length that is no power of two is not documented. */
function read(source: SqlExpression, args: readonly Operand[], { name }: Transform): SqlExpression {
  return bound(completeNumbers(source, name), (reals) => {
    const given = args[1]
      ? completeNumbers(args[1].sql, name)
      : call(
          'arrayMap',
          lambda(['n'], () => real(0)),
          reals,
        )
    return bound(given, (imaginaries) => {
      const size = call('length', reals)
      const odd = call('notEquals', call('bitAnd', size, call('minus', size, 1)), 0)
      const unfit = call(
        'or',
        odd,
        call('greater', size, longest),
        call('notEquals', size, call('length', imaginaries)),
      )
      const stop = call(
        'throwIf',
        unfit,
        `${name} takes series whose length is a power of two, at most ${longest}`,
      )
      return when(
        call('equals', stop, 0),
        call('tuple', reals, imaginaries),
        call('tuple', call('arrayResize', reals, 0), call('arrayResize', imaginaries, 0)),
      )
    })
  })
}

function transformed(pair: SqlExpression, { inverse }: Transform, imaginary: boolean): SqlExpression {
  const reals = call('tupleElement', pair, 1)
  const imaginaries = call('tupleElement', pair, 2)
  return bound(reals, (a) =>
    bound(imaginaries, (b) =>
      bound(call('length', a), (size) => {
        const frequencies = call('range', size)
        const sum = lambda(['k'], (frequency) => {
          const term = lambda(['x', 'y', 'j'], (x, y, place) => {
            const turn = call(
              'divide',
              call('multiply', call('pi'), 2, call('modulo', call('multiply', place, frequency), size)),
              size,
            )
            const angle = inverse ? turn : call('negate', turn)
            return imaginary
              ? call('plus', call('multiply', x, call('sin', angle)), call('multiply', y, call('cos', angle)))
              : call(
                  'minus',
                  call('multiply', x, call('cos', angle)),
                  call('multiply', y, call('sin', angle)),
                )
          })
          const total = call('arraySum', term, a, b, frequencies)
          return inverse ? call('divide', total, size) : total
        })
        return call('arrayMap', sum, frequencies)
      }),
    ),
  )
}

function fourier(transform: Transform, what: string, example: ScalarFunction['example']): ScalarFunction {
  return {
    name: transform.name,
    doc: `The ${what} Fourier transform of a series of complex numbers, as two columns; the length must be a power of two.`,
    example,
    type: 'dynamic',
    total: true,
    emit: side(transform, false),
    parts: [
      { name: 'real', type: 'dynamic', emit: side(transform, false) },
      { name: 'imag', type: 'dynamic', emit: side(transform, true) },
    ],
  }
}

/** Fourier transforms. */
export const seriesFourierFunctions: readonly ScalarFunction[] = [
  fourier({ name: 'series_fft', inverse: false }, 'fast', [
    'todynamic(tostring(series_fft(dynamic([1, 0]))))',
    [1, 1],
  ]),
  fourier({ name: 'series_ifft', inverse: true }, 'inverse', [
    'todynamic(tostring(series_ifft(dynamic([1, 1]))))',
    [1, 0],
  ]),
]
