import { bound, call, when, type SqlExpression } from '../../sql/node.ts'
import { convert } from '../convert.ts'
import { argument, constantText, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import { datetimeToTicks, ticksToDatetime } from '../types.ts'
import { unless } from './pattern.ts'

function isZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

function zoneOf(args: readonly Operand[], site: CallSite): string {
  const name = constantText(args, 1, site)
  if (/^[A-Z][A-Za-z0-9_+/-]*$/.test(name) && isZone(name)) return name
  return site.refuse(
    'unsupported-argument',
    `the time zone ${name} is not known`,
    'use a name such as Europe/Paris',
  )
}

/** The zone's offset at a moment of UTC, in ticks. */
function offsetAt(moment: SqlExpression, zone: string): SqlExpression {
  return call(
    'multiply',
    call('toInt64', call('timezoneOffset', call('toTimezone', moment, zone))),
    10_000_000,
  )
}

function toLocal(args: readonly Operand[], site: CallSite): SqlExpression {
  const zone = zoneOf(args, site)
  return bound(convert(argument(args, 0), 'datetime'), (moment) =>
    ticksToDatetime(call('plus', datetimeToTicks(moment), offsetAt(moment, zone))),
  )
}

/**
 * A local time that the clocks skip takes the offset that follows, as Kusto does; which one it takes for a time that
 * comes twice is not known.
 */
function toUtc(args: readonly Operand[], site: CallSite): SqlExpression {
  const zone = zoneOf(args, site)
  const day = 864_000_000_000n
  return bound(convert(argument(args, 0), 'datetime'), (local) => {
    const ticks = datetimeToTicks(local)
    const before = offsetAt(ticksToDatetime(call('minus', ticks, day)), zone)
    const after = offsetAt(ticksToDatetime(call('plus', ticks, day)), zone)
    const moment = (offset: SqlExpression): SqlExpression => ticksToDatetime(call('minus', ticks, offset))
    const holds = (offset: SqlExpression): SqlExpression =>
      call('equals', offsetAt(moment(offset), zone), offset)
    const isTwice = call('and', call('notEquals', before, after), holds(before), holds(after))
    const found = when(call('and', holds(before), call('not', holds(after))), moment(before), moment(after))
    return unless(
      isTwice,
      `${site.name}: a local time that comes twice`,
      found,
      ticksToDatetime(datetimeToTicks(local)),
    )
  })
}

/** Local times. */
export const timezoneFunctions: readonly ScalarFunction[] = [
  {
    name: 'datetime_utc_to_local',
    doc: 'A moment of UTC as the clocks of a time zone show it.',
    example: [
      'datetime_utc_to_local(datetime(2022-03-27 01:00), "Europe/Brussels")',
      '2022-03-27T03:00:00.0000000Z',
    ],
    emit: toLocal,
  },
  {
    name: 'datetime_local_to_utc',
    doc: 'The moment at which the clocks of a time zone show a time.',
    example: [
      'datetime_local_to_utc(datetime(2020-02-02 20:02:20), "US/Pacific")',
      '2020-02-03T04:02:20.0000000Z',
    ],
    emit: toUtc,
  },
]
