// Longer than others: one state machine, all of which shares one state.

import { assertNever } from '../../error.ts'
import { isWrapperKey, listKeys, usualFirstKeys } from './json-keys.ts'
import type { DocumentKind } from './json-keys.ts'
import { isSpace, JsonScanner, onOneLine } from './json-scanner.ts'
import { readColumns, rowAsObject, tableNameOf } from './json-tables.ts'
import { problem } from './problem.ts'
import type { Problem } from './problem.ts'
import type { RecordSplitter } from './line-splitter.ts'
import type { RawRecord, ReadNote } from './raw-record.ts'

interface SplitterLimits {
  readonly maxRecordBytes: number
  readonly maxColumns: number
}

type Frame =
  | { readonly kind: 'list' | 'tables' }
  | { readonly kind: 'wrapper'; readonly interval: string | undefined }
  | { readonly kind: 'table'; name?: string; columns?: readonly string[] | Problem }
  | { readonly kind: 'rows'; readonly table: Frame & { kind: 'table' } }

type Mode =
  | 'preface'
  | 'element'
  | 'key'
  | 'key-text'
  | 'colon'
  | 'value'
  | 'skip'
  | 'capture'
  | 'record'
  | 'row'
  | 'scalar'
  | 'lost'

const maxFrames = 64
const maxFirstKeys = 32
const maxKeyBytes = 64

const [brace, bracket, closeBrace, closeBracket, quote, comma, colon, newline, backslash] = [
  123, 91, 125, 93, 34, 44, 58, 10, 92,
]

/**
 * Splits JSON into records, whatever holds them: `{"records": [...]}`, `{"value": [...]}`, `{"tables": [...]}`, arrays,
 * bare objects, nested or one after the other, with or without separators. Bytes come in chunks and nothing but the
 * current record is kept. A record that is broken costs only itself: the splitter finds the next by its first key.
 */
export class JsonSplitter implements RecordSplitter {
  /** Documents met so far, and their kinds. */
  documents = 0
  readonly kinds = new Set<DocumentKind>()
  readonly notes = new Map<ReadNote['code'], ReadNote>()
  readonly #limits: SplitterLimits
  readonly #prefaceBytes: number
  readonly #scanner = new JsonScanner()
  #records: RawRecord[] = []
  #count = 0
  #position = 0
  #mode: Mode = 'element'
  #frames: Frame[] = []
  /** The object at hand may still turn out to be a record. */
  #tentative = false
  #key = ''
  #firstKey = ''
  /** First keys of whole records, and of the one that was lost. */
  readonly #firstKeys = new Set<string>()
  #lostKey = ''
  #isFoundAgain = false
  /** The span being kept: its beginning, and what of it lies in earlier chunks. */
  #spanStart = 0
  #spanFrom = 0
  #keeping = false
  #parts: Uint8Array[] = []
  #scalarState: 'bare' | 'text' | 'escaped' = 'bare'
  #lost: Problem | undefined
  #lostStart = 0
  #lostEnd = 0
  #atLineStart = true

  /** `prefaceBytes`: what stands before the first document or record, such as the rest of another. */
  constructor(limits: SplitterLimits, prefaceBytes = 0) {
    this.#limits = limits
    this.#prefaceBytes = prefaceBytes
    if (prefaceBytes > 0) this.#mode = 'preface'
  }

