import {
  and,
  column,
  type OrderItem,
  type Select,
  type SelectColumn,
  type SqlExpression,
} from '../sql/node.ts'
import { operand, type Operand } from './operand.ts'
import type { Column } from './plan.ts'

/** A plan node's result as a SELECT: where each KQL column lies, and the order that its rows have. */
export interface Relation {
  readonly select: Select
  /** The KQL columns, in order; the SELECT may give more (sort keys, provenance) under private names. */
  readonly columns: readonly RelationColumn[]
  /** The order of rows, by output columns of the SELECT; without any it is the source's. */
  readonly order: readonly RowOrder[]
  /** No operator may add its own clauses to this SELECT: put it in brackets first. */
  readonly sealed: boolean
  /** Inside `mv-apply` and `partition`: operators work on each part for itself. */
  readonly partition?: Partition
  /** Where each row comes from, if that was asked for and every operator so far could tell. */
  readonly evidence?: EvidenceColumns
  /** The private column that says when each row was ingested, where the query asks for it and the rows can tell. */
  readonly ingested?: string
}

/** The column that `ingestion_time()` stands for; no column of KQL can have this name. */
export const ingestionColumn = '\u0000ingestion_time'

/** Rows do not tell when they were ingested; the emitter makes a refusal of it. */
export class IngestionUnknown extends Error {}

/** Private columns that name the records behind a row: some of them, and how many there are. */
export interface EvidenceColumns {
  readonly sample: string
  readonly count: string
}

/** A row keeps the names of so many records; the count is of all. */
export const evidenceLimit = 64

/** An array of (ticks since 1970, table, evidence id, record, ordinal): in this order, the earliest come first. */
export const evidenceType = 'Array(Tuple(Int64, String, String, UInt64, UInt32))'

/** Private columns of the SELECT that every operator of a subquery must keep. */
export interface Partition {
  /** Tells the parts apart. */
  readonly key: string
  /** Has one value in each part. */
  readonly payload: readonly string[]
}

/** The private columns of a relation's partition and evidence, with their expressions. */
export function partitionColumns({ select, partition, evidence }: Relation): readonly SelectColumn[] {
  if (!partition && !evidence) return []
  const parts = partition ? [partition.key, ...partition.payload] : []
  const names = new Set([...parts, ...(evidence ? [evidence.sample, evidence.count] : [])])
  return select.columns.filter(({ name }) => names.has(name))
}

/** What a new relation takes over from the one that it is made of. */
export function partitionOf({ partition, evidence }: Relation): Pick<Relation, 'partition' | 'evidence'> {
  return { ...(partition ? { partition } : {}), ...(evidence ? { evidence } : {}) }
}

export interface RelationColumn extends Column {
  /** The output column of the SELECT. */
  readonly physical: string
  readonly nullable?: boolean
}

export interface RowOrder {
  readonly physical: string
  readonly descending: boolean
  readonly nullsFirst: boolean
  /**
   * The place that a row of literals has in the query's text. Kusto promises no order here, but it keeps this one,
   * through groups and joins too; rows of tables have none.
   */
  readonly natural?: true
}

/** A private column that holds rows' natural places. */
export function naturalOrder(physical: string): RowOrder {
  return { physical, descending: false, nullsFirst: false, natural: true }
}

export function naturalOrders(relation: Relation): readonly RowOrder[] {
  return relation.order.filter(({ natural }) => natural === true)
}

/** Resolves a KQL column's name to SQL; a step of `scan` may be named with it. */
export type Scope = (name: string, step?: string) => Operand

/** The SQL name of a KQL column: itself where it is a plain word, else a private one made of its code units. */
export function physicalName(name: string): string {
  if (/^[A-Za-z_]\w{0,120}$/.test(name) && !name.startsWith('__')) return name
  return `__${Array.from(name)
    .map((letter) => (/[A-Za-z0-9]/.test(letter) ? letter : `_${letter.codePointAt(0)?.toString(16)}_`))
    .join('')}`
}

/** Columns of a relation as operands over the *inside* of its SELECT, for clauses that are added to it. */
export function innerScope(relation: Relation): Scope {
  const expressions = new Map(relation.select.columns.map(({ name, expression }) => [name, expression]))
  return scopeBy(relation, (physical) => {
    const expression = expressions.get(physical)
    if (!expression) throw new Error(`no column ${physical} in the SELECT`)
    return expression
  })
}

/** Columns of a relation as operands under the alias that its SELECT has in an outer one. */
export function outerScope(relation: Relation, alias: string): Scope {
  return scopeBy(relation, (physical) => column(physical, alias))
}

/** The binder took a column for granted that the rows do not have: it names some columns of a union otherwise. */
export class MissingColumn extends Error {
  constructor(name: string, names: readonly string[]) {
    const alike = names.filter((other) => other.startsWith(`${name}_`))
    const known = (alike.length > 0 ? alike : names).slice(0, 10).join(', ')
    super(`there is no column ${name} here; there is ${known}`)
  }
}

function scopeBy(relation: Relation, resolve: (physical: string) => SqlExpression): Scope {
  const columns = new Map(relation.columns.map((item) => [item.name, item]))
  return (name) => {
    if (name === ingestionColumn) return operand(resolve(ingestedOf(relation)), 'datetime')
    const found = columns.get(name)
    if (!found) throw new MissingColumn(name, [...columns.keys()])
    return operand(resolve(found.physical), found.type, found.nullable)
  }
}

/** The private column with the rows' ingestion time. An operator that makes rows of its own leaves it behind. */
function ingestedOf({ ingested, select }: Relation): string {
  if (ingested === undefined || !select.columns.some(({ name }) => name === ingested))
    throw new IngestionUnknown()
  return ingested
}

/** Puts a relation in brackets: every column becomes a plain reference to it. */
export function bracketed(relation: Relation, alias: string): Relation {
  const columns = relation.select.columns.map(({ name }): SelectColumn => ({
    name,
    expression: column(name, alias),
  }))
  return {
    select: { columns, from: { kind: 'select', select: relation.select, alias } },
    columns: relation.columns,
    order: relation.order,
    sealed: false,
    ...partitionOf(relation),
    ...(relation.ingested === undefined ? {} : { ingested: relation.ingested }),
  }
}

/** Whether clauses may be added to the SELECT itself. */
export function isOpen({ select, sealed }: Relation): boolean {
  return (
    !sealed &&
    !select.groupBy &&
    !select.orderBy &&
    !select.limit &&
    !select.limitBy &&
    !select.arrayJoin &&
    !select.unionAll
  )
}

/** Whether a KQL column is a plain reference in the SELECT, so that using it twice costs nothing. */
export function isPlain(relation: Relation, name: string): boolean {
  const physical =
    name === ingestionColumn
      ? relation.ingested
      : relation.columns.find((item) => item.name === name)?.physical
  const found = relation.select.columns.find((item) => item.name === physical)
  return found?.expression.kind === 'column'
}

export function withWhere(relation: Relation, condition: SqlExpression): Relation {
  const { select } = relation
  return {
    ...relation,
    select: { ...select, where: select.where ? and(select.where, condition) : condition },
  }
}

/** The relation's order as items of an ORDER BY over its SELECT's output columns. */
export function orderItems(relation: Relation, alias?: string): OrderItem[] {
  return relation.order.map(({ physical, descending, nullsFirst }) => ({
    expression: column(physical, alias),
    descending,
    nullsFirst,
  }))
}
