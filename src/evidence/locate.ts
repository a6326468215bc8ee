import type { Connection } from '../engine/connection.ts'
import { AzimuthError } from '../error.ts'
import { tableIn } from '../sql/database.ts'
import { sql } from '../sql/template.ts'
import { hashMember } from './read/hash-member.ts'
import { readSpan, type Member } from './read/member.ts'
import { ReadError } from './read/problem.ts'
import { readRecords } from './read/records.ts'
import { recogniseContent, type Content } from './read/recognise-content.ts'
import { walkEvidence } from './read/walk.ts'

/** Where a record stands in its member. */
export interface RecordSpan {
  readonly record: number
  readonly offset: number
  readonly length: number
}

/** The bytes of a record, and the member as a walk shows it. */
export interface LocatedRecord extends RecordSpan {
  readonly path: string
  readonly evidence: string
  readonly bytes: Uint8Array
}

/**
 * Finds records of one piece of evidence again, by splitting it as it was split when it was taken in. The bytes are
 * those that stand there: a file that no longer has its hash is refused.
 */
export async function locateRecords(
  connection: Connection,
  evidence: string,
  records: readonly number[],
): Promise<readonly LocatedRecord[]> {
  const { member, spans } = await findSpans(connection, evidence, records)
  const located: LocatedRecord[] = []
  for (const span of spans) {
    const bytes = await readSpan(member, span.offset, span.length)
    located.push({ ...span, path: member.path, evidence, bytes })
  }
  return located
}

/** The spans of records of one piece of evidence, in the order of the file. */
export async function findSpans(
  connection: Connection,
  evidence: string,
  records: readonly number[],
): Promise<{ readonly member: Member; readonly spans: readonly RecordSpan[] }> {
  const member = await findEvidence(connection, evidence)
  const wanted = new Set(records)
  const spans: RecordSpan[] = []
  for await (const batch of readRecords(member, await contentOf(connection, evidence, member))) {
    for (const { record, offsetBytes, lengthBytes } of batch) {
      if (wanted.has(record)) spans.push({ record, offset: offsetBytes, length: lengthBytes })
    }
    if (spans.length === wanted.size) break
  }
  return { member, spans }
}

interface EvidencePlace {
  readonly file: string
  readonly location: string
  readonly sizeBytes: string
}

/** The member with this SHA-256, at the first of its known places where it still stands unchanged, or has only grown. */
export async function findEvidence(connection: Connection, evidence: string): Promise<Member> {
  const places = await connection.rows<EvidencePlace>(
    sql`SELECT DISTINCT file, location, sizeBytes FROM ${tableIn('ledger', 'Sources')} WHERE evidence = ${evidence} AND state != 'skipped'`,
  )
  let changed: string | undefined
  for (const { file, location, sizeBytes } of places) {
    const member = await findMember(file, location)
    if (member === undefined) continue
    const whole = await holdsEvidence(member, evidence, Number(sizeBytes))
    if (whole !== undefined) return whole
    changed = location
  }
  if (changed !== undefined) {
    throw new AzimuthError('evidence-changed', `${changed} is not what was taken in: its SHA-256 differs`, {
      hint: 'find the original: azimuth verify lists all evidence that changed',
    })
  }
  throw new AzimuthError(
    'evidence-missing',
    `evidence ${evidence.slice(0, 12)} is not where it was taken in`,
    {
      hint: places.map(({ location }) => `put it back at ${location}`).join(', or '),
    },
  )
}

/** The member as far as it is the evidence of that hash and size: all of it, or the beginning of what has grown since. */
export async function holdsEvidence(
  member: Member,
  evidence: string,
  sizeBytes: number,
): Promise<Member | undefined> {
  const hash = await hashMember(member, { cutsAt: [sizeBytes] }).catch((error: unknown) => {
    if (error instanceof ReadError) return undefined
    throw error
  })
  if (hash?.sha256 === evidence) return member
  if (hash?.cuts[0]?.sha256 !== evidence) return undefined
  return {
    ...member,
    sizeBytes,
    open: (range) => member.open({ ...range, end: Math.min(range?.end ?? sizeBytes, sizeBytes) }),
  }
}

async function findMember(file: string, location: string): Promise<Member | undefined> {
  try {
    for await (const found of walkEvidence([file])) {
      if (found.kind === 'member' && found.path === location) return found
    }
  } catch (error) {
    if (error instanceof AzimuthError && error.code === 'evidence-missing') return undefined
    throw error
  }
  return undefined
}

async function contentOf(connection: Connection, evidence: string, member: Member): Promise<Content> {
  const rows = await connection.rows<{ content: string }>(
    sql`SELECT content FROM ${tableIn('ledger', 'Evidence')} WHERE evidence = ${evidence} LIMIT 1`,
  )
  const text = rows[0]?.content
  // The ledger holds what `recogniseContent` gave.
  return text === undefined ? recogniseContent(member) : (JSON.parse(text) as Content)
}
