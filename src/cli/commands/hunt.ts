import type { Alert } from '../../hunt/alert.ts'
import type { Hunt } from '../../hunt/hunt.ts'
import type { Level } from '../../hunt/rule.ts'
import { exitCode, type ExitCode } from '../exit-code.ts'
import { UsageError } from '../failure.ts'
import { alertColumns, alertRow } from '../alert-rows.ts'
import { alertJson, huntJson, navigatorLayer, timesketchJson } from '../hunt-json.ts'
import { huntText } from '../hunt-text.ts'
import { jsonText } from '../json-cell.ts'
import { writeRows } from '../output.ts'
import { Progress } from '../progress.ts'
import { readFiles, type FileOptions } from '../question.ts'
import { withCase, type CaseOptions, type Invocation } from '../session.ts'
import type { Terminal } from '../terminal.ts'
import { loadRules } from './rules.ts'

export type HuntCommandOptions = CaseOptions &
  FileOptions & {
    readonly rules: string
    readonly since?: string
    readonly until?: string
    readonly minLevel: Level
    readonly failOn: Level
    readonly fast?: boolean
    readonly includeAlerts?: boolean
    readonly output: 'table' | 'json' | 'ndjson' | 'csv' | 'timesketch' | 'navigator'
  }

/** Hunts in the case's evidence with rules; exits with 2 if an alert reaches `--fail-on`. */
export async function hunt(invocation: Invocation, options: HuntCommandOptions): Promise<ExitCode> {
  const { terminal } = invocation
  const [since, until] = [timeOf(options.since), timeOf(options.until)]
  const [{ hunt: run }, { isAtLeast }, { viewAlerts }] = await Promise.all([
    import('../../hunt/hunt.ts'),
    import('../../hunt/rule.ts'),
    import('../../hunt/alert-view.ts'),
  ])
  return await withCase(invocation, options, { command: 'hunt', create: false }, async (session) => {
    const { rules, refused } = await loadRules(terminal, options.rules, session.case)
    using progress = new Progress(terminal.err)
    const found = await run(session.case, {
      rules: rules.filter(
        (rule) => options.minLevel === 'informational' || isAtLeast(rule.level, options.minLevel),
      ),
      refused,
      isFast: options.fast === true,
      includesAlerts: options.includeAlerts === true,
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      files: readFiles(terminal, session.reads, options),
      signal: terminal.signal,
      onProgress: ({ done, total, rule, alerts }) =>
        progress.show(`${done} of ${total} rules, ${alerts} alerts: ${rule}`),
    })
    progress.clear()
    const all = found.outcomes.flatMap(({ alerts }) => alerts)
    const viewed = await viewAlerts(session.folder.path, all)
    const alerts = viewed
      .filter(({ isHidden, alert }) => !isHidden && isAtLeast(alert.level, options.minLevel))
      .map(({ alert }) => alert)
    await print(terminal, found, alerts, options)
    const allowed = viewed.filter(({ isHidden }) => isHidden).length
    if (allowed > 0)
      await terminal.err.write(`${allowed} alerts are allowed or closed: azimuth alert list --all\n`)
    return alerts.some(({ level }) => isAtLeast(level, options.failOn)) ? exitCode.findings : exitCode.ok
  })
}

async function print(
  terminal: Terminal,
  found: Hunt,
  alerts: readonly Alert[],
  { output }: HuntCommandOptions,
): Promise<void> {
  const { out, err } = terminal
  switch (output) {
    case 'json':
      await out.write(`${jsonText(huntJson(found, alerts))}\n`)
      return
    case 'ndjson':
    case 'timesketch': {
      const form = output === 'ndjson' ? alertJson : timesketchJson
      for (const alert of alerts) await out.write(`${jsonText(form(alert))}\n`)
      break
    }
    case 'navigator':
      await out.write(`${jsonText(navigatorLayer(alerts))}\n`)
      break
    case 'csv':
      await writeRows(
        terminal,
        alertColumns,
        alerts.map((alert) => alertRow(alert)),
        { output, csvSafe: true },
      )
      break
    default:
      await out.write(huntText(out, found, alerts))
      return
  }
  await err.write(huntText(err, found, alerts))
}

/** Ticks of a time in UTC: a date, or a date and time. */
function timeOf(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined
  const iso = /^\d{4}-\d{2}-\d{2}$/.test(text)
    ? `${text}T00:00:00Z`
    : /Z$|[+-]\d\d:\d\d$/.test(text)
      ? text
      : `${text}Z`
  const milliseconds = Date.parse(iso)
  if (Number.isNaN(milliseconds))
    throw new UsageError(`${JSON.stringify(text)} is no time`, 'write 2026-03-02 or 2026-03-02T09:30Z')
  return BigInt(milliseconds) * 10_000n
}
