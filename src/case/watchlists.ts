import { createHash } from 'node:crypto'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CaseEngine } from '../engine/case-engine.ts'
import { AzimuthError } from '../error.ts'
import { parseRecords } from '../kql/external.ts'
import type { ColumnSchema, TableSchema } from '../kql/schema.ts'
import { ownDatabases } from '../sql/database.ts'
import { dropReference, storeRows } from './reference.ts'
import { filesOf, writeWhole } from './stored-functions.ts'

/** A watchlist of a case: a CSV whose rows lie in a reference table, after the columns that Sentinel gives each item. */
export interface Watchlist {
  readonly name: string
  /** The column that `SearchKey` repeats. */
  readonly key: string
  readonly columns: readonly string[]
  readonly rows: number
  /** When it was added, ISO 8601. */
  readonly updated: string
  /** SHA-256 of the file that it was made of. */
  readonly sha256: string
  /** The reference table. */
  readonly source: string
}

const suffix = '.json'
const nameForm = /^[\p{L}\p{N}_](?:[\p{L}\p{N} ._-]{0,126}[\p{L}\p{N}_-])?$/u
const mostBytes = 100 * 2 ** 20
const mostColumns = 1000

/** What Sentinel gives each item beside the columns of its file. */
const itemColumns: readonly ColumnSchema[] = [
  { name: '_DTItemId', type: 'string', cell: 1 },
  { name: 'LastUpdatedTimeUTC', type: 'datetime', cell: 2 },
  { name: 'SearchKey', type: 'string', cell: 3 },
]

/** The watchlists that a case keeps, by name. */
export async function watchlists(caseFolder: string): Promise<readonly Watchlist[]> {
  const names = await filesOf(folderOf(caseFolder), suffix)
  return await Promise.all(
    names.map(async (name): Promise<Watchlist> => {
      const text = await readFile(join(folderOf(caseFolder), `${name}${suffix}`), 'utf8')
      // Written by `storeWatchlist` alone, in the case's own folder.
      return { ...(JSON.parse(text) as Watchlist), name }
    }),
  )
}

/** What queries see of a watchlist. */
export function watchlistSchema({ name, source, columns }: Watchlist): TableSchema {
  const own = columns.map((column, index): ColumnSchema => ({
    name: column,
    type: 'string',
    cell: itemColumns.length + index + 1,
  }))
  return { name, database: ownDatabases.reference, source, columns: [...itemColumns, ...own] }
}

/** Keeps the rows of a CSV as a watchlist, in the place of one of the same name. Its key is the first column unless named. */
export async function storeWatchlist(
  engine: CaseEngine,
  caseFolder: string,
  name: string,
  bytes: Uint8Array,
  key: string | undefined,
): Promise<Watchlist> {
  if (!nameForm.test(name)) {
    throw new AzimuthError('watchlist-name', `${JSON.stringify(name)} cannot be the name of a watchlist`, {
      hint: 'use letters, digits, space, dot, dash and underscore',
    })
  }
  const { columns, rows } = readItems(bytes)
  const keyColumn = key ?? columns[0] ?? ''
  const keyIndex = columns.indexOf(keyColumn)
  if (keyIndex === -1) {
    throw new AzimuthError('watchlist-key', `the file has no column ${JSON.stringify(keyColumn)}`, {
      hint: `its columns are ${columns.join(', ')}`,
    })
  }
  const updated = new Date().toISOString()
  const items = rows.map((row, index) => {
    const cells = columns.map((_column, place) => row[place] ?? '')
    return [itemId(name, index, cells), updated, cells[keyIndex] ?? '', ...cells]
  })
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const content = JSON.stringify([name, keyColumn, columns, updated, sha256])
  const source = `watchlist-${createHash('sha256').update(content).digest('hex')}`
  await storeRows(engine, source, items)
  const before = (await watchlists(caseFolder)).find((other) => other.name === name)
  const watchlist = { name, key: keyColumn, columns, rows: rows.length, updated, sha256, source }
  await mkdir(folderOf(caseFolder), { recursive: true, mode: 0o700 })
  await writeWhole(
    join(folderOf(caseFolder), `${name}${suffix}`),
    `${JSON.stringify(watchlist, undefined, 2)}\n`,
  )
  if (before !== undefined) await dropReference(engine, before.source)
  return watchlist
}

/** Forgets a watchlist; false where there was none. */
export async function removeWatchlist(
  engine: CaseEngine,
  caseFolder: string,
  name: string,
): Promise<boolean> {
  const found = (await watchlists(caseFolder)).find((watchlist) => watchlist.name === name)
  if (found === undefined) return false
  await rm(join(folderOf(caseFolder), `${name}${suffix}`))
  await dropReference(engine, found.source)
  return true
}

function readItems(bytes: Uint8Array): {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
} {
  if (bytes.length > mostBytes)
    throw new AzimuthError('watchlist-file', `a watchlist has at most ${mostBytes / 2 ** 20} MiB`)
  const read = parseRecords(textOf(bytes), { format: 'csv', names: [], skipsFirst: false })
  if (typeof read === 'string') throw new AzimuthError('watchlist-file', `the file is no CSV: ${read}`)
  const [header = [], ...rows] = read
  const columns = header.map((column) => column.trim())
  const reserved = new Set([...itemColumns.map((column) => column.name), ''])
  const wrong = columns.find((column, index) => reserved.has(column) || columns.indexOf(column) !== index)
  if (columns.length === 0 || columns.length > mostColumns || wrong !== undefined) {
    const why = wrong === undefined ? `${columns.length} columns` : `a column ${JSON.stringify(wrong)}`
    throw new AzimuthError('watchlist-file', `the first line of the file names ${why}`, {
      hint: `name each column once, and none of ${itemColumns.map((column) => column.name).join(', ')}`,
    })
  }
  const long = rows.findIndex((row) => row.length > columns.length)
  if (long === -1) return { columns, rows }
  throw new AzimuthError(
    'watchlist-file',
    `record ${long + 2} of the file has more cells than the first has names`,
  )
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new AzimuthError('watchlist-file', 'the file is not text in UTF-8', { cause })
  }
}

/** A GUID that the same item has whenever it is added. */
function itemId(name: string, index: number, cells: readonly string[]): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([name, index, cells]))
    .digest('hex')
  return digest.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function folderOf(caseFolder: string): string {
  return join(caseFolder, 'watchlists')
}
