import { countTuples } from './flow-tuples.ts'
import { isWrapperKey, listKeys } from './json-keys.ts'
import { Nesting } from './nesting.ts'

// These counters share nothing with the splitters but the names of keys: they exist to prove them.

const tuplesKey = '"flowTuples"'
/** As the key of a list: within a string quotes are escaped, and a string that says no more is followed by no colon. */
const tuplesList = /"flowTuples"\s*:\s*\[/u
const seriesList = /"timeseries"\s*:\s*\[/u
const flowCategory = /^(?:networksecuritygroupflowevent|flowlogflowevent)$/iu
/** A flow log of a quiet minute: its list of flows is empty, or holds no tuples. It has no unit to count. */
const quietFlows = [/"(?:networksecuritygroupflowevent|flowlogflowevent)"/iu, /"flows"\s*:\s*\[/u] as const
/** An unfinished string or line beyond this is not kept: it is damage, and its record counts all the same. */
const maxPendingBytes = 2 ** 26
const maxPlainListBytes = 2 ** 20

/** Counts records in text that comes in chunks. */
export interface RecordCounter {
  readonly records: number
  /** Those that have lists of flow tuples. */
  readonly flowRecords: number
  readonly tuples: number
  /** Metrics with time series, and the points of these. */
  readonly seriesRecords: number
  readonly points: number
  push(chunk: Buffer): void
  finish(): void
}

/** Lines that hold anything but spaces. */
export class LineRecordCounter implements RecordCounter {
  records = 0
  flowRecords = 0
  tuples = 0
  seriesRecords = 0
  points = 0
  #rest = ''

  push(chunk: Buffer): void {
    const lines = chunk.toString('latin1').split('\n')
    lines[0] = this.#rest + (lines[0] ?? '')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#count(line)
    if (this.#rest.length > maxPendingBytes) this.#rest = tuplesList.test(this.#rest) ? `${tuplesKey}:[` : 'x'
  }

  finish(): void {
    this.#count(this.#rest)
  }

  #count(line: string): void {
    const text = line.trim()
    if (text === '') return
    this.records += 1
    if (!text.endsWith('}')) return // cut off: one record that cannot be read, whatever it began to hold
    if ((text.includes(tuplesKey) && tuplesList.test(text)) || quietFlows.every((part) => part.test(text))) {
      this.flowRecords += 1
      this.tuples += countTuples(text)
    }
    if (text.includes('"timeseries"') && seriesList.test(text)) {
      this.seriesRecords += 1
      this.points += text.match(/"timeStamp"\s*:/gu)?.length ?? 0
    }
  }
}

/** Rows of CSV after its header: a line end ends a row where the quotes before it come in pairs. */
export class RowRecordCounter implements RecordCounter {
  records = 0
  readonly flowRecords = 0
  readonly tuples = 0
  readonly seriesRecords = 0
  readonly points = 0
  #headerBytes: number
  #quotes = 0
  #hasText = false

  constructor(headerBytes: number) {
    this.#headerBytes = headerBytes
  }

  push(chunk: Buffer): void {
    const rows = chunk.subarray(this.#headerBytes)
    this.#headerBytes = Math.max(0, this.#headerBytes - chunk.length)
    for (const byte of rows) {
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

type Context = 'tuples' | 'list' | 'tables' | 'rows' | 'wrapper' | 'table' | 'candidate' | 'record' | 'other'

/** Objects that are records: elements of the lists of documents, or documents themselves. */
export class DocumentRecordCounter implements RecordCounter {
  records = 0
  flowRecords = 0
  tuples = 0
  seriesRecords = 0
  points = 0
  #hasTuples = false
  #hasFlows = false
  #isFlowLog = false
  /** Whether a list of tuples has just been opened. */
  #beginsTuples = false
  #pendingTuples = 0
  #hasSeries = false
  #timeStamps = 0
  /** Between documents as in a list. */
  readonly #nesting = new Nesting<Context>('list', 'other')
  #rest: Buffer = Buffer.alloc(0)
  /** The string before the place at hand, as long as it can be a key that matters. */
  #lastString = ''
  #key = ''
  #inWord = false
  /** Text between documents, which counts once. */
  #inGarbage = false
  #prefaceBytes: number

  constructor(prefaceBytes: number) {
    this.#prefaceBytes = prefaceBytes
    if (prefaceBytes > 0) this.records = 1
  }

  push(whole: Buffer): void {
    const chunk = whole.subarray(this.#prefaceBytes)
    this.#prefaceBytes = Math.max(0, this.#prefaceBytes - whole.length)
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = Buffer.alloc(0)
    let opening = -1
    let closing = -1
    for (let at = 0; at < bytes.length; at = closing + 1) {
      const end = quoteAfter(bytes, at)
      this.#between(bytes, at, end, opening, closing)
      if (end === bytes.length) return
      const list = this.#beginsTuples ? plainList(bytes, end) : undefined
      this.#beginsTuples = false
      if (list !== undefined) {
        this.#pendingTuples += list.strings
        opening = -1
        closing = list.end - 1
        continue
      }
      opening = end
      closing = endOfString(bytes, opening)
      if (closing === bytes.length) {
        const rest = bytes.subarray(opening)
        this.#rest = Buffer.from(rest.length > maxPendingBytes ? rest.subarray(0, 0) : rest)
        return
      }
      if (this.#key === 'category' && flowCategory.test(textOf(bytes, opening, closing)))
        this.#isFlowLog = true
      if (this.#nesting.top === 'tuples') this.#pendingTuples += 1
      else if (!isRecordsKey(bytes, opening, closing)) this.#meetScalar()
    }
    if (opening !== -1) this.#lastString = textOf(bytes, opening, closing)
  }

  finish(): void {
    if (this.#nesting.has('candidate') || this.#nesting.has('record')) this.records += 1
  }

  #countRecord(): void {
    this.records += 1
    if (this.#hasTuples || (this.#isFlowLog && this.#hasFlows)) {
      this.flowRecords += 1
      this.tuples += this.#pendingTuples
    }
    if (this.#hasSeries) {
      this.seriesRecords += 1
      this.points += this.#timeStamps
    }
    this.#hasTuples = false
    this.#hasFlows = false
    this.#isFlowLog = false
    this.#pendingTuples = 0
    this.#hasSeries = false
    this.#timeStamps = 0
  }

  #isList(): boolean {
    const { top, isOutside } = this.#nesting
    return (top === 'list' && !isOutside) || top === 'tables' || top === 'rows'
  }

  /** What stands between two strings; the first lies between `opening` and `closing`, or in an earlier chunk. */
  #between(bytes: Buffer, start: number, end: number, opening: number, closing: number): void {
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at] ?? 0
      const isWord = !isBlank(byte) && !isPunctuation(byte)
      if (isWord && !this.#inWord) this.#meetScalar()
      this.#inWord = isWord
      if (byte === 58) {
        if (opening !== -1) this.#lastString = textOf(bytes, opening, closing)
        this.#readKey()
      } else if (byte === 123) this.#openObject()
      else if (byte === 91) this.#openArray()
      else if (byte === 125 || byte === 93) this.#close()
    }
    if (end < bytes.length) this.#inWord = false
    else if (opening !== -1) this.#lastString = textOf(bytes, opening, closing)
  }

  /** A string, number or word: no record in a list, and garbage between documents. */
  #meetScalar(): void {
    if (this.#isList()) this.records += 1
    else if (this.#nesting.isOutside && !this.#inGarbage) {
      this.records += 1
      this.#inGarbage = true
    }
  }

  #openObject(): void {
    const { top } = this.#nesting
    if (top === 'tables') this.#push('table')
    else this.#push(top === 'list' || top === 'rows' ? 'candidate' : 'other')
  }

  #openArray(): void {
    const { top } = this.#nesting
    const kind = top === 'candidate' || top === 'wrapper' ? listKeys.get(this.#key) : undefined
    if (kind) {
      this.#nesting.become('wrapper')
      this.#push(kind === 'tables' ? 'tables' : 'list')
    } else if (top === 'list') this.#push('list')
    else if (top === 'rows') this.#push('record')
    else if (top === 'table') this.#push(this.#key.toLowerCase() === 'rows' ? 'rows' : 'other')
    else if (this.#key === 'flowTuples') {
      this.#hasTuples = true
      this.#push('tuples')
    } else {
      this.#hasFlows ||= this.#key === 'flows'
      this.#hasSeries ||= this.#key === 'timeseries' && top === 'record'
      this.#push('other')
    }
  }

  #push(context: Context): void {
    this.#nesting.open(context)
    this.#beginsTuples = context === 'tuples'
    this.#inGarbage = false
  }

  #close(): void {
    this.#beginsTuples = false
    const closed = this.#nesting.close()
    if (closed === 'candidate' || closed === 'record') this.#countRecord()
  }

  #readKey(): void {
    const key = this.#lastString
    this.#key = key
    if (key === 'timeStamp') this.#timeStamps += 1
    if (this.#nesting.top === 'candidate' && !listKeys.has(key) && !isWrapperKey(key)) {
      this.#nesting.become('record')
    }
  }
}

function isBlank(byte: number): boolean {
  return byte === 32 || byte === 10 || byte === 13 || byte === 9
}

function isPunctuation(byte: number): boolean {
  // A byte-order mark between documents is no word either.
  return (
    byte === 0xef ||
    byte === 0xbb ||
    byte === 0xbf ||
    byte === 44 ||
    byte === 58 ||
    byte === 91 ||
    byte === 93 ||
    byte === 123 ||
    byte === 125
  )
}

/** The end of a list of strings that starts here, and their number; nothing where it is long or holds anything else. */
function plainList(
  bytes: Buffer,
  start: number,
): { readonly end: number; readonly strings: number } | undefined {
  const end = bytes.indexOf(93, start)
  if (end === -1 || end - start > maxPlainListBytes || bytes.subarray(start, end).includes(92))
    return undefined
  const parts = bytes.toString('latin1', start, end).split('"')
  if (parts.length % 2 === 0) return undefined
  for (let between = 0; between < parts.length; between += 2) {
    const text = parts[between] ?? ''
    if (text !== ',' && !/^[ \t\r\n,]*$/u.test(text)) return undefined
  }
  return { end, strings: (parts.length - 1) / 2 }
}

/** The quote that ends a string: one that no backslash escapes. The length of the bytes where there is none. */
function endOfString(bytes: Buffer, opening: number): number {
  let at = opening + 1
  while (at < bytes.length && bytes[at] !== 34) at += bytes[at] === 92 ? 2 : 1
  return Math.min(at, bytes.length)
}

function quoteAfter(bytes: Buffer, start: number): number {
  let at = start
  while (at < bytes.length && bytes[at] !== 34) at += 1
  return at
}

/** A string of the length that keys have. */
function textOf(bytes: Buffer, opening: number, closing: number): string {
  let text = ''
  if (closing - opening > 70) return text
  for (let at = opening + 1; at < closing; at += 1) text += String.fromCharCode(bytes[at] ?? 0)
  return text
}

function isRecordsKey(bytes: Buffer, opening: number, closing: number): boolean {
  return closing - opening === 8 && /^[Rr]ecords$/u.test(textOf(bytes, opening, closing))
}
