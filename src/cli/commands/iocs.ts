import { isAtLeast, type Level } from '../../hunt/rule.ts'
import { seedsOf, type Seed } from '../../hunt/seeds.ts'
import { termLine } from '../../trail/term-list.ts'
import { exitCode, type ExitCode } from '../exit-code.ts'
import { writeRows, type OutputFormat } from '../output.ts'
import { countText } from '../../quantity.ts'
import { withCase, type CaseOptions, type Invocation } from '../session.ts'
import { viewedAlerts } from './alert.ts'

export type IocsOptions = CaseOptions & {
  readonly minLevel: Level
  readonly all?: boolean
  readonly output: 'text' | Exclude<OutputFormat, 'table'>
}

const columns = [
  { name: 'Kind', type: 'string' },
  { name: 'Value', type: 'string' },
  { name: 'Level', type: 'string' },
  { name: 'Alerts', type: 'long' },
  { name: 'First', type: 'datetime' },
  { name: 'Last', type: 'datetime' },
] as const

/** Prints what the alerts of a case name, as a list that `search -f` takes. */
export async function iocs(invocation: Invocation, options: IocsOptions): Promise<ExitCode> {
  const { terminal } = invocation
  return await withCase(invocation, options, { command: 'iocs', create: false }, async (session) => {
    const viewed = await viewedAlerts(session)
    const alerts = viewed
      .filter(({ isHidden }) => options.all === true || !isHidden)
      .map(({ alert }) => alert)
      .filter(({ level }) => isAtLeast(level, options.minLevel))
    const seeds = seedsOf(alerts)
    if (options.output === 'text') await terminal.out.write(listText(seeds))
    else
      await writeRows(
        terminal,
        columns,
        seeds.map(({ kind, value, level, alerts: count, first, last }) => [
          kind,
          value,
          level,
          count,
          first,
          last,
        ]),
        { output: options.output, csvSafe: true },
      )
    const talk = `${countText(seeds.length)} values of ${alertsText(alerts.length)}`
    const hidden = viewed.length - alerts.length
    const rest = hidden === 0 ? '' : `; ${countText(hidden)} more are allowed, closed or of a lower level`
    const why = viewed.length === 0 ? '; alerts are kept by azimuth hunt, but not by its --fast' : ''
    await terminal.err.write(`${talk}${rest}${why}\n`)
    return exitCode.ok
  })
}

/** One value a line; what they are, and of how many alerts, stands in comments above. */
function listText(seeds: readonly Seed[]): string {
  const groups = Map.groupBy(seeds, ({ kind, level, alerts }) => `# ${kind}: ${level}, ${alertsText(alerts)}`)
  return [...groups]
    .map(([comment, group]) => `${[comment, ...group.map(({ value }) => termLine(value))].join('\n')}\n`)
    .join('')
}

function alertsText(count: number): string {
  return `${countText(count)} ${count === 1 ? 'alert' : 'alerts'}`
}
