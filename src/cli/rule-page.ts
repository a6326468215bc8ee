import type { Rule } from '../hunt/rule.ts'
import type { Sink } from './terminal.ts'
import { visible, visibleLines } from './visible.ts'

/** One rule as text: what it finds, when it runs, why it matters, and its query. */
export function ruleText(sink: Sink, rule: Rule): string {
  const facts = [
    ['id', rule.id],
    ['file', rule.path],
    ['level', rule.level],
    ['tactics', rule.tactics.join(', ')],
    ['techniques', [...rule.techniques, ...rule.tags].join(', ')],
    ['runs', scheduleText(rule)],
    [
      'logs',
      rule.logs.map(({ table, category }) => `${table}${category ? ` (${category})` : ''}`).join(', '),
    ],
  ] as const
  const parts = [
    ['', rule.description],
    ['Why', rule.guide.why],
    ['Look next', rule.guide.next],
    ['Harmless causes', rule.guide.benign],
    ['Query', rule.query],
  ] as const
  const heading = sink.paint('bold', visible(rule.name))
  const lines = facts
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${sink.paint('dim', name.padEnd(10))} ${visible(value)}`)
  const blocks = parts
    .filter(([, text]) => text !== undefined && text.trim() !== '')
    .map(
      ([title, text]) =>
        `${title === '' ? '' : `${sink.paint('bold', title)}\n`}${visibleLines(text?.trimEnd() ?? '')}`,
    )
  return `${[`${heading}\n${lines.join('\n')}`, ...blocks].join('\n\n')}\n`
}

function scheduleText({ schedule, trigger, grouping, firstSeen }: Rule): string {
  if (!schedule) return 'once over all evidence'
  const first = firstSeen ? `, first seen in ${firstSeen.days} days by ${firstSeen.by.join(', ')}` : ''
  const when = `every ${durationText(schedule.frequencyMs)} over ${durationText(schedule.periodMs)}${first}`
  const threshold = `${trigger.operator} ${trigger.threshold}`
  return `${when}; rows ${threshold}; one alert a ${grouping}`
}

function durationText(milliseconds: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
  ] as const
  const unit = units.find(([, size]) => milliseconds % size === 0) ?? ['s', 1000]
  return `${milliseconds / unit[1]}${unit[0]}`
}
