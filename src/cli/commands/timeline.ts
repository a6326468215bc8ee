import { timelineQuestion } from '../../trail/timeline.ts'
import { exitCode, type ExitCode } from '../exit-code.ts'
import { UsageError } from '../failure.ts'
import { writeRows, type OutputFormat } from '../output.ts'
import { withCase, type CaseOptions, type Invocation } from '../session.ts'

export type TimelineOptions = CaseOptions & {
  readonly entity?: string
  readonly since?: string
  readonly until?: string
  readonly output?: OutputFormat | 'timesketch'
}

/** Prints what identities did, by time: all, or what bears on one entity. */
export async function timeline(invocation: Invocation, options: TimelineOptions): Promise<ExitCode> {
  const since = timeOf(options.since, '--since')
  const until = timeOf(options.until, '--until')
  const { kql, values } = timelineQuestion({
    ...(options.entity !== undefined && { entity: options.entity }),
    ...(since && { since }),
    ...(until && { until }),
  })
  const { terminal } = invocation
  return await withCase(invocation, options, { command: 'timeline', create: false }, async (session) => {
    const answer = await session.case.ask(kql, { parameters: new Map(Object.entries(values)) })
    if (!answer.ok) throw new Error(answer.diagnostics.map(({ message }) => message).join('; '))
    const output = options.output ?? 'table'
    if (output !== 'timesketch') await writeRows(terminal, answer.columns, answer.rows, { output })
    else await writeRows(terminal, timesketchColumns, timesketchRows(answer.rows), { output: 'ndjson' })
    return exitCode.ok
  })
}

const timesketchColumns = [
  'message',
  'datetime',
  'timestamp_desc',
  'who',
  'source_ip',
  'target',
  'result',
  'client',
  'user_agent',
  'session',
  'data_type',
  'record',
].map((name) => ({ name, type: 'string' }))

/** The fields that Timesketch wants of each line: a message, a time and what the time is. */
async function* timesketchRows(rows: AsyncIterable<readonly unknown[]>): AsyncGenerator<readonly unknown[]> {
  for await (const [
    time,
    kind,
    who,
    address,
    what,
    target,
    result,
    client,
    agent,
    ,
    ,
    ,
    session,
    table,
    record,
  ] of rows)
    yield [
      [kind, who, what, target].filter((part) => part !== '').join(' · '),
      time,
      'Event Logged',
      ...[who, address, target, result, client, agent, session],
      `azure:${String(table)}`,
      record,
    ]
}

function timeOf(text: string | undefined, option: string): Date | undefined {
  if (text === undefined) return undefined
  const time = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text)
  if (Number.isNaN(time.getTime()))
    throw new UsageError(`${option} takes a time such as 2026-02-22T10:00:00Z`)
  return time
}
