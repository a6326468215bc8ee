import type { Alert } from '../hunt/alert.ts'
import { coverages } from '../hunt/coverage.ts'
import type { Hunt, HuntedRule } from '../hunt/hunt.ts'
import { levels, type Level } from '../hunt/rule.ts'
import { entityText, totalsOf } from './hunt-json.ts'
import { countText, durationText } from '../quantity.ts'
import type { Sink, Style } from './terminal.ts'
import { textTable } from './text-table.ts'
import { minuteText } from './time-text.ts'
import { visible } from './visible.ts'

const most = 10
const mostNames = 6

export const levelStyles: Readonly<Record<Level, Style>> = {
  high: 'red',
  medium: 'yellow',
  low: 'cyan',
  informational: 'dim',
}

/** What a hunt found, and what the evidence could not have shown. */
export function huntText(sink: Sink, hunt: Hunt, alerts: readonly Alert[]): string {
  const heading = (text: string): string => sink.paint(['bold', 'cyan'], text)
  const blocks = [
    totalsText(sink, hunt, alerts),
    ...(alerts.length === 0
      ? []
      : [
          `${heading('Rules')}\n${rulesText(sink, alerts)}`,
          `${heading('Dates with most')}\n${datesText(alerts)}`,
          `${heading('Entities hit most')}\n${entitiesText(sink, alerts)}`,
        ]),
    `${heading('Coverage')}\n${coverageText(hunt)}`,
    failuresText(sink, hunt),
    fastText(hunt),
  ]
  return blocks.filter((block) => block !== '').join('\n')
}

function totalsText(sink: Sink, hunt: Hunt, alerts: readonly Alert[]): string {
  const { events, levels: byLevel } = totalsOf(hunt, alerts)
  const share =
    events === 0 ? '' : `, ${((1 - Math.min(1, alerts.length / events)) * 100).toFixed(2)} % set aside`
  const rows = levels.toReversed().map((level) => {
    const { total = 0, unique = 0 } = byLevel[level] ?? {}
    return `  ${sink.paint(levelStyles[level], level.padEnd(13))} ${countText(total).padStart(7)} ${countText(unique).padStart(7)} unique`
  })
  const stored = hunt.stored
    ? `; ${countText(hunt.stored.added)} new, ${countText(hunt.stored.changed)} changed`
    : ''
  const heading = `${countText(events)} events → ${countText(alerts.length)} alerts${share}`
  return `${sink.paint('bold', heading)} (${durationText(hunt.ms)}${stored})\n${rows.join('\n')}\n`
}

function rulesText(sink: Sink, alerts: readonly Alert[]): string {
  const ranked = rankedRules(alerts)
  const rows = ranked
    .slice(0, most * 2)
    .map(({ level, alerts: count, first, last, rule }) => [
      level,
      countText(count),
      minuteText(first),
      minuteText(last),
      rule,
    ])
  const rest = ranked.length - rows.length
  const table = textTable(sink, ['Level', 'Alerts', 'First (UTC)', 'Last (UTC)', 'Rule'], rows, {
    right: [1],
    prose: 4,
  })
  return rest > 0 ? `${table}  and ${rest} more rules\n` : table
}

/** What a rule found, all its alerts together. */
export interface RuleAlerts {
  readonly rule: string
  /** The highest. */
  readonly level: Level
  readonly alerts: number
  readonly first: string
  /** When the last of them began. */
  readonly last: string
}

/** The rules of alerts: by level, then by how many there are. */
export function rankedRules(alerts: readonly Alert[]): readonly RuleAlerts[] {
  return [...Map.groupBy(alerts, ({ ruleId }) => ruleId).values()]
    .map((group): RuleAlerts => {
      const times = group.map(({ start }) => start).toSorted()
      return {
        rule: group[0]?.rule ?? '',
        level: levels.findLast((item) => group.some((alert) => alert.level === item)) ?? 'informational',
        alerts: group.length,
        first: times[0] ?? '',
        last: times.at(-1) ?? '',
      }
    })
    .toSorted(
      (a, b) =>
        levels.indexOf(b.level) - levels.indexOf(a.level) || b.alerts - a.alerts || compare(a.rule, b.rule),
    )
}

