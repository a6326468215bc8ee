import { isSpace } from './json-scanner.ts'
import { problem } from './problem.ts'
import type { RawRecord, ReadNote } from './raw-record.ts'

/** Cuts text into records as its bytes come in chunks, which must not change. Offsets count the UTF-8 text. */
export interface RecordSplitter {
  readonly notes: ReadonlyMap<ReadNote['code'], ReadNote>
  push(chunk: Uint8Array): readonly RawRecord[]
  finish(): readonly RawRecord[]
}

/** What a line becomes: its record is already numbered and placed. */
export type ReadLine = (line: Uint8Array, record: number, offsetBytes: number) => RawRecord

/** Splits text into lines: a record is numbered by its line, blank lines are none. */
export class LineSplitter implements RecordSplitter {
  readonly notes = new Map<ReadNote['code'], ReadNote>()
  readonly #maxBytes: number
  readonly #readLine: ReadLine
  #line = 0
  #position = 0
  #lineStart = 0
  #parts: Uint8Array[] = []

  constructor(maxBytes: number, readLine: ReadLine = readJsonLine) {
    this.#maxBytes = maxBytes
    this.#readLine = readLine
  }

  push(chunk: Uint8Array): readonly RawRecord[] {
    const records: RawRecord[] = []
    let start = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      this.#endLine(chunk.subarray(start, end), records)
      start = end + 1
      this.#lineStart = this.#position + start
    }
    if (start < chunk.length) {
      this.#parts.push(chunk.subarray(start))
      if (this.#position + chunk.length - this.#lineStart > this.#maxBytes)
        this.#parts = [chunk.subarray(0, 0)]
    }
    this.#position += chunk.length
    return records
  }

  finish(): readonly RawRecord[] {
    const records: RawRecord[] = []
    if (this.#lineStart < this.#position) this.#endLine(new Uint8Array(0), records)
    return records
  }

  #endLine(last: Uint8Array, records: RawRecord[]): void {
    this.#line += 1
    const isWhole = this.#parts.length === 0
    const line = isWhole ? last : Buffer.concat([...this.#parts, last])
    const isTooLong = this.#parts[0]?.length === 0 || line.length > this.#maxBytes
    if (!isWhole) this.#parts = []
    if (isTooLong) {
      const found = problem('too-large', `the line is longer than ${this.#maxBytes} bytes`)
      const lengthBytes = this.#position + last.length - this.#lineStart
      records.push({
        kind: 'unreadable',
        record: this.#line,
        offsetBytes: this.#lineStart,
        lengthBytes,
        problem: found,
      })
      return
    }
    let from = 0
    let to = line.length
    while (from < to && isSpace(line[from] ?? 0)) from += 1
    while (from < to && isSpace(line[to - 1] ?? 0)) to -= 1
    if (from < to) records.push(this.#readLine(line.subarray(from, to), this.#line, this.#lineStart + from))
  }
}

function readJsonLine(line: Uint8Array, record: number, offsetBytes: number): RawRecord {
  const lengthBytes = line.length
  if (line[0] === 123) return { kind: 'record', record, offsetBytes, lengthBytes, json: line }
  return {
    kind: 'unreadable',
    record,
    offsetBytes,
    lengthBytes,
    problem: problem('not-an-object', 'the line is not a JSON object'),
  }
}
