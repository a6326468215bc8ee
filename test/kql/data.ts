import type { Schema, TableSchema } from '../../src/kql/schema.ts'
import { physicalTypes, type KqlType } from '../../src/kql/types.ts'
import { makeDatabase, makeTable, type CaseEngine } from '../../src/engine/case-engine.ts'
import { ownDatabases, tableIn } from '../../src/sql/database.ts'
import { identifier, join, sql, type Sql } from '../../src/sql/template.ts'
import { jsonOf } from './interpreter/text.ts'
import { tableOf, type Table, type Value } from './interpreter/value.ts'
import type { Random } from './random.ts'
import { anyBag, anyDynamic, anyValue, literal, numberArray, textArray } from './values.ts'

/** What a dynamic column holds, so that functions of arrays and of bags get some. */
export type Kind = KqlType | 'numbers' | 'texts' | 'bag'

export interface DataColumn {
  readonly name: string
  readonly kind: Kind
}

export interface DataTable {
  readonly name: string
  readonly columns: readonly DataColumn[]
}

/** `id` tells the rows apart, `g` and `k` have few values. */
export const dataTables: readonly DataTable[] = [
  {
    name: 'T',
    columns: columnsOf(
      'id:long g:long k:string i:int l:long r:real s:string t:datetime p:timespan b:bool u:guid d:dynamic n:numbers x:texts m:bag',
    ),
  },
  { name: 'U', columns: columnsOf('id:long g:long k:string v:long s:string w:real t:datetime n:numbers') },
  { name: 'V', columns: columnsOf('id:long g:string k:string l:real s:long d:dynamic') },
  { name: 'E', columns: columnsOf('id:long g:long k:string l:long r:real s:string t:datetime') },
]

function columnsOf(text: string): readonly DataColumn[] {
  return text.split(' ').map((part) => {
    const [name = '', kind = ''] = part.split(':')
    return { name, kind: kind as Kind }
  })
}

export function typeOfKind(kind: Kind): KqlType {
  return kind === 'numbers' || kind === 'texts' || kind === 'bag' ? 'dynamic' : kind
}

export const schema: Schema = schemaIn(ownDatabases.logs)

/** The tables as they lie in a database of that name. */
export function schemaIn(database: string): Schema {
  const tables = dataTables.map(({ name, columns }): TableSchema => {
    const typed = columns.map((column) => ({ name: column.name, type: typeOfKind(column.kind) }))
    return { name, database, source: name, columns: typed }
  })
  return { tables }
}

/** Fresh rows for every table; `E` stays empty. */
export function randomData(random: Random): ReadonlyMap<string, Table> {
  return new Map(
    dataTables.map(({ name, columns }) => {
      const size = name === 'E' ? 0 : random.pick([1, 3, 5, 8, 12])
      const rows = Array.from({ length: size }, (_row, index) => {
        return new Map(columns.map((column) => [column.name, cell(column, index, random)]))
      })
      const typed = columns.map((column) => ({ name: column.name, type: typeOfKind(column.kind) }))
      return [name, tableOf(typed, random.shuffled(rows))]
    }),
  )
}

function cell({ name, kind }: DataColumn, index: number, random: Random): Value {
  if (name === 'id') return BigInt(index)
  if (name === 'k') return random.pick(['', 'a', 'A', 'b', 'é', 'мир'])
  if (kind !== 'string' && random.chance(0.15)) return null
  if (name === 'g') return kind === 'string' ? random.pick(['1', '2', 'x']) : BigInt(random.between(0, 3))
  if (kind === 'numbers') return numberArray(random)
  if (kind === 'texts') return textArray(random)
  if (kind === 'bag') return anyBag(random)
  if (kind === 'dynamic') return anyDynamic(random)
  if (kind === 'decimal') throw new Error('no decimals here')
  return anyValue(kind, random)
}

/** Makes the tables, empty; on a cluster their rows go to any shard. */
export async function makeTables(engine: CaseEngine): Promise<void> {
  await makeDatabase(engine, 'logs')
  for (const { name, columns } of schema.tables) {
    // The types are our own words.
    const list = columns.map(
      (column) => sql`${identifier(column.name)} ${{ kind: 'sql', text: physicalTypes[column.type] }}`,
    )
    const id = sql`assumeNotNull(id)`
    const shardBy = sql`sipHash64(${id})`
    await makeTable(engine, { database: 'logs', name, columns: join(list), orderBy: id, shardBy })
  }
}

/** Puts new rows in place of the old ones. */
export async function fillTables(engine: CaseEngine, data: ReadonlyMap<string, Table>): Promise<void> {
  for (const [name, { columns, rows }] of data) {
    const values = rows.map((row) => {
      return sql`(${join(columns.map((column) => sqlValue(row.get(column.name) ?? null, column.type)))})`
    })
    const table = tableIn('logs', name)
    for (const { own } of engine.parts) await own.command(sql`TRUNCATE TABLE ${table}`)
    if (rows.length > 0) await engine.owner.command(sql`INSERT INTO ${table} VALUES ${join(values)}`)
  }
}

function sqlValue(value: Value, type: KqlType): Sql {
  if (value === null) return type === 'dynamic' || type === 'string' ? sql`''` : sql`NULL`
  if (type === 'dynamic') return sql`${jsonOf(value)}`
  if (type === 'datetime' && typeof value === 'bigint') {
    return sql`reinterpret(toInt64(${value - 621_355_968_000_000_000n}), ${"DateTime64(7, 'UTC')"})`
  }
  if (typeof value === 'number')
    return Number.isFinite(value)
      ? sql`${value}`
      : sql`toFloat64(${String(value).replace('Infinity', 'inf')})`
  if (typeof value === 'bigint' || typeof value === 'string' || typeof value === 'boolean')
    return sql`${value}`
  throw new Error(`no SQL for a ${typeof value}`)
}

/** The table as a statement of the query, so that a query stands for itself. */
export function datatableText(name: string, { columns, rows }: Table): string {
  const declared = columns.map((column) => `${column.name}: ${column.type}`).join(', ')
  const cells = rows.map((row) =>
    columns.map((column) => literal(row.get(column.name) ?? null, column.type)).join(', '),
  )
  return `let ${name} = datatable(${declared})[\n  ${cells.join(',\n  ')}];`
}
