import { CsvRowWriter } from './csv-row-writer.ts'
import { CsvRowFinder, splitRow } from './csv-rows.ts'
import type { CsvLayout } from './csv-layout.ts'
import type { RecordSplitter } from './line-splitter.ts'
import { problem } from './problem.ts'
import type { Problem } from './problem.ts'
import type { RawRecord, ReadNote } from './raw-record.ts'

/** Changes a cell before it becomes JSON, such as a date whose order is settled. */
export type ReadCell = (cell: string, header: string) => string

const waitBytes = 2 ** 20

const brokenQuote = problem('field-count', 'a quote in the row is not closed, or stands inside a field')

/** Splits CSV into rows, each an object of strings keyed by the headers. A row that is broken costs its first line. */
export class CsvSplitter implements RecordSplitter {
  readonly notes = new Map<ReadNote['code'], ReadNote>()
  readonly #layout: CsvLayout
  readonly #writer: CsvRowWriter
  readonly #tableColumn: number
  readonly #maxRecordBytes: number
  readonly #readCell: ReadCell | undefined
  readonly #finder: CsvRowFinder
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #neededBytes = 0
  /** Where what is pending begins in the text. */
  #position = 0
  #skipBytes: number
  /** Where a row began that is too long: it is passed over to the end of its line. */
  #tooLongStart: number | undefined
  #count = 0

  constructor(layout: CsvLayout, maxRecordBytes: number, readCell?: ReadCell) {
    this.#layout = layout
    this.#writer = new CsvRowWriter(layout.headers, layout.delimiter)
    this.#tableColumn = layout.headers.indexOf('$table')
    this.#maxRecordBytes = maxRecordBytes
    this.#readCell = readCell
    this.#finder = new CsvRowFinder(layout.delimiter)
    this.#skipBytes = layout.dataStart
  }

  push(chunk: Uint8Array): readonly RawRecord[] {
    const skipped = Math.min(this.#skipBytes, chunk.length)
    this.#skipBytes -= skipped
    this.#position += skipped
    this.#pending.push(chunk.subarray(skipped))
    this.#pendingBytes += chunk.length - skipped
    return this.#pendingBytes < this.#neededBytes ? [] : this.#readRows(false)
  }

  finish(): readonly RawRecord[] {
    return this.#readRows(true)
  }

  #readRows(isEnd: boolean): readonly RawRecord[] {
    const buffer = Buffer.concat(this.#pending)
    const records: RawRecord[] = []
    let at = 0
    this.#finder.reset()
    while (at < buffer.length) {
      if (this.#tooLongStart !== undefined) {
        at = this.#passOver(buffer, at, isEnd, records)
        continue
      }
      const row = this.#finder.find(buffer, at, isEnd)
      const isTooLong = (row.kind === 'row' ? row.end : buffer.length) - at > this.#maxRecordBytes
      if (row.kind === 'row' && !isTooLong) {
        if (row.end > at) records.push(this.#readRow(buffer, at, row.end))
        at = row.next
        continue
      }
      if (row.kind === 'more' && !isTooLong) break
      if (isTooLong) {
        this.#tooLongStart = this.#position + at
        continue
      }
      const line = buffer.indexOf(10, at)
      const end = line === -1 ? buffer.length : line
      if (line === -1 && !isEnd) break
      records.push(this.#unreadable(this.#position + at, this.#position + end, brokenQuote))
      at = end + 1
      this.#finder.reset()
    }
    at = Math.min(at, buffer.length)
    this.#pending = [buffer.subarray(at)]
    this.#pendingBytes = buffer.length - at
    // A long row is looked at again only when twice as much of it has come.
    this.#neededBytes = this.#pendingBytes > waitBytes ? 2 * this.#pendingBytes : 0
    this.#position += at
    return records
  }

  #passOver(buffer: Buffer, at: number, isEnd: boolean, records: RawRecord[]): number {
    const line = buffer.indexOf(10, at)
    if (this.#tooLongStart === undefined || (line === -1 && !isEnd)) return buffer.length
    const end = line === -1 ? buffer.length : line
    const found = problem('too-large', `the row is longer than ${this.#maxRecordBytes} bytes`)
    records.push(this.#unreadable(this.#tooLongStart, this.#position + end, found))
    this.#tooLongStart = undefined
    this.#finder.reset()
    return end + 1
  }

  #readRow(buffer: Buffer, start: number, end: number): RawRecord {
    const row = buffer.subarray(start, end)
    const written = this.#writer.write(row)
    if ('fields' in written) {
      const message = `the row has ${written.fields} fields for ${this.#layout.headers.length} columns`
      return this.#unreadable(this.#position + start, this.#position + end, problem('field-count', message))
    }
    this.#count += 1
    const place = { record: this.#count, offsetBytes: this.#position + start, lengthBytes: end - start }
    if (this.#tableColumn === -1 && !this.#readCell) return { kind: 'record', ...place, json: written.json }
    const cells = splitRow(row.toString('utf8'), this.#layout.delimiter)
    const json = this.#readCell ? this.#asJson(cells, this.#readCell) : written.json
    const table = cells[this.#tableColumn] ?? ''
    return { kind: 'record', ...place, json, ...(table !== '' && { table }) }
  }

  #asJson(cells: readonly string[], readCell: ReadCell): Buffer {
    const entries = this.#layout.headers.flatMap((header, index) =>
      header === undefined
        ? []
        : [`${JSON.stringify(header)}:${JSON.stringify(readCell(cells[index] ?? '', header))}`],
    )
    return Buffer.from(`{${entries.join(',')}}`)
  }

  #unreadable(start: number, end: number, found: Problem): RawRecord {
    this.#count += 1
    const place = { record: this.#count, offsetBytes: start, lengthBytes: end - start }
    return { kind: 'unreadable', ...place, problem: found }
  }
}
