import type { Connection } from '../engine/connection.ts'
import { AzimuthError } from '../error.ts'
import { countEvidence } from '../evidence/account.ts'
import { holdsEvidence } from '../evidence/locate.ts'
import { hashMember } from '../evidence/read/hash-member.ts'
import type { Member } from '../evidence/read/member.ts'
import { ReadError } from '../evidence/read/problem.ts'
import { walkEvidence } from '../evidence/read/walk.ts'
import { tableIn } from '../sql/database.ts'
import { sql } from '../sql/template.ts'
import type { Table } from '../tables/types.ts'
import { verifyCustody } from './custody-verify.ts'
import { Recount, type Entry } from './recount.ts'

export interface VerifyFinding {
  readonly severity: 'ok' | 'note' | 'fault'
  readonly code: string
  readonly subject: string
  readonly message: string
}

interface Source {
  readonly file: string
  readonly location: string
  readonly evidence: string
  readonly archive: string
}

/** Walks custody, hashes and counts all evidence again where it stands, and proves that the case's rows add up to it. */
export async function* verifyCase(
  connection: Connection,
  folder: string,
  tables: readonly Table[],
  signal: AbortSignal | undefined,
): AsyncIterable<VerifyFinding> {
  yield* verifyChain(folder)
  const entries = await connection.rows<Entry>(
    sql`SELECT evidence, sizeBytes, records, unit, content FROM ${tableIn('ledger', 'Evidence')}`,
  )
  const recount = new Recount(connection, tables, await countEvidence(connection, tables))
  yield* verifyEvidence(connection, new Map(entries.map((entry) => [entry.evidence, entry])), recount, signal)
  yield* verifyCounts(entries, recount)
}

async function* verifyChain(folder: string): AsyncIterable<VerifyFinding> {
  const { entries, findings } = await verifyCustody(folder)
  for (const { severity, code, message } of findings)
    yield { severity, code, subject: 'custody.jsonl', message }
  if (findings.length === 0) {
    yield {
      severity: 'ok',
      code: 'custody',
      subject: 'custody.jsonl',
      message: `${entries} entries, unbroken`,
    }
  }
}

/** Walks each file on disk once, whatever number of members it gave, and counts each piece of evidence once. */
async function* verifyEvidence(
  connection: Connection,
  entries: ReadonlyMap<string, Entry>,
  recount: Recount,
  signal: AbortSignal | undefined,
): AsyncIterable<VerifyFinding> {
  const sources = await connection.rows<Source>(
    sql`SELECT file, location, evidence, argMax(s.archive, (run, position)) AS archive
      FROM ${tableIn('ledger', 'Sources')} AS s WHERE s.evidence != ''
      GROUP BY file, location, evidence ORDER BY file, location, max((run, position)) DESC`,
  )
  const superseded: Source[] = []
  for (const [file, places] of Map.groupBy(sources, (source) => source.file)) {
    const found = await membersOf(file, signal)
    if (found === undefined) {
      yield { severity: 'fault', code: 'evidence-missing', subject: file, message: 'it is no longer there' }
      continue
    }
    for (const [location, [last, ...earlier]] of Map.groupBy(places, (source) => source.location)) {
      const member = found.get(location)
      if (last === undefined) continue
      yield member === undefined
        ? {
            severity: 'fault',
            code: 'evidence-missing',
            subject: location,
            message: 'it is no longer in there',
          }
        : await verifyMember(last, member, entries.get(last.evidence), recount)
      for (const source of earlier) {
        const entry = entries.get(source.evidence)
        if (entry === undefined) continue
        const whole = member && (await holdsEvidence(member, entry.evidence, Number(entry.sizeBytes)))
        if (whole === undefined) superseded.push(source)
        else await recount.take(whole, entry)
      }
    }
  }
  yield* superseded.filter(({ evidence }) => !recount.has(evidence)).map(supersededFinding)
}

function supersededFinding({ location, evidence }: Source): VerifyFinding {
  const message = `it no longer holds what was taken in from it with SHA-256 ${evidence}`
  return { severity: 'fault', code: 'evidence-changed', subject: location, message }
}

async function verifyMember(
  source: Source,
  member: Member,
  entry: Entry | undefined,
  recount: Recount,
): Promise<VerifyFinding> {
  const subject = source.location
  const hash = await hashOf(member)
  if (typeof hash === 'string') return { severity: 'fault', code: 'evidence-changed', subject, message: hash }
  const archive = member.archives[0]?.sha256 ?? ''
  if (hash.sha256 !== source.evidence) {
    const message = `its SHA-256 is ${hash.sha256}, it was ${source.evidence}`
    return { severity: 'fault', code: 'evidence-changed', subject, message }
  }
  if (archive !== source.archive) {
    const message = `the archive around it has SHA-256 ${archive}, it was ${source.archive}`
    return { severity: 'fault', code: 'archive-changed', subject, message }
  }
  if (entry !== undefined) await recount.take(member, entry)
  return { severity: 'ok', code: 'evidence', subject, message: hash.sha256 }
}

/** The hash of a member, or why it can no longer be read. */
async function hashOf(member: Member): Promise<{ readonly sha256: string } | string> {
  try {
    return await hashMember(member)
  } catch (error) {
    if (!(error instanceof ReadError)) throw error
    return `it can no longer be read: ${error.problem.message}`
  }
}

async function membersOf(
  file: string,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, Member> | undefined> {
  const members = new Map<string, Member>()
  try {
    for await (const found of walkEvidence([file], signal === undefined ? {} : { signal })) {
      const member = found.kind === 'member' ? found : found.unopened
      if (member !== undefined) members.set(found.path, member)
    }
  } catch (error) {
    if (error instanceof AzimuthError && error.code === 'evidence-missing') return undefined
    throw error
  }
  return members
}

async function* verifyCounts(entries: readonly Entry[], recount: Recount): AsyncIterable<VerifyFinding> {
  const inEvidence = await recount.inEvidence(entries)
  for (const { evidence, records } of entries) {
    const subject = evidence.slice(0, 12)
    const { rows, duplicates, quarantined, accounted } = recount.of(evidence)
    const held = inEvidence.get(evidence)
    const message = `${rows} rows + ${duplicates} duplicates + ${quarantined} quarantined = ${accounted} of ${held}`
    const adds = accounted === Number(records) && accounted === held
    yield { severity: adds ? 'ok' : 'fault', code: 'counts', subject, message }
  }
  const known = new Set(entries.map((entry) => entry.evidence))
  for (const [evidence, { rows }] of recount.counts) {
    if (rows > 0 && !known.has(evidence)) {
      const message = `${rows} rows name evidence that the ledger does not know`
      yield { severity: 'fault', code: 'counts', subject: evidence.slice(0, 12), message }
    }
  }
}