  /** The records that end in this chunk. They hold parts of it, so it must not change. */
  push(bytes: Uint8Array): readonly RawRecord[] {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#records = []
    this.#spanFrom = 0
    let at = 0
    while (at < chunk.length) at = this.#step(chunk, at)
    if (this.#keeping) this.#keepPart(chunk.subarray(this.#spanFrom))
    this.#position += chunk.length
    return this.#records
  }

  /** What is left when the content ends: a record that was cut off, if there is one. */
  finish(): readonly RawRecord[] {
    this.#records = []
    if (this.#lost) this.#reportLost(this.#tentative ? this.#position : this.#lostEnd)
    else if (this.#mode === 'preface')
      this.#unreadable(0, this.#position, problem('truncated', 'the content ends before its first record'))
    else if (this.#tentative || ['record', 'row', 'scalar'].includes(this.#mode))
      this.#unreadable(
        this.#spanStart,
        this.#position,
        problem('truncated', 'the content ends inside this record'),
      )
    else if (this.#frames.length > 0)
      this.#note('unfinished', 'the last document is not closed; all its records are whole')
    return this.#records
  }

  #step(chunk: Buffer, at: number): number {
    switch (this.#mode) {
      case 'preface':
        return this.#preface(chunk)
      case 'element':
        return this.#element(chunk, at)
      case 'key':
        return this.#keyStart(chunk, at)
      case 'key-text':
        return this.#keyText(chunk, at)
      case 'colon':
        return this.#colon(chunk, at)
      case 'value':
        return this.#value(chunk, at)
      case 'skip':
      case 'capture':
        return this.#skipValue(chunk, at)
      case 'record':
      case 'row':
        return this.#scanRecord(chunk, at)
      case 'scalar':
        return this.#scalar(chunk, at)
      case 'lost':
        return this.#seek(chunk, at)
      default:
        return assertNever(this.#mode)
    }
  }

  get #top(): Frame | undefined {
    return this.#frames.at(-1)
  }

  #preface(chunk: Buffer): number {
    const end = this.#prefaceBytes - this.#position
    if (end > chunk.length) return chunk.length
    this.#unreadable(0, this.#prefaceBytes, problem('not-json', 'the content does not begin with a record'))
    this.#mode = 'element'
    return end
  }

  /** Between the elements of a list, or between documents. */
  #element(chunk: Buffer, start: number): number {
    const top = this.#top
    let at = start
    while (at < chunk.length && isBetween(chunk[at] ?? 0, top === undefined)) at += 1
    const byte = chunk[at]
    if (byte === undefined) return at
    this.#spanStart = this.#position + at
    if (byte === brace) return this.#beginObject(at)
    if (byte === bracket) return this.#beginArray(at)
    if (byte === closeBracket || byte === closeBrace) {
      this.#closeList(byte)
      return at + 1
    }
    if (!top) return this.#lose(at)
    if (byte === colon) return at + 1
    this.#mode = 'scalar'
    this.#scalarState = byte === quote ? 'text' : 'bare'
    this.#keepFrom(at)
    return at + 1
  }

  #closeList(byte: number): void {
    const closed = this.#frames.pop()
    if (!closed) this.#note('front-cut', 'the content ends a document that began elsewhere')
    else if (byte === closeBrace && !isWrapper(closed) && isWrapper(this.#top)) this.#frames.pop()
    this.#mode = isWrapper(this.#top) ? 'key' : 'element'
  }

  #beginObject(at: number): number {
    if (this.#top?.kind !== 'tables') return this.#beginCandidate(at)
    this.#frames.push({ kind: 'table' })
    this.#mode = 'key'
    return at + 1
  }

  #beginCandidate(at: number): number {
    this.#tentative = true
    this.#firstKey = ''
    this.#keepFrom(at)
    this.#mode = 'key'
    return at + 1
  }

  #beginArray(at: number): number {
    const top = this.#top
    if (top?.kind === 'rows') {
      this.#scanner.begin(bracket, 'open')
      this.#keepFrom(at)
      this.#mode = 'row'
      return at + 1
    }
    if (this.#frames.length >= maxFrames) return this.#lose(at + 1)
    if (!top) this.#beginDocument('array')
    this.#frames.push({ kind: 'list' })
    return at + 1
  }

  /** In an object that may be a wrapper: the beginning of the next key, or the object's end. */
  #keyStart(chunk: Buffer, start: number): number {
    let at = start
    while (at < chunk.length && (isSpace(chunk[at] ?? 0) || chunk[at] === comma)) at += 1
    const byte = chunk[at]
    if (byte === undefined) return at
    if (this.#lost && byte !== quote) return this.#rejectCandidate(at)
    if (byte === quote) {
      this.#key = ''
      this.#mode = 'key-text'
      return at + 1
    }
    if (byte === closeBrace) {
      if (this.#tentative) this.#emit(chunk, at + 1)
      else this.#closeWrapper()
      return at + 1
    }
    if (!this.#tentative) return this.#lose(at)
    return this.#becomeRecord(at, 'open')
  }

  #keyText(chunk: Buffer, start: number): number {
    let at = start
    while (at < chunk.length && chunk[at] !== quote && chunk[at] !== backslash && chunk[at] !== newline)
      at += 1
    this.#key += chunk.toString('latin1', start, at)
    const isOdd = at < chunk.length && chunk[at] !== quote
    if (isOdd || this.#key.length > maxKeyBytes) {
      if (this.#lost) return this.#rejectCandidate(at)
      if (this.#tentative) return this.#becomeRecord(at, 'in-string')
      this.#scanner.begin(brace, 'in-string', true)
      this.#mode = 'skip'
      return at
    }
    if (at === chunk.length) return at
    this.#mode = 'colon'
    if (!this.#tentative) return at + 1
    if (this.#firstKey === '') this.#firstKey = this.#key
    if (this.#lost && !this.#acceptCandidate()) return this.#rejectCandidate(at + 1)
    if (listKeys.has(this.#key) || isWrapperKey(this.#key)) return at + 1
    return this.#becomeRecord(at + 1, 'string')
  }

  #colon(chunk: Buffer, start: number): number {
    let at = start
    while (at < chunk.length && (isSpace(chunk[at] ?? 0) || chunk[at] === colon)) at += 1
    if (at < chunk.length) this.#mode = 'value'
    return at
  }

  /** The value of a key that a wrapper may have. */
  #value(chunk: Buffer, at: number): number {
    const top = this.#top
    const listKind = listKeys.get(this.#key)
    const isList = chunk[at] === bracket
    if (!this.#tentative && top?.kind === 'table') {
      const key = this.#key.toLowerCase()
      if (key === 'rows' && isList) {
        this.#frames.push({ kind: 'rows', table: top })
        this.#mode = 'element'
        return at + 1
      }
      this.#mode = ['name', 'tablename', 'columns'].includes(key) ? 'capture' : 'skip'
      if (this.#mode === 'capture') this.#keepFrom(at)
    } else if (listKind && isList) {
      if (this.#tentative) {
        if (this.#frames.length >= maxFrames) this.#frames = []
        if (this.#frames.length === 0) this.#beginDocument(listKind)
        this.#tentative = false
        this.#frames.push({ kind: 'wrapper', interval: intervalOf(this.#take(chunk, at)) })
      }
      this.#frames.push({ kind: listKind === 'tables' ? 'tables' : 'list' })
      this.#mode = 'element'
      return at + 1
    } else if (this.#tentative && listKind) {
      return this.#becomeRecord(at, 'colon')
    } else this.#mode = 'skip'
    this.#scanner.begin(brace, 'colon', true)
    return at
  }

  #skipValue(chunk: Buffer, start: number): number {
    const stop = this.#scanner.scan(chunk, start)
    const at = this.#scanner.at
    if (stop === 'more') return at
    if (stop === 'error') return this.#tentative ? this.#breakRecord(at) : this.#lose(at)
    if (this.#mode === 'capture') this.#captured(chunk, stop === 'closed' ? at - 1 : at)
    this.#mode = 'key'
    return stop === 'closed' ? at - 1 : at
  }

  #captured(chunk: Buffer, end: number): void {
    const table = this.#top
    if (table?.kind !== 'table') throw new Error('captured outside of a table')
    const bytes = this.#take(chunk, end)
    if (this.#key.toLowerCase() === 'columns') table.columns = readColumns(bytes, this.#limits.maxColumns)
    else {
      const name = tableNameOf(bytes)
      if (name !== undefined) table.name = name
    }
  }

  #closeWrapper(): void {
    if (isWrapper(this.#top)) this.#frames.pop()
    this.#mode = 'element'
  }

  #becomeRecord(at: number, after: 'open' | 'string' | 'colon' | 'in-string'): number {
    this.#scanner.begin(brace, after)
    this.#mode = 'record'
    return at
  }

  #scanRecord(chunk: Buffer, start: number): number {
    const stop = this.#scanner.scan(chunk, start)
    const at = this.#scanner.at
    if (stop === 'closed') this.#emit(chunk, at)
    else if (stop === 'error') return this.#breakRecord(at)
    return at
  }

  #emit(chunk: Buffer, end: number): void {
    const lengthBytes = this.#position + end - this.#spanStart
    const bytes = this.#take(chunk, end)
    const isRow = this.#mode === 'row'
    if (this.#frames.length === 0) this.#beginDocument('object')
    this.#mode = 'element'
    this.#tentative = false
    if (this.#firstKeys.size < maxFirstKeys && !this.#isFoundAgain) this.#firstKeys.add(this.#firstKey)
    this.#isFoundAgain = false
    if (lengthBytes > this.#limits.maxRecordBytes) {
      const message = `the record is longer than ${this.#limits.maxRecordBytes} bytes`
      return this.#unreadable(this.#spanStart, this.#spanStart + lengthBytes, problem('too-large', message))
    }
    const json = onOneLine(bytes)
    const top = this.#top
    if (!isRow || top?.kind !== 'rows') return this.#add(lengthBytes, this.#withInterval(json))
    const row = rowAsObject(json, top.table.columns)
    if ('code' in row) return this.#unreadable(this.#spanStart, this.#spanStart + lengthBytes, row)
    this.#add(lengthBytes, row.json, top.table.name)
  }

  #add(lengthBytes: number, json: Uint8Array, table?: string): void {
    this.#count += 1
    const found = {
      kind: 'record' as const,
      record: this.#count,
      offsetBytes: this.#spanStart,
      lengthBytes,
      json,
    }
    this.#records.push(table === undefined ? found : { ...found, table })
  }

  /** An answer of the metrics API says its interval once, beside the list of its metrics. */
  #withInterval(json: Uint8Array): Uint8Array {
    const wrapper = this.#frames.at(-2)
    if (wrapper?.kind !== 'wrapper' || wrapper.interval === undefined || json.length < 4) return json
    return Buffer.concat([Buffer.from(`{"interval":${wrapper.interval},`), json.subarray(1)])
  }

  #unreadable(start: number, end: number, found: Problem): void {
    this.#count += 1
    this.#records.push({
      kind: 'unreadable',
      record: this.#count,
      offsetBytes: start,
      lengthBytes: end - start,
      problem: found,
    })
  }

  /** A string, number or word where an object should be. */
  #scalar(chunk: Buffer, start: number): number {
    for (let at = start; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0
      if (this.#scalarState === 'escaped') this.#scalarState = 'text'
      else if (this.#scalarState === 'text') {
        if (byte === backslash) this.#scalarState = 'escaped'
        if (byte === quote || byte === newline) return this.#endScalar(chunk, at + 1)
      } else if (byte === comma || byte === closeBracket || byte === closeBrace || isSpace(byte))
        return this.#endScalar(chunk, at)
    }
    return chunk.length
  }

  #endScalar(chunk: Buffer, end: number): number {
    const text = latin1(this.#take(chunk, end))
    this.#mode = 'element'
    if (/^"[Rr]ecords"$/u.test(text)) return end // a published sample nests `"records": [...]` among the records
    this.#unreadable(
      this.#spanStart,
      this.#position + end,
      problem('not-an-object', 'it is not a JSON object'),
    )
    return end
  }

  #breakRecord(at: number): number {
    this.#tentative = false
    this.#drop()
    this.#lost = problem(
      'not-json',
      `it is not valid JSON at byte ${this.#position + at - this.#spanStart} of it`,
    )
    this.#lostKey = this.#firstKey
    this.#lostStart = this.#spanStart
    this.#lostEnd = this.#position + at
    this.#atLineStart = false
    this.#mode = 'lost'
    return at
  }

  #lose(at: number): number {
    this.#spanStart = this.#position + at
    this.#firstKey = ''
    return this.#breakRecord(at)
  }

  /** Looks for the next place where a record or a document may begin. */
  #seek(chunk: Buffer, start: number): number {
    for (let at = start; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0
      if (byte === brace) {
        this.#spanStart = this.#position + at
        return this.#beginCandidate(at)
      }
      if (byte === bracket && this.#atLineStart && this.#frames.length === 0) {
        this.#reportLost(this.#lostEnd)
        this.#mode = 'element'
        return at
      }
      this.#atLineStart = byte === newline
      if (!isSpace(byte) && byte !== comma) this.#lostEnd = this.#position + at + 1
    }
    return chunk.length
  }

  /** Whether the object at hand begins as records do here; if so, what was lost before it ends there. */
  #acceptCandidate(): boolean {
    const isDocument = this.#firstKey === 'records' || this.#firstKey === 'Records'
    const isUsual =
      this.#firstKeys.size > 0
        ? this.#firstKeys.has(this.#firstKey)
        : usualFirstKeys.has(this.#firstKey) || this.#lostKey === this.#firstKey
    if (!isDocument && !isUsual && !(this.#atLineStart && this.#frames.length === 0)) return false
    this.#reportLost(this.#lostEnd)
    this.#isFoundAgain = true
    if (isDocument) this.#frames = []
    return true
  }

  #rejectCandidate(at: number): number {
    this.#tentative = false
    this.#drop()
    this.#atLineStart = false
    this.#lostEnd = this.#position + at
    this.#mode = 'lost'
    return at
  }

  #reportLost(end: number): void {
    const found = this.#lost
    this.#lost = undefined
    if (found) this.#unreadable(this.#lostStart, end, found)
  }

  #beginDocument(kind: DocumentKind): void {
    this.documents += 1
    this.kinds.add(kind)
  }

