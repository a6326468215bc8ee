import { and, binding, bound, call, integer, nothing, when, type SqlExpression } from '../../sql/node.ts'
import { convert } from '../convert.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import { printDatetime } from '../literals.ts'
import type { Operand } from '../operand.ts'
import { datetimeToTicks, ticksPerDay, ticksToDatetime, unixEpochTicks } from '../types.ts'
import { monthNumber } from './calendar.ts'

/** The query's time, moved by a literal number of ticks where that is known. */
function now(offset: Operand | undefined, sign: 1n | -1n, site: CallSite): SqlExpression {
  const shift = offset === undefined ? '0' : offset.literal?.value
  if (typeof shift === 'string' && site.now !== 'parameter') {
    return call('toDateTime64', printDatetime(site.now + sign * BigInt(shift)), 7, 'UTC')
  }
  const present = site.now === 'parameter' ? binding('now', 'Int64') : integer(site.now)
  if (!offset) return ticksToDatetime(present)
  const moved = call(sign === 1n ? 'plus' : 'minus', present, convert(offset, 'timespan'))
  return ticksToDatetime(moved)
}

type Unit = 'day' | 'week' | 'month' | 'year'

const firstMoment = '0001-01-01 00:00:00.0000000'
/** The first month that has no datetimes: January of the year 10000. */
const afterLastMonth = 120_000n

/** Ticks since 1970 at which a unit begins, moved by whole units; NULL outside the years 1 to 9999. */
function startTicks(unit: Unit, value: SqlExpression, offset: SqlExpression): SqlExpression {
  if (unit === 'day' || unit === 'week') {
    const size = unit === 'day' ? ticksPerDay : ticksPerDay * 7n
    // 0001-01-01 was a Monday and weeks begin on Sunday: shift by a day.
    const shift = unixEpochTicks + (unit === 'day' ? 0n : ticksPerDay)
    const since = call('plus', datetimeToTicks(value), shift)
    const start = call('minus', call('minus', since, call('positiveModulo', since, size)), shift)
    const isNear = call('less', call('abs', offset), 10_000_000)
    return when(isNear, call('plus', start, call('multiply', offset, size)), nothing)
  }
  const count = unit === 'month' ? 1n : 12n
  const number = call('multiply', call('intDiv', monthNumber(value), count), count)
  const isNear = call('less', call('abs', offset), 200_000)
  return bound(when(isNear, call('plus', number, call('multiply', offset, count)), nothing), (month) => {
    const isReal = and(call('greaterOrEquals', month, 12), call('less', month, afterLastMonth))
    const start = call('addMonths', call('toDateTime64', firstMoment, 7, 'UTC'), call('minus', month, 12))
    const next = when(call('equals', month, afterLastMonth), integer(2_534_023_008_000_000_000n), nothing)
    return when(isReal, datetimeToTicks(start), next)
  })
}

function startOf(unit: Unit, args: readonly Operand[]): SqlExpression {
  const offset = args[1] ? convert(args[1], 'long') : integer(0)
  return ticksToDatetime(startTicks(unit, convert(argument(args, 0), 'datetime'), offset))
}

/** The last tick of a unit. */
function endOf(unit: Unit, args: readonly Operand[]): SqlExpression {
  const offset = args[1] ? call('plus', convert(args[1], 'long'), 1) : integer(1)
  return ticksToDatetime(call('minus', startTicks(unit, convert(argument(args, 0), 'datetime'), offset), 1))
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
