import { userInfo } from 'node:os'
import type { Alert } from '../../hunt/alert.ts'
import type { AlertNote, AlertStatus, ViewedAlert } from '../../hunt/alert-view.ts'
import { isAtLeast, type Level } from '../../hunt/rule.ts'
import { alertColumns, alertRow } from '../alert-rows.ts'
import { exitCode, type ExitCode } from '../exit-code.ts'
import { UsageError } from '../failure.ts'
import { alertJson } from '../hunt-json.ts'
import { jsonText } from '../json-cell.ts'
import { writeRows, type OutputFormat } from '../output.ts'
import { withCase, type CaseOptions, type Invocation, type Session } from '../session.ts'

export type AlertListOptions = CaseOptions & {
  readonly minLevel: Level
  readonly all?: boolean
  readonly output?: OutputFormat
}

export type NoteOptions = CaseOptions & {
  readonly why: string
  readonly who?: string
  readonly until?: string
}

/** Lists the alerts that hunts found; those that are closed or allowed only with `--all`. */
export async function alertList(invocation: Invocation, options: AlertListOptions): Promise<ExitCode> {
  const { terminal } = invocation
  return await withCase(invocation, options, { command: 'alert list', create: false }, async (session) => {
    const viewed = (await viewedAlerts(session)).filter(({ alert }) =>
      isAtLeast(alert.level, options.minLevel),
    )
    const shown = viewed.filter(({ isHidden }) => options.all === true || !isHidden)
    const columns = [...alertColumns, ...['Status', 'Note'].map((name) => ({ name, type: 'string' }))]
    const rows = shown.map(({ alert, status, note }) => [...alertRow(alert), status, noteText(note)])
    await writeRows(terminal, columns, rows, { output: options.output ?? 'table', csvSafe: true })
    const hidden = viewed.length - shown.length
    if (hidden > 0) await terminal.err.write(`${hidden} more are closed or allowed: --all shows them\n`)
    return exitCode.ok
  })
}

/** Shows one alert with everything that is known of it, as JSON. */
export async function alertShow(invocation: Invocation, id: string, options: CaseOptions): Promise<ExitCode> {
  return await withCase(invocation, options, { command: 'alert show', create: false }, async (session) => {
    const { alert, status, note } = found(await viewedAlerts(session), id)
    const shown = { ...alertJson(alert), status, ...(note ? { note } : {}) }
    await invocation.terminal.out.write(`${jsonText(shown)}\n`)
    return exitCode.ok
  })
}

/** Gives an alert a status. */
export async function alertSet(
  invocation: Invocation,
  id: string,
  status: AlertStatus,
  options: NoteOptions,
): Promise<ExitCode> {
  return await withCase(invocation, options, { command: 'alert set', create: false }, async (session) => {
    const { alert } = found(await viewedAlerts(session), id)
    await note(session, { kind: 'status', alert: alert.id, status, ...noteOf(options) })
    return exitCode.ok
  })
}

/** Allows what a rule finds, all of it or about one entity. */
export async function alertAllow(
  invocation: Invocation,
  rule: string,
  options: NoteOptions & { readonly entity?: string },
): Promise<ExitCode> {
  return await withCase(invocation, options, { command: 'alert allow', create: false }, async (session) => {
    const known = (await viewedAlerts(session)).map(({ alert }) => alert)
    const word = rule.toLowerCase()
    const match = known.find((alert) => alert.ruleId === word || alert.rule.toLowerCase() === word)
    if (!match) throw new UsageError(`no alert is of a rule ${rule}`, 'azimuth alert list')
    const { entity } = options
    await note(session, {
      kind: 'allow',
      rule: match.ruleId,
      ...(entity === undefined ? {} : { entity }),
      ...noteOf(options),
    })
    return exitCode.ok
  })
}

/** The alerts that hunts kept, as they stand now. */
export async function viewedAlerts(session: Session): Promise<readonly ViewedAlert[]> {
  const [{ readAlerts }, { viewAlerts }] = await Promise.all([
    import('../../hunt/alert-store.ts'),
    import('../../hunt/alert-view.ts'),
  ])
  const { engine } = await session.case.workbench()
  return await viewAlerts(session.folder.path, await readAlerts(engine.owner))
}

async function note(session: Session, content: AlertNote): Promise<void> {
  const { addNote } = await import('../../hunt/alert-view.ts')
  await addNote(session.folder.path, content)
}

function noteOf({ who, why, until }: NoteOptions): Pick<AlertNote, 'who' | 'why' | 'at' | 'until'> {
  if (why.trim() === '') throw new UsageError('a reason is needed', '--why TEXT')
  if (until !== undefined && Number.isNaN(Date.parse(until)))
    throw new UsageError(`${JSON.stringify(until)} is no date`, 'write 2026-03-02')
  const at = new Date().toISOString()
  return { who: who ?? userInfo().username, why, at, ...(until === undefined ? {} : { until }) }
}

function found(viewed: readonly ViewedAlert[], id: string): ViewedAlert {
  const matches = viewed.filter(({ alert }: { readonly alert: Alert }) =>
    alert.id.startsWith(id.toLowerCase()),
  )
  const [first] = matches
  if (!first) throw new UsageError(`no alert has the id ${id}`, 'azimuth alert list')
  if (matches.length > 1) throw new UsageError(`${matches.length} alerts have ids that begin with ${id}`)
  return first
}

function noteText(content: AlertNote | undefined): string {
  if (!content) return ''
  const until = content.until === undefined ? '' : ` until ${content.until}`
  return `${content.who}: ${content.why}${until}`
}