  #note(code: ReadNote['code'], message: string): void {
    this.notes.set(code, { code, message })
  }

  #keepFrom(at: number): void {
    this.#keeping = true
    this.#parts = []
    this.#spanFrom = at
  }

  #keepPart(part: Uint8Array): void {
    this.#parts.push(part)
    // An oversized record is only measured: its bytes are let go.
    if (this.#position + part.length - this.#spanStart > this.#limits.maxRecordBytes)
      this.#parts = [part.subarray(0, 0)]
  }

  #take(chunk: Buffer, end: number): Uint8Array {
    const last = chunk.subarray(this.#spanFrom, end)
    const bytes = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last])
    this.#drop()
    return bytes
  }

  #drop(): void {
    this.#keeping = false
    this.#parts = []
  }
}

function isWrapper(frame: Frame | undefined): boolean {
  return frame?.kind === 'wrapper' || frame?.kind === 'table'
}

/** Spaces and commas; between documents also the byte-order marks of files that were strung together. */
function isBetween(byte: number, betweenDocuments: boolean): boolean {
  return (
    isSpace(byte) || byte === comma || (betweenDocuments && (byte === 0xef || byte === 0xbb || byte === 0xbf))
  )
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

function intervalOf(head: Uint8Array): string | undefined {
  return /"interval"\s*:\s*("[^"\\]*")/u.exec(latin1(head.subarray(0, 10_000)))?.[1]
}
