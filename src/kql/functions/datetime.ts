import { call, integer, type SqlExpression } from '../../sql/node.ts'
import { convert } from '../convert.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import { printDatetime } from '../literals.ts'
import type { Operand } from '../operand.ts'
import { datetimeToTicks, ticksPerDay, ticksToDatetime, unixEpochTicks } from '../types.ts'

/** The query's time, moved by a literal number of ticks where that is known. */
function now(offset: Operand | undefined, sign: 1n | -1n, site: CallSite): SqlExpression {
  const shift = offset === undefined ? '0' : offset.literal?.value
  if (typeof shift === 'string') {
    return call('toDateTime64', printDatetime(site.now + sign * BigInt(shift)), 7, 'UTC')
  }
  if (!offset) throw new Error('an offset is either there or not')
  const moved = call(sign === 1n ? 'plus' : 'minus', integer(site.now), convert(offset, 'timespan'))
  return ticksToDatetime(moved)
}

/** A datetime's day as ticks since 1970-01-01, of the start of its unit moved by whole units. */
function startOf(unit: 'day' | 'week' | 'month' | 'year', args: readonly Operand[]): SqlExpression {
  const value = convert(argument(args, 0), 'datetime')
  const offset = args[1] ? convert(args[1], 'long') : undefined
  return startOfUnit(unit, value, offset)
}

function startOfUnit(unit: 'day' | 'week' | 'month' | 'year', value: SqlExpression, offset?: SqlExpression): SqlExpression {
  if (unit === 'day' || unit === 'week') {
    const size = unit === 'day' ? ticksPerDay : ticksPerDay * 7n
    // 0001-01-01 was a Monday and weeks begin on Sunday: shift by a day.
    const shift = unit === 'day' ? 0n : ticksPerDay
    const since = call('plus', datetimeToTicks(value), unixEpochTicks + shift)
    const start = call('minus', call('minus', since, call('positiveModulo', since, size)), unixEpochTicks + shift)
    return ticksToDatetime(offset ? call('plus', start, call('multiply', offset, size)) : start)
  }
  const start = call('toDateTime64', call('dateTrunc', unit, value), 7, 'UTC')
  if (!offset) return start
  return call(unit === 'month' ? 'addMonths' : 'addYears', start, offset)
}

/** The last tick of a unit. */
function endOf(unit: 'day' | 'week' | 'month' | 'year', args: readonly Operand[]): SqlExpression {
  const offset = args[1] ? call('plus', convert(args[1], 'long'), 1) : integer(1)
  const next = startOfUnit(unit, convert(argument(args, 0), 'datetime'), offset)
  return ticksToDatetime(call('minus', datetimeToTicks(next), 1))
}

const units = ['day', 'week', 'month', 'year'] as const
const starts = { day: '2020-05-13', week: '2020-05-10', month: '2020-05-01', year: '2020-01-01' }
const ends = { day: '2020-05-13', week: '2020-05-16', month: '2020-05-31', year: '2020-12-31' }

/** Datetimes and timespans, in ticks of 100 ns from 0001 to 9999. */
export const datetimeFunctions: readonly ScalarFunction[] = [
  {
    name: 'now',
    doc: 'The query’s time, the same wherever it is asked for; with an offset added.',
    example: ['now() - now()', '00:00:00'],
    emit: (args, site) => now(args[0], 1n, site),
  },
  {
    name: 'ago',
    doc: 'The query’s time less a timespan.',
    example: ['now() - ago(1h)', '01:00:00'],
    emit: (args, site) => now(argument(args, 0), -1n, site),
  },
  ...units.flatMap((unit): ScalarFunction[] => [
    {
      name: `startof${unit}`,
      doc: `The first moment of the ${unit}, moved by whole units.`,
      example: [`startof${unit}(datetime(2020-05-13 10:00))`, `${starts[unit]}T00:00:00.0000000Z`],
      emit: (args) => startOf(unit, args),
    },
    {
      name: `endof${unit}`,
      doc: `The last tick of the ${unit}, moved by whole units.`,
      example: [`endof${unit}(datetime(2020-05-13 10:00))`, `${ends[unit]}T23:59:59.9999999Z`],
      emit: (args) => endOf(unit, args),
    },
  ]),
]
