import { resolve } from 'node:path'
import type { AskOptions } from '../case/ask.ts'
import type { Case } from '../case/case.ts'
import { AzimuthError } from '../error.ts'
import type { IngestionTime } from '../kql/emitter.ts'
import { UsageError } from './failure.ts'
import { readLimits, type LimitOptions } from './limits.ts'
import type { Session } from './session.ts'
import type { Terminal } from './terminal.ts'

/** Files that questions may name. */
export type FileOptions = { readonly external?: string; readonly geoip?: string }

/** The options of every command that asks in KQL. */
export type QuestionOptions = LimitOptions &
  FileOptions & {
    readonly asOf?: string
    readonly ingestionTime?: IngestionTime
    readonly param?: readonly string[]
  }

export type Question = AskOptions & { readonly now?: bigint }

type Asked = Pick<Case, 'evidenceSpan'>
type Reads = Session['reads']

/** What the command line says of how its questions are to be asked. */
export async function readQuestion(
  terminal: Terminal,
  { case: source, reads }: { readonly case: Asked; readonly reads: Reads },
  options: QuestionOptions,
): Promise<Question> {
  const { signal } = terminal
  const now = options.asOf === undefined ? undefined : await readAsOf(source, options.asOf)
  if (now !== undefined && options.asOf === 'end') {
    const { printDatetime } = await import('../kql/literals.ts')
    await terminal.err.write(terminal.err.paint('dim', `as of ${printDatetime(now)} UTC, the last record\n`))
  }
  const { ingestionTime } = options
  return {
    signal,
    ...readFiles(terminal, reads, options),
    limits: readLimits(options),
    ...(now !== undefined && { now }),
    ...(ingestionTime && { ingestionTime }),
    ...(options.param && { parameters: readParameters(options.param) }),
  }
}

/** What the command line says of files; custody names each that is read, once. */
export function readFiles(
  { surroundings }: Terminal,
  reads: Reads,
  options: FileOptions,
): Pick<AskOptions, 'external' | 'geoip' | 'onRead'> {
  const { external, geoip } = options
  const told = new Set<string>()
  return {
    onRead: (file) => {
      const key = `${file.name} ${file.sha256}`
      if (!told.has(key)) reads(file)
      told.add(key)
    },
    ...(external && { external: resolve(surroundings.directory, external) }),
    ...(geoip && { geoip: resolve(surroundings.directory, geoip) }),
  }
}

function readParameters(words: readonly string[]): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  for (const word of words) {
    const [, name, value] = /^(\w+)=(.*)$/s.exec(word) ?? []
    if (name === undefined || value === undefined)
      throw new UsageError(`${JSON.stringify(word)} gives no parameter a value`, 'write --param NAME=VALUE')
    if (parameters.has(name)) throw new UsageError(`the parameter ${name} is given twice`)
    parameters.set(name, value)
  }
  return parameters
}

async function readAsOf(source: Asked, text: string): Promise<bigint> {
  if (text === 'end') {
    const span = await source.evidenceSpan()
    if (span !== undefined) return span.last
    throw new AzimuthError('case-empty', '--as-of end needs a last record, and the case has none', {
      hint: 'take logs in with azimuth ingest PATH…, or give a time',
    })
  }
  const { parseDatetime } = await import('../kql/literals.ts')
  const ticks = parseDatetime(text)
  if (ticks !== undefined) return ticks
  throw new UsageError(
    `${JSON.stringify(text)} is not a time`,
    '--as-of takes end, or a time in UTC such as 2026-03-01T12:00:00Z',
  )
}

/** What to say of an empty answer to a question about now, where the records of the case are older. */
export async function emptyRemark(source: Asked, now: bigint): Promise<string | undefined> {
  const span = await source.evidenceSpan()
  if (span === undefined) return 'the case is empty; take logs in with: azimuth ingest PATH…'
  if (now >= span.first && now <= span.last) return undefined
  const { printDatetime } = await import('../kql/literals.ts')
  const [first, last, asked] = [span.first, span.last, now].map((ticks) => printDatetime(ticks).slice(0, 16))
  return `the query counts from ${asked}, and the records of this case are from ${first} to ${last} UTC: try --as-of end`
}
