import { array, bound, call, not, text, when, type SqlExpression } from '../../sql/node.ts'
import { convert, toText } from '../convert.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import { datetimeToTicks, ticksToDatetime } from '../types.ts'
import { unless } from './pattern.ts'
import { timeZones } from './time-zones.ts'

/** The youngest zone is not among the engine's own. */
const known: ReadonlySet<string> = new Set(timeZones.filter((name) => name !== 'America/Coyhaique'))

/** The zone as an argument: a literal is checked now, another value by the engine. */
function zoneOf(args: readonly Operand[], site: CallSite): SqlExpression {
  const zone = argument(args, 1)
  const name = zone.literal?.value
  if (typeof name !== 'string') {
    const isUnknown = not(call('has', array([...known].map((item) => text(item))), toText(zone)))
    return unless(isUnknown, `${site.name}: a time zone that is not known`, toText(zone), text('UTC'))
  }
  if (known.has(name)) return text(name)
  return site.refuse(
    'unsupported-argument',
    `the time zone ${name} is not known`,
    'use a name such as Europe/Paris',
  )
}

/** The zone's offset at a moment of UTC, in ticks; whole minutes, as clocks have shown them since 1972. */
function offsetAt(moment: SqlExpression, zone: SqlExpression): SqlExpression {
  if (zone.kind === 'string')
    return call(
      'multiply',
      call('toInt64', call('timezoneOffset', call('toTimezone', moment, zone))),
      10_000_000,
    )
  // The engine converts to a zone from data only where it prints.
  return bound(call('toStartOfSecond', moment), (second) => {
    const shown = call('toDateTime64', call('formatDateTime', second, '%Y-%m-%d %H:%i:%S', zone), 7, 'UTC')
    return call('minus', datetimeToTicks(shown), datetimeToTicks(second))
  })
}

function toLocal(args: readonly Operand[], site: CallSite): SqlExpression {
  return bound(zoneOf(args, site), (zone) =>
    bound(convert(argument(args, 0), 'datetime'), (moment) =>
      ticksToDatetime(call('plus', datetimeToTicks(moment), offsetAt(moment, zone))),
    ),
  )
}

/**
 * A local time that the clocks skip takes the offset that follows, as Kusto does; which one it takes for a time that
 * comes twice is not known.
 */
function toUtc(args: readonly Operand[], site: CallSite): SqlExpression {
  return bound(zoneOf(args, site), (zone) => utcOf(convert(argument(args, 0), 'datetime'), zone, site))
}

function utcOf(shown: SqlExpression, zone: SqlExpression, site: CallSite): SqlExpression {
  const day = 864_000_000_000n
  return bound(shown, (local) => {
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
  {
    name: 'datetime_list_timezones',
    doc: 'The names of the time zones.',
    example: ['array_length(datetime_list_timezones())', 597],
    total: true,
    emit: () => text(JSON.stringify(timeZones)),
  },
]
