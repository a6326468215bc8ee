import type { IngestReport } from '../evidence/report.ts'
import { fitWidth } from './display-width.ts'
import { checksumsText } from './ingest-text.ts'
import { countText, durationText } from '../quantity.ts'
import type { Sink } from './terminal.ts'
import { textTable } from './text-table.ts'
import { minuteText } from './time-text.ts'
import type { TriageFindings } from './triage-findings.ts'
import { findingsTexts } from './triage-findings-text.ts'
import type { TriageBusy, TriagePage, TriagePresence } from './triage-page.ts'
import { visible } from './visible.ts'

// On a narrower terminal the beginning of a subscription's GUID must do.
const wideColumns = 150

// A log that ends before the others counts as silent where it spoke often, and was never silent so long before.
const leastHours = 24
const noteworthySilenceMs = 6 * 3_600_000

export type TriageTextInput = {
  readonly caseName: string
  readonly report: IngestReport
  readonly page: TriagePage
  readonly conflicts: number
  readonly seconds: number
  /** Absent where nobody looked for them. */
  readonly findings?: TriageFindings
  /** What the user types to call Azimuth. */
  readonly azimuth: string
}

/** The page of `triage`. */
export function triageText(sink: Sink, input: TriageTextInput): string {
  const { page } = input
  const heading = (text: string): string => sink.paint(['bold', 'cyan'], text)
  const blocks = [
    takenText(sink, input),
    checksumsText(sink, input.report),
    `${heading('What is there')}\n${presencesText(sink, page)}`,
    `${heading('What is not there')}\n${missingText(page)}`,
    `${heading('What did not fit')}\n${oddText(input)}`,
    ...busyTexts(sink, page, heading),
    ...(input.findings === undefined ? [] : findingsTexts(sink, input.findings)),
    `${heading('Next')}\n${nextText(input)}`,
  ]
  return blocks.filter((block) => block !== '').join('\n')
}

function takenText(sink: Sink, { caseName, report, seconds }: TriageTextInput): string {
  const { totals, files } = report
  const what = [
    `${countText(files.length)} files`,
    `${countText(totals.records)} records`,
    `${countText(totals.rows)} new rows`,
    `${countText(totals.duplicates)} duplicates`,
  ]
  return `${sink.paint('bold', `case ${visible(caseName)}`)}: ${what.join(', ')} in ${seconds.toFixed(1)} s\n`
}

function presencesText(sink: Sink, { presences, newestMs }: TriagePage): string {
  if (presences.length === 0) return '  nothing: no record was recognised\n'
  const rows = presences.map((presence) => [
    presence.table,
    fitWidth(presence.subscription || '-', sink.columns < wideColumns ? 9 : Infinity),
    countText(presence.rows),
    minuteText(presence.first),
    minuteText(presence.last),
    gapText(presence, newestMs),
  ])
  return textTable(
    sink,
    ['Table', 'Subscription', 'Rows', 'First (UTC)', 'Last (UTC)', 'Longest gap'],
    rows,
    { right: [2], prose: 5 },
  )
}

function gapText({ gap, last, hours }: TriagePresence, newestMs: number): string {
  const silentMs = newestMs - Date.parse(last)
  const isSilent = hours >= leastHours && silentMs > Math.max(noteworthySilenceMs, gap?.ms ?? 0)
  const parts = [
    ...(gap === undefined ? [] : [`${durationText(gap.ms)} from ${minuteText(gap.from)}`]),
    ...(isSilent ? [`silent for the last ${durationText(silentMs)}`] : []),
  ]
  return parts.join('; ')
}

function missingText({ missing }: TriagePage): string {
  if (missing.length === 0) return '  each kind of log that Azimuth looks for is there\n'
  return missing.map(({ what, lacks }) => `  ${visible(what)}: ${visible(lacks)}\n`).join('')
}

function oddText({ report, conflicts }: TriageTextInput): string {
  const lines = [
    `  ${countText(report.totals.quarantined)} records in quarantine, ${countText(conflicts)} records with differing values`,
  ]
  for (const verdict of ['skipped', 'partial'] as const) {
    const files = report.files.filter((file) => file.verdict === verdict)
    if (files.length > 0)
      lines.push(`  ${countText(files.length)} files ${verdict === 'skipped' ? 'skipped' : 'read in part'}:`)
    for (const [reason, alike] of Map.groupBy(files, (file) => file.reason ?? 'no reason given')) {
      lines.push(
        `    ${countText(alike.length)} × ${visible(reason)}, such as ${visible(alike[0]?.path ?? '')}`,
      )
    }
  }
  return `${lines.join('\n')}\n`
}

function busyTexts(sink: Sink, page: TriagePage, heading: (text: string) => string): readonly string[] {
  const lists = [
    ['Busiest identities', page.identities],
    ['Busiest addresses', page.addresses],
    ['Busiest accounts and vaults', page.accounts],
  ] as const
  return lists
    .filter(([, list]) => list.length > 0)
    .map(
      ([title, list]) =>
        `${heading(title)}\n${textTable(sink, ['Records', 'Name'], list.map(busyRow), { right: [0] })}`,
    )
}

function busyRow({ name, records }: TriageBusy): readonly string[] {
  return [countText(records), name]
}

function nextText({ page, report, conflicts, findings, azimuth }: TriageTextInput): string {
  // A name of a log's that a shell could take for more than a word is not put into a command.
  const suspect = findings?.suspects.find(({ name }) => /^\w[\w.@-]*$/.test(name))
  const commands = [
    ...(report.totals.quarantined > 0 ? ['quarantine'] : []),
    ...(page.presences.length > 0 ? ['hunt'] : []),
    ...(page.accounts.length > 0 ? ['access --all'] : []),
    ...(suspect === undefined ? [] : [`identity ${suspect.name}`]),
    ...page.questions.slice(0, 2).map((kql) => `query "${kql}"`),
    ...(conflicts > 0 ? ['conflicts'] : []),
    'verify',
    'tables',
    'doctor',
  ]
  return commands
    .slice(0, 4)
    .map((command) => `  ${azimuth} ${command}\n`)
    .join('')
}
