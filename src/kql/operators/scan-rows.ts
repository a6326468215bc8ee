import {
  aggregate,
  call,
  column,
  integer,
  lambda,
  type Select,
  type SelectColumn,
  type SqlExpression,
} from '../../sql/node.ts'
import type { Emitter } from '../emitter.ts'
import type { Column } from '../plan.ts'
import {
  naturalOrder,
  physicalName,
  type EvidenceColumns,
  type Relation,
  type RelationColumn,
} from '../relation.ts'
import { groupParts } from './summarize.ts'

/** The most rows that one part may have: a fold takes a moment for each. */
export const mostRows = 100_000

/** A fold copies its result for each element, so that rows go into it in portions. */
const chunkRows = 256

/** One row for each part; `chunks` is an array of tuples, whose second element is an array of rows. */
export interface Chunks {
  readonly relation: Relation
  readonly chunks: SqlExpression
}

/** Gathers the rows of each part. A row is a tuple: its number, the relation's columns, and its evidence. */
export function chunked({ evidence, ...rows }: Relation, emitter: Emitter): Chunks {
  const number = valueOf(rows, rows.order[0]?.physical ?? '')
  const physical = [...rows.columns.map((item) => item.physical), ...evidenceNames(evidence)]
  const row = call('tuple', number, ...physical.map((name) => valueOf(rows, name)))
  const portion = emitter.hidden('chunk')
  const tuples = emitter.hidden('rows')
  const inner = groupParts(rows)
  const chunkNumber = call('intDiv', number, chunkRows)
  const portions: Select = {
    from: rows.select.from,
    columns: [
      { name: portion, expression: chunkNumber },
      { name: tuples, expression: gathered(row, chunkRows) },
      ...inner.columns,
    ],
    groupBy: [...inner.keys, chunkNumber],
  }
  const base = emitter.bracket({ ...rows, select: portions, columns: [], order: [], sealed: true })
  const outer = groupParts(base)
  const name = emitter.hidden('chunks')
  const chunk = call('tuple', valueOf(base, portion), valueOf(base, tuples))
  const isTooMany = call('greater', aggregate('sum', [call('length', valueOf(base, tuples))]), mostRows)
  const select: Select = {
    from: base.select.from,
    columns: [{ name, expression: gathered(chunk, mostRows) }, ...outer.columns],
    ...(outer.keys.length > 0 ? { groupBy: outer.keys } : {}),
    having: call(
      'equals',
      call('throwIf', isTooMany, `scan over more than ${mostRows} rows: partition or filter them`),
      0,
    ),
  }
  const relation = emitter.bracket({ ...base, select, sealed: true })
  return { relation, chunks: valueOf(relation, name) }
}

/** Tuples in the order of their first elements. */
function gathered(tuple: SqlExpression, most: number): SqlExpression {
  const first = lambda(['t'], (item) => call('tupleElement', item, 1))
  return call('arraySort', first, aggregate('groupArray', [tuple], [integer(most)]))
}

/** A row for each match, with the first columns of the row and those that the steps have set. */
export function spread(
  { relation, chunks }: Chunks,
  matches: SqlExpression,
  rows: Relation,
  width: number,
  own: readonly Column[],
  emitter: Emitter,
): Relation {
  const { match, row, matched, index } = unfolded({ relation, chunks }, matches, emitter)
  const value = (tuple: string, at: number): SqlExpression => call('tupleElement', valueOf(match, tuple), at)
  const number = emitter.hidden('row')
  const shown = rows.columns.slice(0, width)
  const added = own.map((item): RelationColumn => ({ ...item, physical: physicalName(item.name) }))
  const { evidence } = rows
  const columns: SelectColumn[] = [
    ...match.select.columns.filter(({ name }) => name !== row && name !== matched),
    ...shown.map(({ physical }, at) => ({ name: physical, expression: value(row, at + 2) })),
    ...added.map(({ physical }, at) => ({ name: physical, expression: value(matched, at + 1) })),
    ...evidenceNames(evidence).map((name, at) => ({
      name,
      expression: value(row, rows.columns.length + at + 2),
    })),
    { name: number, expression: value(row, 1) },
  ]
  return {
    ...match,
    select: { ...match.select, columns },
    columns: [...shown, ...added],
    order: [naturalOrder(number), naturalOrder(index)],
    sealed: false,
    ...(evidence ? { evidence } : {}),
  }
}

/** Out of a row for each part, one for each portion of its rows, then for each row, then for each match. */
function unfolded(
  { relation, chunks }: Chunks,
  matches: SqlExpression,
  emitter: Emitter,
): { readonly match: Relation; readonly row: string; readonly matched: string; readonly index: string } {
  const row = chunks.kind === 'column' ? chunks.name : ''
  const matched = emitter.hidden('matches')
  const index = emitter.hidden('index')
  const parts = withColumn(relation, matched, matches, emitter)
  const portions = joined(parts, { [row]: (array) => array, [matched]: (array) => array }, emitter)
  const rows = joined(
    portions,
    { [row]: (portion) => call('tupleElement', portion, 2), [matched]: (array) => array },
    emitter,
  )
  const counted = withColumn(rows, index, call('arrayEnumerate', valueOf(rows, matched)), emitter)
  const match = joined(counted, { [matched]: (array) => array, [index]: (array) => array }, emitter)
  return { match, row, matched, index }
}

function withColumn(input: Relation, name: string, expression: SqlExpression, emitter: Emitter): Relation {
  const columns = [...input.select.columns, { name, expression }]
  return emitter.bracket({ ...input, select: { ...input.select, columns }, sealed: true })
}

function evidenceNames(evidence: EvidenceColumns | undefined): readonly string[] {
  return evidence ? [evidence.sample, evidence.count] : []
}

/** A row for each element of the arrays, which have the same length; each element takes its array's name. */
function joined(
  input: Relation,
  arrays: Readonly<Record<string, (value: SqlExpression) => SqlExpression>>,
  emitter: Emitter,
): Relation {
  const elements = new Map(Object.keys(arrays).map((name) => [name, emitter.hidden('item')]))
  const arrayJoin = Object.entries(arrays).map(([name, array]) => ({
    name: elements.get(name) ?? name,
    expression: array(valueOf(input, name)),
  }))
  const columns = input.select.columns.map((item) => {
    const element = elements.get(item.name)
    return element === undefined ? item : { name: item.name, expression: column(element) }
  })
  return emitter.bracket({ ...input, select: { ...input.select, columns, arrayJoin }, sealed: true })
}

function valueOf(relation: Relation, physical: string): SqlExpression {
  const found = relation.select.columns.find(({ name }) => name === physical)
  if (!found) throw new Error(`no column ${physical} in the SELECT`)
  return found.expression
}
