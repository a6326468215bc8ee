import { bound, call, integer, text, when, type SqlExpression } from '../../sql/node.ts'
import { convert } from '../convert.ts'
import { argument, constantText, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import { datetimeToTicks, ticksPerDay, unixEpochTicks } from '../types.ts'

type Field = (value: SqlExpression) => SqlExpression

function digits(value: SqlExpression, size: number): SqlExpression {
  const printed = call('toString', value)
  // A number that is longer than its field keeps all its digits.
  return size === 1
    ? printed
    : call('leftPad', printed, call('greatest', integer(size), call('length', printed)), '0')
}

/** One part of a number of ticks: how often a unit fits, within the next larger one. */
function clock(unit: bigint, count: bigint, size: number): Field {
  return (ticks) => digits(call('modulo', call('intDiv', ticks, unit), count), size)
}

function hours12(size: number): Field {
  return (ticks) => {
    const hour = call('modulo', call('intDiv', ticks, 36_000_000_000n), 12)
    return digits(call('plus', call('modulo', call('plus', hour, 11), 12), 1), size)
  }
}

function fraction(size: number): Field {
  return (ticks) =>
    call('substring', call('leftPad', call('toString', call('modulo', ticks, 10_000_000n)), 7, '0'), 1, size)
}

/** Fractions of a second without zeros at the end. */
function shortFraction(size: number): Field {
  return (ticks) => call('replaceRegexpOne', fraction(size)(ticks), '0+$', '')
}

function repeated(letter: string, make: (size: number) => Field): readonly (readonly [string, Field])[] {
  return [1, 2, 3, 4, 5, 6, 7].map((size) => [letter.repeat(size), make(size)])
}

/** Fields of both: from the ticks of a day, or of a timespan's size. */
const clockFields: readonly (readonly [string, Field])[] = [
  ...repeated('f', fraction),
  ...repeated('F', shortFraction),
  ['H', clock(36_000_000_000n, 24n, 1)],
  ['HH', clock(36_000_000_000n, 24n, 2)],
  ['m', clock(600_000_000n, 60n, 1)],
  ['mm', clock(600_000_000n, 60n, 2)],
  ['s', clock(10_000_000n, 60n, 1)],
  ['ss', clock(10_000_000n, 60n, 2)],
]

const timespanFields = new Map<string, Field>([
  ...clockFields,
  ['h', clock(36_000_000_000n, 24n, 1)],
  ['hh', clock(36_000_000_000n, 24n, 2)],
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((size): [string, Field] => [
    'd'.repeat(size),
    (ticks) => digits(call('intDiv', ticks, ticksPerDay), size),
  ]),
])

const clockOfDatetime: Field = (value) => call('plus', datetimeToTicks(value), unixEpochTicks)

const datetimeFields = new Map<string, Field>([
  ...[...clockFields, ['h', hours12(1)] as const, ['hh', hours12(2)] as const].map(
    ([name, field]): [string, Field] => [name, (value) => field(clockOfDatetime(value))],
  ),
  ['tt', (value) => when(call('less', call('toHour', value), 12), text('AM'), text('PM'))],
  ['d', (value) => digits(call('toDayOfMonth', value), 1)],
  ['dd', (value) => digits(call('toDayOfMonth', value), 2)],
  ['M', (value) => digits(call('toMonth', value), 1)],
  ['MM', (value) => digits(call('toMonth', value), 2)],
  ['y', (value) => digits(call('modulo', call('toYear', value), 100), 1)],
  ['yy', (value) => digits(call('modulo', call('toYear', value), 100), 2)],
  ['yyyy', (value) => digits(call('toYear', value), 4)],
])

const delimiters = ' /-:,._[]'

/** A format's fields and delimiters; of a run of letters the longest known field comes first. */
function formatted(
  value: SqlExpression,
  args: readonly Operand[],
  fields: ReadonlyMap<string, Field>,
  site: CallSite,
): SqlExpression {
  const format = constantText(args, 1, site)
  const parts: (SqlExpression | string)[] = ['']
  for (let index = 0; index < format.length;) {
    const letter = format.charAt(index)
    const run = /^(.)\1*/s.exec(format.slice(index))?.[0] ?? letter
    const found = Array.from({ length: run.length }, (_, cut) => run.slice(cut)).find((name) =>
      fields.has(name),
    )
    const field = found === undefined ? undefined : fields.get(found)
    if (found !== undefined && field) {
      if (letter === 'F' && format.charAt(index - 1) === '.') {
        return site.refuse(
          'unsupported-argument',
          'a fraction without zeros after a point',
          'write f in the place of F',
        )
      }
      parts.push(field(value))
      index += found.length
    } else if (delimiters.includes(letter)) {
      parts.push(letter)
      index += 1
    } else {
      return site.refuse(
        'unsupported-argument',
        `${letter} is no part of a format`,
        `fields: ${[...fields.keys()].join(' ')}; delimiters: ${delimiters}`,
      )
    }
  }
  return call('concat', '', ...parts)
}

function formatDatetime(args: readonly Operand[], site: CallSite): SqlExpression {
  const value = argument(args, 0)
  return bound(convert(value, 'datetime'), (moment) =>
    call('ifNull', formatted(moment, args, datetimeFields, site), ''),
  )
}

function formatTimespan(args: readonly Operand[], site: CallSite): SqlExpression {
  return bound(convert(argument(args, 0), 'timespan'), (ticks) => {
    const sign = when(call('less', ticks, 0), text('-'), text(''))
    return call('ifNull', call('concat', sign, formatted(call('abs', ticks), args, timespanFields, site)), '')
  })
}

/** Datetimes and timespans as text by a format. */
export const datetimeFormatFunctions: readonly ScalarFunction[] = [
  {
    name: 'format_datetime',
    doc: 'A datetime as text by a literal format.',
    example: ['format_datetime(datetime(2017-01-29 09:00:05), "yy-MM-dd [HH:mm:ss]")', '17-01-29 [09:00:05]'],
    emit: formatDatetime,
  },
  {
    name: 'format_timespan',
    doc: 'A timespan as text by a literal format.',
    example: ['format_timespan(time(29.09:00:05.12345), "ddd.h:mm:ss [fffffff]")', '029.9:00:05 [1234500]'],
    emit: formatTimespan,
  },
]
