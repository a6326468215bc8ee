import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Alert } from './alert.ts'

export const statuses = ['new', 'active', 'closed'] as const
export type AlertStatus = (typeof statuses)[number]

const common = { who: z.string(), why: z.string(), at: z.string(), until: z.string().optional() }
const noteSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('status'), alert: z.string(), status: z.enum(statuses), ...common }),
  z.object({ kind: z.literal('allow'), rule: z.string(), entity: z.string().optional(), ...common }),
])

/** What somebody said about an alert, or about all of a rule: who, why, and until when it holds. Never taken back, only outlived. */
export type AlertNote = z.infer<typeof noteSchema>

export interface ViewedAlert {
  readonly alert: Alert
  readonly status: AlertStatus
  /** Allowed, or closed. */
  readonly isHidden: boolean
  /** What was said last. */
  readonly note?: AlertNote
}

const fileName = 'alert-notes.jsonl'

/** Adds a note to those of a case. */
export async function addNote(caseFolder: string, note: AlertNote): Promise<void> {
  await appendFile(join(caseFolder, fileName), `${JSON.stringify(note)}\n`, { mode: 0o600 })
}

/** The notes of a case, in the order in which they were made. */
export async function readNotes(caseFolder: string): Promise<readonly AlertNote[]> {
  let text
  try {
    text = await readFile(join(caseFolder, fileName), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => noteSchema.parse(JSON.parse(line)))
}

/** Alerts as they stand now: the last note that holds decides. */
export async function viewAlerts(
  caseFolder: string,
  alerts: readonly Alert[],
  now: Date = new Date(),
): Promise<readonly ViewedAlert[]> {
  const notes = await readNotes(caseFolder)
  const valid = notes.filter(({ until }) => until === undefined || Date.parse(until) > now.getTime())
  return alerts.map((alert): ViewedAlert => {
    const own = valid.filter((note) => isAbout(note, alert))
    const last = own.findLast((note) => note.kind === 'status')
    const allowed = own.findLast((note) => note.kind === 'allow')
    const status = last?.status ?? 'new'
    const note = own.at(-1)
    return {
      alert,
      status,
      isHidden: status === 'closed' || allowed !== undefined,
      ...(note ? { note } : {}),
    }
  })
}

function isAbout(note: AlertNote, alert: Alert): boolean {
  if (note.kind === 'status') return note.alert === alert.id
  if (note.rule !== alert.ruleId) return false
  const { entity } = note
  if (entity === undefined) return true
  const wanted = entity.toLowerCase()
  return alert.entities.some(({ Type: _type, ...identifiers }) =>
    Object.values(identifiers).some((value) => value.toLowerCase() === wanted),
  )
}
