import { collect } from './bytes.ts'
import { readChecksumList } from './checksum-lists.ts'
import { recogniseCsv } from './csv-layout.ts'
import type { CsvLayout } from './csv-layout.ts'
import { decodeHead, isUtf8Head, recogniseEncoding } from './encoding.ts'
import type { Encoding } from './encoding.ts'
import { recogniseJson, recogniseJsonLater } from './recognise-json.ts'
import type { JsonEnvelope } from './recognise-json.ts'
import { defaultLimits } from './limits.ts'
import type { ReadLimits } from './limits.ts'
import type { Member } from './member.ts'
import { problem, toProblem } from './problem.ts'
import type { Problem } from './problem.ts'
import { looksLikeStorageAnalytics } from './storage-analytics.ts'
import { oneDocument } from './one-document.ts'

export type Envelope = JsonEnvelope | 'csv' | 'storage-analytics' | 'checksums' | 'empty' | 'other'

/** How a member holds its records. */
export interface Content {
  readonly encoding: Encoding
  readonly envelope: Envelope
  /** What it was recognised by, for `--explain`. */
  readonly why: string
  /** How the engine may read the member's file itself, where it is a plain one. */
  readonly engineReadable?: 'lines' | 'records-document'
  /** Bytes before the first document or record of JSON in UTF-8: one unreadable record. */
  readonly prefaceBytes?: number
  readonly csv?: CsvLayout
  /** The table that the path of a workspace export names (`am-<table>`, lower case there). */
  readonly table?: string
  /** Why its records cannot be read. */
  readonly problem?: Problem
}

export interface ContentOptions {
  readonly limits?: Partial<ReadLimits>
  /** The zone of times in a CSV whose headers name one other than UTC; without it such a file is refused. */
  readonly timeZone?: string
}

const headBytes = 2 ** 20
/** Enough to tell the commonest JSON by. */
const startBytes = 2 ** 16
const enoughLines = 10

/** Recognises by its first bytes, never by its name, how a member holds its records. */
export async function recogniseContent(member: Member, options: ContentOptions = {}): Promise<Content> {
  const limits = { ...defaultLimits, ...options.limits }
  const other = { encoding: 'utf-8', envelope: 'other' } as const
  const read = (head: Buffer, isWhole: boolean): Content => {
    const encoding = recogniseEncoding(head)
    if (typeof encoding === 'object') return { ...other, why: encoding.message, problem: encoding }
    return recogniseText(decodeHead(head, encoding), encoding, isWhole, limits, options.timeZone)
  }
  let content: Content
  try {
    const start = await collect(member.open({ end: startBytes }), startBytes)
    const isWhole = start.length < startBytes
    content = read(start, isWhole)
    if (!isWhole && !isPlainJson(content, start)) {
      const head = await collect(member.open({ end: headBytes }), headBytes)
      content = read(head, head.length < headBytes)
    }
  } catch (error) {
    const found = toProblem(error)
    return { ...other, why: found.message, problem: found }
  }
  if (content.problem !== undefined) return content
  const table = tableInPath(member.path)
  const engineReadable = await howEngineReads(member, content, limits)
  return { ...content, ...(table !== undefined && { table }), ...(engineReadable && { engineReadable }) }
}

function isPlainJson({ envelope, prefaceBytes, problem: found }: Content, start: Buffer): boolean {
  if (found !== undefined || prefaceBytes !== undefined || start.at(-1) === 0) return false
  if (envelope === 'json-lines') return start.toString('latin1').split('\n').length > enoughLines
  return envelope === 'records'
}

function recogniseText(
  text: Buffer,
  encoding: Encoding,
  isWhole: boolean,
  limits: ReadLimits,
  timeZone: string | undefined,
): Content {
  if (text.every((byte) => byte <= 32)) {
    if (isWhole) return { encoding, envelope: 'empty', why: 'it is empty' }
    return unrecognised(encoding, 'it begins with a million spaces')
  }
  const json = recogniseJson(text, isWhole)
  if (json) return { encoding, ...json }
  const start = text.toString('utf8', 0, 4096)
  if (looksLikeStorageAnalytics(start))
    return {
      encoding,
      envelope: 'storage-analytics',
      why: 'its first line is one of Storage Analytics ($logs)',
    }
  if (!isUtf8Head(text)) {
    const hint = 'Convert it: iconv -f WINDOWS-1252 -t UTF-8 FILE'
    return refused(encoding, 'other', problem('encoding', 'its text is neither UTF-8 nor UTF-16', hint))
  }
  if (readChecksumList(start.slice(0, start.lastIndexOf('\n') + 1) || start))
    return refused(encoding, 'checksums', problem('unrecognised', 'it is a list of checksums, not a log'))
  const csv = recogniseCsv(text, isWhole, limits.maxColumns)
  if (!csv) {
    const later = recogniseJsonLater(text)
    return later
      ? { encoding, ...later }
      : unrecognised(encoding, 'its text is not in a form of log known here')
  }
  if ('code' in csv) return refused(encoding, 'csv', csv)
  const zone = [...csv.zones].find(([, name]) => name !== 'UTC')
  if (zone === undefined || timeZone !== undefined) return { encoding, envelope: 'csv', why: csv.why, csv }
  const found = `the times of its column ${JSON.stringify(zone[0])} are not in UTC but in ${JSON.stringify(zone[1])}`
  return {
    ...refused(encoding, 'csv', problem('time-zone', found, 'Name the time zone, such as Europe/Rome.')),
    csv,
  }
}

function refused(encoding: Encoding, envelope: Envelope, found: Problem): Content {
  return { encoding, envelope, why: found.message, problem: found }
}

function unrecognised(encoding: Encoding, why: string): Content {
  return { encoding, envelope: 'other', why, problem: problem('unrecognised', why) }
}

async function howEngineReads(
  member: Member,
  content: Content,
  limits: ReadLimits,
): Promise<Content['engineReadable']> {
  if (member.plainFile === undefined || content.encoding !== 'utf-8' || content.problem) return undefined
  if (content.envelope === 'json-lines') return 'lines'
  const isSmall = member.sizeBytes !== undefined && member.sizeBytes <= limits.maxDocumentBytes
  return content.envelope === 'records' && isSmall && (await oneDocument(member))
    ? 'records-document'
    : undefined
}

/** A workspace's data export names the table in the container: `am-signinlogs/WorkspaceResourceId=...`. */
function tableInPath(path: string): string | undefined {
  return /(?:^|[/!\\])am-([A-Za-z]\w*)[/\\]/u.exec(path)?.[1]
}
