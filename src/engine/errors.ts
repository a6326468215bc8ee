import { AzimuthError } from '../error.ts'

/** A statement that ClickHouse refused or gave up, with its own code and name. */
export class ClickHouseError extends AzimuthError {
  readonly clickhouseCode: number
  readonly clickhouseName: string

  constructor(text: string) {
    const { code, name, message } = parseException(text)
    const kind = kindOf(code, text)
    super(kind?.code ?? 'engine-error', `${message} (ClickHouse ${code} ${name})`, {
      ...(kind?.hint === undefined ? {} : { hint: kind.hint }),
      cause: new Error(text),
    })
    this.name = 'ClickHouseError'
    this.clickhouseCode = code
    this.clickhouseName = name
  }
}

/** A query that met one of its limits: time, memory, rows or bytes. */
export class LimitError extends ClickHouseError {
  constructor(text: string) {
    super(text)
    this.name = 'LimitError'
  }
}

/** The error for the text of a ClickHouse exception. */
export function clickhouseError(text: string): ClickHouseError {
  return kindOf(parseException(text).code, text)?.limit === true
    ? new LimitError(text)
    : new ClickHouseError(text)
}

/** Whether a server did not answer, or a cluster missed one of its own: then nothing can be undone yet. */
export function isUnanswered(error: unknown): boolean {
  return error instanceof AzimuthError && ['engine-unreachable', 'engine-node'].includes(error.code)
}

/** Whether the engine's disk has no room: then a deletion may wait until there is some. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof AzimuthError && error.code === 'engine-disk-full'
}

interface Kind {
  readonly code: string
  readonly limit?: true
  readonly hint?: string
}

const timeKind: Kind = {
  code: 'limit-time',
  limit: true,
  hint: 'narrow the time range or the columns, or raise the time limit',
}
const memoryKind: Kind = {
  code: 'limit-memory',
  limit: true,
  hint: 'group by fewer values, sort fewer rows, narrow the time range, or raise the memory limit',
}
const rowsKind: Kind = {
  code: 'limit-rows',
  limit: true,
  hint: 'take fewer rows, summarize, or raise the row limit',
}
const sizeKind: Kind = { code: 'limit-query', limit: true, hint: 'ask it in smaller parts' }
const refusedKind: Kind = { code: 'engine-refused' }
const nodeKind: Kind = {
  code: 'engine-node',
  hint: 'a server of the cluster does not answer: start it, then run the command again',
}

/** Data may end early in a file, or because the server that sends it is gone. */
const endOfData = 32

const kinds: ReadonlyMap<number, Kind> = new Map([
  [159, timeKind],
  [160, timeKind],
  [241, memoryKind],
  [158, rowsKind],
  [307, rowsKind],
  [396, rowsKind],
  [290, rowsKind],
  [291, rowsKind],
  [191, rowsKind],
  [167, sizeKind],
  [168, sizeKind],
  [306, sizeKind],
  [164, refusedKind],
  [452, refusedKind],
  [497, refusedKind],
  [endOfData, nodeKind],
  [198, nodeKind],
  [209, nodeKind],
  [210, nodeKind],
  [279, nodeKind],
  [519, nodeKind],
  [394, { code: 'engine-cancelled' }],
  [202, { code: 'engine-busy', hint: 'wait until other queries on this case have ended' }],
  [
    243,
    {
      code: 'engine-disk-full',
      hint: 'free space on the disk of the case and run the command again: what was committed is still there',
    },
  ],
  [516, { code: 'engine-refused', hint: 'check the user and password of the engine URL' }],
])

function kindOf(code: number, text: string): Kind | undefined {
  return code === endOfData && !/receiving packet|from socket/.test(text) ? undefined : kinds.get(code)
}

/** Takes code, name and the first sentence from ClickHouse's text, without the statement that it may repeat. */
function parseException(text: string): { code: number; name: string; message: string } {
  const match = /^Code: (\d+)\. [\w:]*exception: /i.exec(text)
  if (match === null) return { code: 0, name: 'UNKNOWN', message: shorten(text) }
  const name = /\(([A-Z][A-Z0-9_]+)\)(?: \(version [^)]*\))?\s*$/.exec(text)
  const body = text.slice(match[0].length, name?.index)
  return { code: Number(match[1]), name: name?.[1] ?? 'UNKNOWN', message: shorten(body) }
}

const echoesOfTheStatement =
  /:? in scope |: while (?:executing|processing) |: \(while |\(in query: |, stack trace| ?failed at position |\. expected one of|in query: /i

function shorten(body: string): string {
  const end = body.search(echoesOfTheStatement)
  const message = (end === -1 ? body : body.slice(0, end)).trim().replace(/[.:]$/, '')
  return message.length > 400 ? `${message.slice(0, 400)}…` : message
}
