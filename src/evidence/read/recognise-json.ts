import { isSpace } from './json-scanner.ts'
import { JsonSplitter } from './json-splitter.ts'
import type { DocumentKind } from './json-keys.ts'

/** `concatenated`: bare objects, or documents of several kinds, one after the other. */
export type JsonEnvelope = 'json-lines' | 'records' | 'value' | 'tables' | 'array' | 'concatenated'

const maxLines = 1_000

/** Recognises JSON by the beginning of its text. */
export function recogniseJson(
  text: Buffer,
  isWhole: boolean,
): { readonly envelope: JsonEnvelope; readonly why: string } | undefined {
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
  if (!'{[,]}'.includes(first)) return recogniseCut(text)
  const splitter = new JsonSplitter({ maxRecordBytes: text.length + 1, maxColumns: 10_000 })
  const found = splitter.push(text).some((record) => record.kind === 'record')
  const [kind, ...others] = splitter.kinds
  if (kind === undefined || (!found && splitter.kinds.size === 0)) return recogniseUnfinished(first, text)
  return others.length > 0 || kind === 'object'
    ? {
        envelope: 'concatenated',
        why:
          splitter.documents === 1
            ? 'it is a JSON object'
            : `JSON documents follow one another, ${splitter.documents} in its first bytes`,
      }
    : { envelope: kind, why: whys[kind] }
}

const whys: Readonly<Record<Exclude<DocumentKind, 'object'>, string>> = {
  records: 'its documents are {"records": [...]}',
  value: 'its documents are {"value": [...]}, as REST answers are',
  tables: 'its documents are {"tables": [...]}, as Log Analytics answers are',
  array: 'its documents are arrays',
}

/** A record that is longer than what was read of it. */
function recogniseUnfinished(
  first: string,
  text: Buffer,
): { readonly envelope: JsonEnvelope; readonly why: string } | undefined {
  const next = text.subarray(text.indexOf(first) + 1).find((byte) => !isSpace(byte))
  if (first !== '{' || (next !== undefined && next !== 34 && next !== 39)) return recogniseCut(text)
  return { envelope: 'concatenated', why: 'it begins with a JSON object' }
}

/** Blocks of a flow log may begin in the middle of a record. */
function recogniseCut(text: Buffer): { readonly envelope: JsonEnvelope; readonly why: string } | undefined {
  if (!/\},\s*\{\s*"(?:time|category|resourceId)"\s*:/u.test(text.toString('latin1'))) return undefined
  return { envelope: 'records', why: 'it begins inside a record, and others follow' }
}

function wholeLines(text: Buffer, isWhole: boolean): readonly string[] {
  const lines = text.toString('latin1').split('\n', maxLines + 1)
  if (!isWhole || lines.length > maxLines) lines.pop()
  return lines.map((line) => line.trim()).filter((line) => line !== '')
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
