import type { Chain } from '../access/story.ts'
import type { AccessReport } from '../access/report.ts'
import type { Hunt } from '../hunt/hunt.ts'
import { levels } from '../hunt/rule.ts'
import { credentialText } from './access-text.ts'
import { rankedRules } from './hunt-text.ts'
import { byteText, countText } from '../quantity.ts'
import type { Sink } from './terminal.ts'
import { textTable } from './text-table.ts'
import { minuteText } from './time-text.ts'
import { leastLevel, type TriageFindings } from './triage-findings.ts'
import { visible } from './visible.ts'

const most = 5
const mostChains = 3

/** The end of the page of `triage`: top alerts, who reached data, identities to look at, and what was not looked at. */
export function findingsTexts(sink: Sink, findings: TriageFindings): readonly string[] {
  const heading = (text: string): string => sink.paint(['bold', 'cyan'], text)
  const identities = identitiesText(sink, findings)
  return [
    `${heading('Top alerts')}\n${alertsText(sink, findings)}`,
    `${heading('Who reached data')}\n${accessText(sink, findings.access)}`,
    ...(identities === '' ? [] : [`${heading('Identities to look at')}\n${identities}`]),
    `${heading('What was not looked at')}\n${unseenText(findings)}`,
  ]
}

function alertsText(sink: Sink, { alerts }: TriageFindings): string {
  if (alerts.length === 0) return '  none\n'
  const ranked = rankedRules(alerts)
  const rows = ranked
    .slice(0, most)
    .map(({ level, alerts: group, first, last, rule }) => [
      level,
      countText(group),
      minuteText(first),
      minuteText(last),
      rule,
    ])
  const table = textTable(sink, ['Level', 'Alerts', 'First (UTC)', 'Last (UTC)', 'Rule'], rows, {
    right: [1],
    prose: 4,
  })
  const byLevel = levels.toReversed().flatMap((level) => {
    const count = alerts.filter((alert) => alert.level === level).length
    return count === 0 ? [] : [`${countText(count)} ${level}`]
  })
  return `${table}  of ${countText(ranked.length)} rules with alerts: ${byLevel.join(', ')}\n`
}

function accessText(sink: Sink, { uses, chains, accounts }: AccessReport): string {
  const grave = chains.filter(({ level }) => level !== 'low')
  const top = uses
    .filter(({ bytes }) => bytes > 0)
    .toSorted((a, b) => b.bytes - a.bytes || b.requests - a.requests)
    .slice(0, most)
  const table =
    top.length === 0
      ? '  no read of content is in any log\n'
      : textTable(
          sink,
          ['Account', 'By', 'From', 'With', 'Objects', 'Bytes out'],
          top.map((use) => [
            use.account,
            credentialText(use),
            use.caller,
            use.agent,
            countText(use.objects),
            byteText(use.bytes),
          ]),
          { right: [4, 5] },
        )
  const blind = accounts.filter(({ verdict }) => verdict === 'blind')
  return [
    ...grave.slice(0, mostChains).map((chain) => chainLine(sink, chain)),
    ...(grave.length > mostChains ? [`  and ${countText(grave.length - mostChains)} more chains\n`] : []),
    table,
    ...blind.slice(0, most).map(({ account, why }) => `  ${visible(account)}: ${visible(why)}\n`),
    ...(blind.length > most ? [`  and ${countText(blind.length - most)} more accounts without reads\n`] : []),
  ].join('')
}

/** A chain in one line: how grave, of which accounts, from when to when, what went out and to where. */
function chainLine(sink: Sink, { level, accounts, first, last, steps }: Chain): string {
  const out = steps.filter(({ kind }) => ['read', 'copy-out', 'blind-read'].includes(kind))
  const objects = out.reduce((sum, step) => sum + step.objects, 0)
  const bytes = out.reduce((sum, step) => sum + step.bytes, 0)
  const places = [...new Set(out.map(({ address }) => address).filter((address) => address !== ''))]
  const to =
    places.length === 0 ? '' : ` to ${places.slice(0, 2).join(', ')}${places.length > 2 ? ', …' : ''}`
  const amounts = out.length === 0 ? 'no read' : `${countText(objects)} objects, ${byteText(bytes)}${to}`
  const style = level === 'high' ? 'red' : 'yellow'
  return `  ${sink.paint(style, level)} chain from credential to data: ${visible(accounts.join(', '))}, ${minuteText(first)} to ${minuteText(last)}: ${visible(amounts)}\n`
}

function identitiesText(sink: Sink, { suspects }: TriageFindings): string {
  if (suspects.length === 0) return ''
  const rows = suspects
    .slice(0, most)
    .map(({ level, alerts: count, rules, name }) => [level, countText(count), countText(rules), name])
  return textTable(sink, ['Level', 'Alerts', 'Rules', 'Identity'], rows, { right: [1, 2] })
}

function unseenText({ hunt }: TriageFindings): string {
  const { outcomes } = hunt
  const skipped = outcomes.reduce(
    (sum, { runs }) => sum + Math.max(0, runs.active - runs.made - runs.suppressed),
    0,
  )
  const refused = hunt.refused.length + outcomes.filter(({ status }) => status === 'refused').length
  return [
    runsText(skipped),
    silentText(hunt),
    ...(refused === 0 ? [] : [`  ${countText(refused)} rules were refused: hunt says why\n`]),
    ...outcomes
      .filter(({ status }) => status === 'stopped')
      .map(({ rule, reason }) => `  the rule ${visible(rule.name)} was stopped: ${visible(reason ?? '')}\n`),
  ].join('')
}

function runsText(skipped: number): string {
  const what =
    skipped === 0
      ? 'in the coarse form, which left out nothing here'
      : `in the coarse form, which left out ${countText(skipped)} runs`
  return `  rules of level ${leastLevel} and above ran ${what} and keeps no alerts: hunt runs all and keeps them\n`
}

/** Of the rules that found nothing, those for which that means nothing. */
function silentText({ outcomes }: Hunt): string {
  const silent = outcomes.filter(({ status }) => status === 'silent')
  const count = (coverage: string): number => silent.filter((each) => each.coverage === coverage).length
  const [absent, partly] = [count('absent'), count('partly')]
  return `  of ${countText(outcomes.length)} rules, ${countText(absent)} had none of their logs and ${countText(partly)} only a part: their silence means nothing\n`
}
