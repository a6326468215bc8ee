import { isSpace } from './json-scanner.ts'
import { JsonSplitter } from './json-splitter.ts'
import type { DocumentKind } from './json-keys.ts'

/** `concatenated`: bare objects, or documents of several kinds, one after the other. */
export type JsonEnvelope = 'json-lines' | 'records' | 'value' | 'tables' | 'array' | 'concatenated'

const maxLines = 1_000

export interface RecognisedJson {
  readonly envelope: JsonEnvelope
  readonly why: string
  /** Bytes before the first document or record, such as the rest of another. They are one unreadable record. */
  readonly prefaceBytes?: number
}

/** Recognises JSON by the beginning of its text. */
export function recogniseJson(text: Buffer, isWhole: boolean): RecognisedJson | undefined {
  const start = text.findIndex((byte) => !isSpace(byte))
  const first = text.toString('latin1', start, start + 1)
  const lines = wholeLines(text, isWhole)
  const looksLikeLines = lines.filter((line) => line.startsWith('{') && line.endsWith('}'))
  const isLines = looksLikeLines.length * 2 > lines.length
  if (isLines && looksLikeLines.every((line) => holdsOneRecord(line)))
    return {
      envelope: 'json-lines',
      why: `${looksLikeLines.length} of its first ${lines.length} lines are JSON objects`,
    }
  return '{[,]}'.includes(first) ? recogniseDocuments(text, first) : undefined
}

/** Recognises JSON that does not begin where its text does: after a line of something else, or inside a record. */
export function recogniseJsonLater(text: Buffer): RecognisedJson | undefined {
  const latin1 = text.toString('latin1')
  const cut = /\},\s*\{\s*"(?:time|category|resourceId)"\s*:/u.exec(latin1)
  const line = /\n(?=[[{])/u.exec(latin1)
  const prefaceBytes = line && (!cut || line.index < cut.index) ? line.index + 1 : cut ? cut.index + 1 : 0
  if (prefaceBytes === 0) return undefined
  const found = recogniseDocuments(text.subarray(prefaceBytes), latin1.charAt(prefaceBytes))
  return (
    found && { ...found, prefaceBytes, why: `${found.why}, after ${prefaceBytes} bytes of something else` }
  )
}

function recogniseDocuments(text: Buffer, first: string): RecognisedJson | undefined {
  const splitter = new JsonSplitter({ maxRecordBytes: text.length + 1, maxColumns: 10_000 })
  splitter.push(text)
  const { documents } = splitter
  const [kind, ...others] = splitter.kinds
  if (kind === undefined) return recogniseUnfinished(text, first)
  if (kind !== 'object' && others.length === 0) return { envelope: kind, why: whys[kind] }
  const why =
    documents === 1
      ? 'it is a JSON object'
      : `JSON documents follow one another, ${documents} in its first bytes`
  return { envelope: 'concatenated', why }
}

const whys: Readonly<Record<Exclude<DocumentKind, 'object'>, string>> = {
  records: 'its documents are {"records": [...]}',
  value: 'its documents are {"value": [...]}, as REST answers are',
  tables: 'its documents are {"tables": [...]}, as Log Analytics answers are',
  array: 'its documents are arrays',
}

/** A record that is longer than what was read of it. */
function recogniseUnfinished(text: Buffer, first: string): RecognisedJson | undefined {
  const next = text.subarray(text.indexOf(first) + 1).find((byte) => !isSpace(byte))
  const isObject = first === '{' && (next === undefined || next === 34 || next === 39)
  return isObject ? { envelope: 'concatenated', why: 'it begins with a JSON object' } : undefined
}

function wholeLines(text: Buffer, isWhole: boolean): readonly string[] {
  const lines = text.toString('latin1').split('\n', maxLines + 1)
  if (!isWhole || lines.length > maxLines) lines.pop()
  return lines.map((line) => line.trim()).filter((line) => /[^\0\s]/u.test(line))
}

/** Whether a line is one object that is itself a record, rather than a document that holds some. */
function holdsOneRecord(line: string): boolean {
  const splitter = new JsonSplitter({ maxRecordBytes: line.length, maxColumns: 10_000 })
  splitter.push(Buffer.from(line, 'latin1'))
  return (
    splitter.documents <= 1 &&
    !['records', 'value', 'tables', 'array'].some((kind) => splitter.kinds.has(kind as DocumentKind))
  )
}
