import {
  and,
  array,
  bound,
  call,
  integer,
  lambda,
  or,
  text,
  when,
  type SqlExpression,
} from '../../sql/node.ts'
import { unless } from './pattern.ts'

/** RFC 3492 as folds over characters, for texts that only the rows know. */
const digits = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** A fold looks at every pair of characters. */
const longest = 1000

function part(state: SqlExpression, index: number): SqlExpression {
  return call('tupleElement', state, index)
}

function whole(value: SqlExpression | number | string): SqlExpression {
  return call('toInt64', value)
}

function stateOf(...values: readonly SqlExpression[]): SqlExpression {
  return call('tuple', ...values)
}

/** The number of a character, from its UTF-8 bytes. */
function codeOf(letter: SqlExpression): SqlExpression {
  const byte = (index: number, mask: number): SqlExpression =>
    whole(call('bitAnd', call('reinterpretAsUInt64', call('substring', letter, index, 1)), mask))
  const joined = (first: SqlExpression, count: number): SqlExpression => {
    let value = first
    for (let index = 2; index <= count; index += 1)
      value = call('plus', call('multiply', value, 64), byte(index, 63))
    return value
  }
  return call(
    'multiIf',
    call('equals', call('length', letter), 1),
    byte(1, 127),
    call('equals', call('length', letter), 2),
    joined(byte(1, 31), 2),
    call('equals', call('length', letter), 3),
    joined(byte(1, 15), 3),
    joined(byte(1, 7), 4),
  )
}

/** The character with a number. */
function letterOf(code: SqlExpression): SqlExpression {
  const low = (shift: number): SqlExpression =>
    call('plus', 128, call('modulo', call('intDiv', code, 2 ** shift), 64))
  const high = (base: number, shift: number): SqlExpression =>
    call('plus', base, call('intDiv', code, 2 ** shift))
  return call(
    'multiIf',
    call('less', code, 128),
    call('char', code),
    call('less', code, 2048),
    call('char', high(192, 6), low(0)),
    call('less', code, 65_536),
    call('char', high(224, 12), low(6), low(0)),
    call('char', high(240, 18), low(12), low(6), low(0)),
  )
}

function codesOf(source: SqlExpression): SqlExpression {
  const character = lambda(['i'], (index) => codeOf(call('substringUTF8', source, index, 1)))
  return call('arrayMap', character, call('range', 1, call('plus', call('lengthUTF8', source), 1)))
}

function adapted(delta: SqlExpression, count: SqlExpression, isFirst: SqlExpression): SqlExpression {
  const damped = whole(call('intDiv', delta, when(isFirst, integer(700), integer(2))))
  const shrink = lambda(['s', 'i'], (state) =>
    when(
      call('greater', part(state, 1), 455),
      stateOf(whole(call('intDiv', part(state, 1), 35)), whole(call('plus', part(state, 2), 36))),
      state,
    ),
  )
  return bound(damped, (first) => {
    const start = stateOf(whole(call('plus', first, call('intDiv', first, count))), whole(0))
    return bound(call('arrayFold', shrink, call('range', 8), start), (state) => {
      const rest = part(state, 1)
      return whole(
        call('plus', part(state, 2), call('intDiv', call('multiply', 36, rest), call('plus', rest, 38))),
      )
    })
  })
}

function threshold(place: SqlExpression, bias: SqlExpression): SqlExpression {
  return call('least', call('greatest', whole(call('minus', place, bias)), whole(1)), whole(26))
}

function printed(delta: SqlExpression, bias: SqlExpression): SqlExpression {
  const digit = (value: SqlExpression): SqlExpression => call('substring', digits, call('plus', value, 1), 1)
  const step = lambda(['s', 'k'], (state, place) => {
    const [rest, done, output] = [part(state, 1), part(state, 2), part(state, 3)]
    return bound(threshold(call('multiply', place, 36), bias), (limit) => {
      const over = call('minus', rest, limit)
      const base = call('minus', 36, limit)
      const last = stateOf(whole(0), whole(1), call('concat', output, digit(rest)))
      const more = stateOf(
        whole(call('intDiv', over, base)),
        whole(0),
        call('concat', output, digit(call('plus', limit, call('modulo', over, base)))),
      )
      return call('multiIf', call('equals', done, 1), state, call('less', rest, limit), last, more)
    })
  })
  return part(call('arrayFold', step, call('range', 1, 9), stateOf(whole(delta), whole(0), text(''))), 3)
}

