import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { AnswerBook } from './answers.ts'
import { type Entry, Queue, type TakenRecord } from './queue.ts'
import { hourMs, startOfHour } from './time.ts'

/** JSON lines without a last newline, lines ended by CRLF, lines ended by LF, or one `{"records":[…]}` document. */
export type Framing = 'lines' | 'crlf' | 'ended-lines' | 'records'

/** One log of one resource: a file an hour. */
export interface Stream {
  readonly table: string
  readonly framing: Framing
  /** Path of the file of the hour that holds this time. */
  readonly path: (time: number) => string
}

const frames: Readonly<Record<Framing, { open: Buffer; between: Buffer; close: Buffer }>> = {
  lines: frame('', '\n', ''),
  crlf: frame('', '\r\n', '\r\n'),
  'ended-lines': frame('', '\n', '\n'),
  records: frame('{"records":[', ',', ']}'),
}

/** Writes records into the hourly files of their streams, in order of time. */
export class Archive {
  readonly #root: string
  readonly #book: AnswerBook
  readonly #queues = new Map<Stream, Queue>()
  readonly #open = new Map<Stream, HourFile>()
  readonly #output = Buffer.allocUnsafe(1 << 20)
  #bytes = 0

  constructor(root: string, book: AnswerBook) {
    this.#root = root
    this.#book = book
  }

  get bytes(): number {
    return this.#bytes
  }

  add(stream: Stream, entry: Entry): void {
    let queue = this.#queues.get(stream)
    if (queue === undefined) this.#queues.set(stream, (queue = new Queue()))
    queue.add(entry)
  }

  /** Writes all entries before `until`; those of later hours wait. */
  writeUntil(until: number): void {
    for (const [stream, queue] of this.#queues) {
      let writing: HourFile | undefined
      queue.take(until, until + hourMs, (record) => {
        if (writing === undefined || writing.hour !== startOfHour(record.time)) {
          if (writing !== undefined) this.#flush(writing)
          writing = this.#fileOf(stream, record.time)
        }
        this.#write(writing, record)
      })
      if (writing !== undefined) this.#flush(writing)
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

  #fileOf(stream: Stream, time: number): HourFile {
    const hour = startOfHour(time)
    const known = this.#open.get(stream)
    if (known?.hour === hour) return known
    if (known !== undefined) this.#close(stream, known)
    const path = stream.path(time)
    const isDocument = stream.framing === 'records'
    const file = {
      hour,
      path,
      frame: frames[stream.framing],
      descriptor: this.#create(path),
      used: 0,
      records: 0,
      count: 0,
      sizes: isDocument ? [] : undefined,
    }
    this.#open.set(stream, file)
    return file
  }

  #write(file: HourFile, record: TakenRecord): void {
    this.#append(file, file.records === 0 ? file.frame.open : file.frame.between)
    this.#append(file, record.bytes)
    file.records += 1
    file.count += record.count
    file.sizes?.push(record.count)
    record.placed?.(file.path, file.records)
  }

  /** The one output buffer holds bytes of the file that is being written, no other's. */
  #append(file: HourFile, bytes: Uint8Array): void {
    if (file.used + bytes.length > this.#output.length) this.#flush(file)
    if (bytes.length > this.#output.length) {
      writeBytes(file.descriptor, bytes)
      this.#bytes += bytes.length
      return
    }
    this.#output.set(bytes, file.used)
    file.used += bytes.length
  }

  #flush(file: HourFile): void {
    if (file.used === 0) return
    writeBytes(file.descriptor, this.#output.subarray(0, file.used))
    this.#bytes += file.used
    file.used = 0
  }

  #close(stream: Stream, file: HourFile): void {
    this.#append(file, file.frame.close)
    this.#flush(file)
    closeSync(file.descriptor)
    this.#open.delete(stream)
    this.#book.countRecords(file.path, stream.table, file.count)
    if (file.sizes !== undefined) this.#book.recordSizes.set(file.path, file.sizes)
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
  readonly frame: { readonly open: Buffer; readonly between: Buffer; readonly close: Buffer }
  readonly descriptor: number
  /** Bytes of it in the output buffer. */
  used: number
  records: number
  count: number
  readonly sizes: number[] | undefined
}

function frame(
  open: string,
  between: string,
  close: string,
): { open: Buffer; between: Buffer; close: Buffer } {
  return { open: Buffer.from(open), between: Buffer.from(between), close: Buffer.from(close) }
}

function writeBytes(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written)
}