function datesText(alerts: readonly Alert[]): string {
  const days = counted(alerts.map(({ start }) => start.slice(0, 10)))
  return `  ${days.map(([day, count]) => `${day} (${countText(count)})`).join(', ')}\n`
}

function entitiesText(sink: Sink, alerts: readonly Alert[]): string {
  const names = alerts.flatMap(({ entities }) => [...new Set(entities.map((entity) => entityText(entity)))])
  if (names.length === 0) return '  none is named by these rules\n'
  const rows = counted(names).map(([name, count]) => [countText(count), name])
  return textTable(sink, ['Alerts', 'Entity'], rows, { right: [0], prose: 1 })
}

/** The most frequent of some texts; of equals those that come first in the alphabet. */
function counted(texts: readonly string[]): readonly (readonly [string, number])[] {
  return [...Map.groupBy(texts, (text) => text)]
    .map(([text, all]) => [text, all.length] as const)
    .toSorted(([a, one], [b, two]) => two - one || compare(a, b))
    .slice(0, most)
}

const meanings = {
  present: 'their logs were there all the time: silence means something',
  partly: 'some of their logs were missing, or missing for some of the time',
  absent: 'none of their logs was there: silence means nothing',
} as const

function coverageText({ outcomes }: Hunt): string {
  const silent = outcomes.filter(({ status }) => status === 'silent')
  const lines = coverages.map((coverage) => {
    const those = silent.filter((outcome) => outcome.coverage === coverage)
    const logs = coverage === 'present' ? '' : missingText(those)
    return `  ${countText(those.length).padStart(5)} silent rules: ${meanings[coverage]}${logs}`
  })
  const isActivity = silent.some(({ tables }) => tables.includes('AzureActivity'))
  const remark = isActivity
    ? ['  the Activity Log holds no reads: what was only looked at leaves no trace there']
    : []
  return `${[...lines, ...remark].join('\n')}\n`
}

function missingText(outcomes: readonly HuntedRule[]): string {
  const tables = new Set(
    outcomes.flatMap(({ rule, tables: named }) =>
      rule.logs.length > 0 ? rule.logs.map(({ table }) => table) : named,
    ),
  )
  const names = [...tables].toSorted()
  if (names.length === 0) return ''
  const rest = names.length > mostNames ? ` and ${names.length - mostNames} more` : ''
  return `\n        ${names
    .slice(0, mostNames)
    .map((name) => visible(name))
    .join(', ')}${rest}`
}

function failuresText(sink: Sink, { outcomes, refused }: Hunt): string {
  const failures = [
    ...outcomes
      .filter(({ status }) => status === 'refused' || status === 'stopped')
      .map(({ rule, status, reason }) => ({
        status,
        name: rule.path,
        reason: reason ?? '',
      })),
    ...refused.map(({ path, reason }) => ({ status: 'refused', name: path, reason })),
  ]
  if (failures.length === 0) return ''
  const lines = failures
    .slice(0, most)
    .map(
      ({ status, name, reason }) => `  ${sink.paint('yellow', status)} ${visible(name)}: ${visible(reason)}`,
    )
  const rest = failures.length > most ? [`  and ${failures.length - most} more: azimuth hunt -o json`] : []
  return `${sink.paint(['bold', 'cyan'], 'Rules that did not run')}\n${[...lines, ...rest].join('\n')}\n`
}

function fastText({ outcomes, stored }: Hunt): string {
  if (stored) return ''
  const skipped = outcomes.reduce(
    (sum, { runs }) => sum + Math.max(0, runs.active - runs.made - runs.suppressed),
    0,
  )
  const coarse = outcomes.filter(({ runs }) => runs.made + runs.suppressed < runs.active).length
  return `--fast left out ${countText(skipped)} runs of ${countText(coarse)} rules, and kept no alerts: hunt again without it\n`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : 1
}