/** A text as RFC 3492 encodes it; one of ASCII alone stops the query, as what Kusto makes of it is not known. */
export function encodedText(source: SqlExpression, name: string): SqlExpression {
  const encode = (codes: SqlExpression): SqlExpression => {
    const isBasic = lambda(['c'], (code) => call('less', code, 128))
    const basic = call('arrayFilter', isBasic, codes)
    const others = call(
      'arraySort',
      call(
        'arrayDistinct',
        call(
          'arrayFilter',
          lambda(['c'], (code) => call('greaterOrEquals', code, 128)),
          codes,
        ),
      ),
    )
    return bound(others, (points) => {
      const before = call('arrayPushFront', call('arrayPopBack', points), whole(127))
      // A round for each further character, begun by the distance from the one before.
      const rounds = lambda(['n', 'b'], (point, previous) =>
        call(
          'arrayConcat',
          array([stateOf(whole(point), whole(-1), whole(call('minus', call('minus', point, previous), 1)))]),
          call(
            'arrayMap',
            lambda(['c'], (code) => stateOf(whole(point), whole(code), whole(0))),
            codes,
          ),
        ),
      )
      const events = call('arrayFlatten', call('arrayMap', rounds, points, before))
      const step = lambda(['s', 'e'], (state, event) => {
        const [output, delta, bias, done, begun] = [1, 2, 3, 4, 5].map((index) => part(state, index))
        if (!output || !delta || !bias || !done || !begun) throw new Error('the state has five parts')
        const [point, code, gap] = [part(event, 1), part(event, 2), part(event, 3)]
        const next = call('plus', call('plus', delta, call('multiply', gap, call('plus', done, 1))), begun)
        const isFirst = call('equals', done, call('length', basic))
        return call(
          'multiIf',
          call('equals', code, -1),
          stateOf(output, whole(next), bias, done, whole(1)),
          call('less', code, point),
          stateOf(output, whole(call('plus', delta, 1)), bias, done, begun),
          call('equals', code, point),
          stateOf(
            call('concat', output, printed(delta, bias)),
            whole(0),
            adapted(delta, call('plus', done, 1), isFirst),
            whole(call('plus', done, 1)),
            begun,
          ),
          state,
        )
      })
      const letters = call(
        'arrayStringConcat',
        call(
          'arrayMap',
          lambda(['c'], (code) => letterOf(code)),
          basic,
        ),
      )
      const prefix = when(call('empty', basic), text(''), call('concat', letters, '-'))
      const start = stateOf(prefix, whole(0), whole(72), whole(call('length', basic)), whole(0))
      return part(call('arrayFold', step, events, start), 1)
    })
  }
  const isUnknown = or(isAscii(source), call('greater', call('length', source), longest))
  return unless(isUnknown, `${name}: an ASCII text, or a long one`, bound(codesOf(source), encode), text(''))
}

function isAscii(source: SqlExpression): SqlExpression {
  return call('match', source, '^[\\x00-\\x7F]*$')
}

/** The text that RFC 3492 encodes so; what is no Punycode stops the query. */
export function decodedText(source: SqlExpression, name: string): SqlExpression {
  const tail = call('lower', call('replaceRegexpOne', source, '^.*-', ''))
  const head = call('replaceRegexpOne', source, '-?[^-]*$', '')
  const step = lambda(['s', 'c'], (state, letter) => {
    const [codes, code, place, bias, start, weight, position] = [1, 2, 3, 4, 5, 6, 7].map((index) =>
      part(state, index),
    )
    if (!codes || !code || !place || !bias || !start || !weight || !position)
      throw new Error('the state has seven parts')
    const digit = call('minus', call('position', digits, letter), 1)
    const count = call('plus', call('length', codes), 1)
    return bound(whole(call('plus', place, call('multiply', digit, weight))), (next) =>
      bound(threshold(position, bias), (limit) =>
        bound(whole(call('modulo', next, count)), (index) => {
          const found = whole(call('plus', code, call('intDiv', next, count)))
          const inserted = call(
            'arrayConcat',
            call('arraySlice', codes, 1, index),
            array([found]),
            call('arraySlice', codes, call('plus', index, 1)),
          )
          const after = whole(call('plus', index, 1))
          return when(
            call('less', digit, limit),
            stateOf(
              inserted,
              found,
              after,
              adapted(call('minus', next, start), count, call('equals', start, 0)),
              after,
              whole(1),
              whole(36),
            ),
            stateOf(
              codes,
              code,
              next,
              bias,
              start,
              whole(call('multiply', weight, call('minus', 36, limit))),
              whole(call('plus', position, 36)),
            ),
          )
        }),
      ),
    )
  })
  const letters = call('splitByString', '', tail)
  const begin = stateOf(codesOf(head), whole(128), whole(0), whole(72), whole(0), whole(1), whole(36))
  const result = bound(call('arrayFold', step, letters, begin), (state) => {
    const codes = part(state, 1)
    const isNone = lambda(['c'], (code) =>
      or(
        call('greater', code, 0x10_ffff),
        and(call('greaterOrEquals', code, 0xd800), call('less', code, 0xe000)),
      ),
    )
    const isWrong = or(call('notEquals', part(state, 7), 36), call('arrayExists', isNone, codes))
    const printedText = call(
      'arrayStringConcat',
      call(
        'arrayMap',
        lambda(['c'], (code) => letterOf(code)),
        codes,
      ),
    )
    return unless(isWrong, `${name}: a text that is no Punycode`, printedText, text(''))
  })
  const isUnknown = or(
    call('not', call('match', source, '^[\\x00-\\x7F]*[A-Za-z0-9]$')),
    call('not', call('match', tail, '^[a-z0-9]{1,59}$')),
    call('greater', call('length', source), longest),
  )
  return unless(isUnknown, `${name}: a text that is no Punycode`, result, text(''))
}
