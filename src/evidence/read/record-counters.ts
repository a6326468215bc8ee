import { isWrapperKey, listKeys } from './json-splitter.ts'

// These counters know nothing of the splitters: they exist to prove them. They jump from quote to quote, or from line
// to line, where the splitters step from byte to byte.

const tuplesKey = '"flowTuples"'
/** An unfinished string or line beyond this is not kept: it is damage, and its record counts all the same. */
const maxPendingBytes = 2 ** 26

/** Counts records in text that comes in chunks. */
export interface RecordCounter {
  readonly records: number
  /** Those that have lists of flow tuples. */
  readonly flowRecords: number
  push(chunk: Buffer): void
  finish(): void
}

/** Lines that hold anything but spaces. */
export class LineRecordCounter implements RecordCounter {
  records = 0
  flowRecords = 0
  #rest = ''

  push(chunk: Buffer): void {
    const lines = chunk.toString('latin1').split('\n')
    lines[0] = this.#rest + (lines[0] ?? '')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#count(line)
    if (this.#rest.length > maxPendingBytes) this.#rest = this.#rest.includes(tuplesKey) ? tuplesKey : 'x'
  }

  finish(): void {
    this.#count(this.#rest)
  }

  #count(line: string): void {
    if (line.trim() !== '') this.records += 1
    if (line.includes(tuplesKey)) this.flowRecords += 1
  }
}

/** Rows of CSV: a line end ends a row where the quotes before it come in pairs. The header is one of them. */
export class RowRecordCounter implements RecordCounter {
  records = -1
  readonly flowRecords = 0
  #quotes = 0
  #hasText = false

  push(chunk: Buffer): void {
    for (const byte of chunk) {
      if (byte === 34) this.#quotes += 1
      if (byte === 10 && this.#quotes % 2 === 0) this.#endRow()
      else if (byte !== 10 && byte !== 13) this.#hasText = true
    }
  }

  finish(): void {
    this.#endRow()
  }

  #endRow(): void {
    if (this.#hasText) this.records += 1
    this.#hasText = false
  }
}

type Context = 'list' | 'tables' | 'rows' | 'wrapper' | 'table' | 'candidate' | 'record' | 'other'

/** Objects that are records: elements of the lists of documents, or documents themselves. */
export class DocumentRecordCounter implements RecordCounter {
  records = 0
  flowRecords = 0
  #hasTuples = false
  #contexts: Context[] = []
  #rest: Buffer = Buffer.alloc(0)
  #lastString = ''
  #key = ''
  #inWord = false

  push(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    for (;;) {
      const opening = bytes.indexOf(34, at)
      this.#between(bytes, at, opening === -1 ? bytes.length : opening)
      if (opening === -1) {
        this.#rest = Buffer.alloc(0)
        return
      }
      const closing = endOfString(bytes, opening)
      if (closing === -1) {
        const rest = bytes.subarray(opening)
        this.#rest = Buffer.from(rest.length > maxPendingBytes ? rest.subarray(0, 0) : rest)
        return
      }
      this.#lastString = closing - opening < 70 ? bytes.toString('latin1', opening + 1, closing) : ''
      if (this.#isList() && !/^[Rr]ecords$/u.test(this.#lastString)) this.records += 1
      this.#hasTuples ||= this.#lastString === 'flowTuples'
      at = closing + 1
    }
  }

  finish(): void {
    if (this.#contexts.some((context) => context === 'candidate' || context === 'record')) this.#countRecord()
  }

  #countRecord(): void {
    this.records += 1
    if (this.#hasTuples) this.flowRecords += 1
    this.#hasTuples = false
  }

  #isList(): boolean {
    return ['list', 'tables', 'rows'].includes(this.#contexts.at(-1) ?? '')
  }

  #between(bytes: Buffer, start: number, end: number): void {
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at] ?? 0
      if (byte === 123) this.#openObject()
      else if (byte === 91) this.#openArray()
      else if (byte === 125 || byte === 93) this.#close()
      else if (byte === 58) this.#readKey()
      else if (byte > 32 && byte !== 44) {
        if (!this.#inWord && this.#isList()) this.records += 1
        this.#inWord = true
        continue
      }
      this.#inWord = false
    }
    this.#inWord &&= end === bytes.length
  }

  #openObject(): void {
    const parent = this.#contexts.at(-1)
    if (parent === 'tables') this.#contexts.push('table')
    else this.#contexts.push(parent === undefined || this.#isList() ? 'candidate' : 'other')
  }

  #openArray(): void {
    const parent = this.#contexts.at(-1)
    const kind = listKeys.get(this.#key)
    if (parent === undefined || parent === 'list') this.#contexts.push('list')
    else if (parent === 'rows') this.#contexts.push('record')
    else if (parent === 'table') this.#contexts.push(this.#key.toLowerCase() === 'rows' ? 'rows' : 'other')
    else if ((parent === 'candidate' || parent === 'wrapper') && kind) {
      this.#contexts[this.#contexts.length - 1] = 'wrapper'
      this.#contexts.push(kind === 'tables' ? 'tables' : 'list')
    } else this.#contexts.push('other')
  }

  #close(): void {
    const closed = this.#contexts.pop()
    if (closed === 'candidate' || closed === 'record') this.#countRecord()
  }

  #readKey(): void {
    this.#key = this.#lastString
    if (this.#contexts.at(-1) === 'candidate' && !listKeys.has(this.#key) && !isWrapperKey(this.#key))
      this.#contexts[this.#contexts.length - 1] = 'record'
  }
}

/** The quote that ends a string: one before which stands an even number of backslashes. */
function endOfString(bytes: Buffer, opening: number): number {
  for (
    let closing = bytes.indexOf(34, opening + 1);
    closing !== -1;
    closing = bytes.indexOf(34, closing + 1)
  ) {
    let slashes = 0
    while (bytes[closing - 1 - slashes] === 92) slashes += 1
    if (slashes % 2 === 0) return closing
  }
  return -1
}
