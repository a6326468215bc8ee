import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { AnswerBook } from './answers.ts'
import { startOfHour } from './time.ts'

/** JSON lines without a last newline, lines ended by CRLF, lines ended by LF, or one `{"records":[…]}` document. */
export type Framing = 'lines' | 'crlf' | 'ended-lines' | 'records'

/** One log of one resource: a file an hour. */
export interface Stream {
  readonly table: string
  readonly framing: Framing
  /** Path of the file of the hour that holds this time. */
  readonly path: (time: number) => string
}

export interface Entry {
  /** The time by which the record is filed and ordered. */
  readonly time: number
  readonly text: string
  /** How many records it counts for: tuples in a flow record, otherwise 1. */
  readonly count: number
  /** Told where the record came to stand. */
  readonly placed?: ((file: string, record: number) => void) | undefined
}

const bufferedCharacters = 1 << 20
const frames: Readonly<Record<Framing, { open: string; between: string; close: string }>> = {
  lines: { open: '', between: '\n', close: '' },
  crlf: { open: '', between: '\r\n', close: '\r\n' },
  'ended-lines': { open: '', between: '\n', close: '\n' },
  records: { open: '{"records":[', between: ',', close: ']}' },
}

/** Writes records into the hourly files of their streams, in order of time, with one buffer a file. */
export class Archive {
  readonly #root: string
  readonly #book: AnswerBook
  readonly #queues = new Map<Stream, Entry[]>()
  readonly #open = new Map<Stream, HourFile>()
  #scratch = Buffer.allocUnsafe(4 * bufferedCharacters)
  #bytes = 0

  constructor(root: string, book: AnswerBook) {
    this.#root = root
    this.#book = book
  }

  get bytes(): number {
    return this.#bytes
  }

  add(stream: Stream, entry: Entry): void {
    const queue = this.#queues.get(stream)
    if (queue === undefined) this.#queues.set(stream, [entry])
    else queue.push(entry)
  }

  /** Writes all entries before `until`; those of later hours wait. */
  writeUntil(until: number): void {
    for (const [stream, queue] of this.#queues) {
      if (queue.length === 0) continue
      queue.sort((left, right) => left.time - right.time)
      let next = 0
      for (let entry = queue[0]; entry !== undefined && entry.time < until; entry = queue[next]) {
        this.#write(stream, entry)
        next += 1
      }
      this.#queues.set(stream, next === queue.length ? [] : queue.slice(next))
    }
    for (const [stream, file] of this.#open) if (file.hour < startOfHour(until)) this.#close(stream, file)
  }

  /** Writes a whole file that has no hours. */
  writeFile(path: string, tables: Readonly<Record<string, number>>, text: string): void {
    const descriptor = this.#create(path)
    const bytes = Buffer.from(text, 'utf8')
    writeBytes(descriptor, bytes)
    closeSync(descriptor)
    this.#bytes += bytes.length
    for (const [table, records] of Object.entries(tables)) this.#book.countRecords(path, table, records)
  }

  /** Closes what is open, also when the work was given up. */
  close(): void {
    for (const [stream, file] of this.#open) this.#close(stream, file)
  }

  #write(stream: Stream, entry: Entry): void {
    const hour = startOfHour(entry.time)
    let file = this.#open.get(stream)
    if (file !== undefined && file.hour !== hour) {
      this.#close(stream, file)
      file = undefined
    }
    const frame = frames[stream.framing]
    if (file === undefined) {
      const path = stream.path(entry.time)
      file = {
        hour,
        path,
        descriptor: this.#create(path),
        parts: [frame.open],
        size: 0,
        records: 0,
        count: 0,
        sizes: [],
      }
      this.#open.set(stream, file)
    } else {
      file.parts.push(frame.between)
    }
    file.parts.push(entry.text)
    file.size += entry.text.length
    file.records += 1
    file.count += entry.count
    if (stream.framing === 'records') file.sizes.push(entry.count)
    entry.placed?.(file.path, file.records)
    if (file.size >= bufferedCharacters) this.#flush(file)
  }

  #flush(file: HourFile): void {
    const most = 3 * (file.size + 2 * file.parts.length + 64)
    if (most > this.#scratch.length) this.#scratch = Buffer.allocUnsafe(most)
    let length = 0
    for (const part of file.parts) length += this.#scratch.write(part, length)
    writeBytes(file.descriptor, this.#scratch.subarray(0, length))
    this.#bytes += length
    file.parts = []
    file.size = 0
  }

  #close(stream: Stream, file: HourFile): void {
    file.parts.push(frames[stream.framing].close)
    this.#flush(file)
    closeSync(file.descriptor)
    this.#open.delete(stream)
    this.#book.countRecords(file.path, stream.table, file.count)
    if (stream.framing === 'records') this.#book.recordSizes.set(file.path, file.sizes)
  }

  #create(path: string): number {
    const full = join(this.#root, path)
    mkdirSync(dirname(full), { recursive: true })
    return openSync(full, 'wx')
  }
}

interface HourFile {
  readonly hour: number
  readonly path: string
  readonly descriptor: number
  parts: string[]
  size: number
  records: number
  count: number
  readonly sizes: number[]
}

function writeBytes(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written)
}
