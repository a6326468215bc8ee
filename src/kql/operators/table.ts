import {
  boolean,
  call,
  cast,
  column,
  integer,
  text,
  type SelectColumn,
  type SqlExpression,
} from '../../sql/node.ts'
import { jsonMember } from '../json-parts.ts'
import type { Emitter } from '../emitter.ts'
import { convert, convertSql } from '../convert.ts'
import { operand } from '../operand.ts'
import { operator } from '../operator.ts'
import { child, childItems, nameOf } from '../parser/tree.ts'
import type { PlanNode } from '../plan.ts'
import { physicalName, type Relation } from '../relation.ts'
import type { ColumnSchema, TableSchema } from '../schema.ts'
import { datetimeToTicks, nullOf, physicalTypes, type KqlType } from '../types.ts'

interface TableNode extends PlanNode {
  readonly kind: 'table'
  readonly table: string
  /** The table is a watchlist of that name. */
  readonly watchlist?: true
}

/** A table of the schema. Columns of an open schema are read from its bag. */
export const table = operator<TableNode>({
  kind: 'table',
  syntax: ['NameReference'],
  doc: 'The rows of a table.',
  example: { query: 'datatable(a: long)[1]', rows: [[1]] },
  plan: (node, _input, planner) => {
    const argument = node.children['ArgumentList']
      ? childItems(child(node, 'ArgumentList'), 'Expressions')[0]
      : undefined
    const name = argument ? planner.constantText(argument) : nameOf(node)
    if (planner.table(name, node).absent === true)
      planner.warn('absent-table', `there are no records of ${name} here`, node)
    const columns = planner.columns(node)
    const result: TableNode = { kind: 'table', table: name, columns, place: planner.place(node) }
    return result
  },
  emit: (node, emitter) => {
    const { tables, watchlists = [] } = emitter.options.schema
    const schema = (node.watchlist === true ? watchlists : tables).find(({ name }) => name === node.table)
    if (!schema) throw new Error(`no table ${node.table}`)
    if (schema.absent === true) return emptyRelation(node, emitter)
    const alias = emitter.alias()
    const evidence = emitter.options.evidence === true ? evidenceOf(schema, alias, emitter) : undefined
    const condition = node.watchlist === true ? undefined : emitter.options.conditions?.get(schema.name)
    const traced = evidence ? { evidence: { sample: evidence.sample.name, count: evidence.count.name } } : {}
    const ingested = ingestedAt(schema, alias, emitter)
    return {
      ...traced,
      ...(ingested ? { ingested: ingested.name } : {}),
      select: {
        columns: [
          ...node.columns.map(({ name, type }) => ({
            name: physicalName(name),
            expression: columnValue(schema, name, type, alias),
          })),
          ...(evidence ? [evidence.sample, evidence.count] : []),
          ...(ingested ? [ingested] : []),
        ],
        from: { kind: 'table', database: schema.database, name: schema.source, alias },
        ...(condition ? { where: columnsFrom(condition, alias) } : {}),
      },
      columns: node.columns.map(({ name, type }) => ({ name, type, physical: physicalName(name) })),
      order: [],
      sealed: false,
    }
  },
})

function emptyRelation({ columns }: TableNode, emitter: Emitter): Relation {
  const physical = columns.map((item) => ({ ...item, physical: physicalName(item.name) }))
  const ingested = emitter.options.ingestionTime && emitter.hidden('ingested')
  const times = ingested === undefined ? [] : [{ name: ingested, expression: nullOf('datetime') }]
  return {
    ...(ingested === undefined ? {} : { ingested }),
    select: {
      columns: [
        ...physical.map((item) => ({ name: item.physical, expression: nullOf(item.type) })),
        ...times,
      ],
      from: { kind: 'one' },
      where: boolean(false),
    },
    columns: physical,
    order: [],
    sealed: true,
  }
}

function columnValue(schema: TableSchema, name: string, type: KqlType, alias: string): SqlExpression {
  const declared = schema.columns.find((item) => item.name === name)
  if (declared?.cell !== undefined) {
    return convert(operand(call('arrayElement', column('cells', alias), declared.cell), 'string'), type)
  }
  if (declared && declared.bagKey === undefined) return column(name, alias)
  return bagValue(schema, declared?.bagKey ?? name, type, alias, declared)
}

/** A value in the bag column: text as it stands, anything else by the conversion of its type. */
function bagValue(
  schema: TableSchema,
  key: string,
  type: KqlType,
  alias: string,
  declared: ColumnSchema | undefined,
): SqlExpression {
  if (!schema.open) throw new Error(`${declared?.name ?? key} lies in a bag, and the table has none`)
  const [bag, path] = [column(schema.open.bagColumn, alias), [text(key)]]
  const raw = type === 'dynamic' ? jsonMember(bag, path) : call('JSONExtractRaw', bag, ...path)
  const json = call('if', call('equals', raw, 'null'), '', raw)
  if (type === 'dynamic') return json
  return type === 'string'
    ? convertSql(json, 'dynamic', 'string')
    : cast(convertSql(json, 'dynamic', type), physicalTypes[type])
}

/** A condition whose columns name no source, over the table with this alias. */
function columnsFrom(condition: SqlExpression, alias: string): SqlExpression {
  const inner = (expression: SqlExpression): SqlExpression => columnsFrom(expression, alias)
  switch (condition.kind) {
    case 'column':
      return { ...condition, source: alias }
    case 'call':
      return { ...condition, args: condition.args.map(inner) }
    case 'cast':
      return { ...condition, value: inner(condition.value) }
    case 'string':
    case 'integer':
    case 'real':
    case 'boolean':
    case 'null':
    case 'binding':
      return condition
    default:
      throw new Error(`a condition on rows has no ${condition.kind}`)
  }
}

/** When each row was ingested, where the query asks for it and the table knows. */
function ingestedAt(schema: TableSchema, alias: string, emitter: Emitter): SelectColumn | undefined {
  const stored = schema.ingestionTime?.[emitter.options.ingestionTime ?? 'event']
  if (emitter.options.ingestionTime === undefined || stored === undefined) return undefined
  const time = call('toDateTime64', column(stored, alias), 7, 'UTC')
  const expression = emitter.options.ingestionTime === 'event' ? column(stored, alias) : time
  return { name: emitter.hidden('ingested'), expression }
}

/** The record behind each row of a table that has the columns for it. */
function evidenceOf(
  schema: TableSchema,
  alias: string,
  emitter: Emitter,
): { readonly sample: SelectColumn; readonly count: SelectColumn } | undefined {
  const names = ['_EvidenceId', '_EvidenceRecord', '_EvidenceOrdinal']
  const found = new Set(schema.columns.map((item) => item.name))
  if (!found.has('_EvidenceId') || !found.has('_EvidenceRecord')) return undefined
  const types = ['String', 'UInt64', 'UInt32']
  const time = found.has('TimeGenerated') ? datetimeToTicks(column('TimeGenerated', alias)) : integer(0)
  const parts = [
    call('toInt64', time),
    text(schema.name),
    ...names.map((name, index) =>
      cast(found.has(name) ? column(name, alias) : integer(0), types[index] ?? 'String'),
    ),
  ]
  return {
    sample: { name: emitter.hidden('evidence'), expression: call('array', call('tuple', ...parts)) },
    count: { name: emitter.hidden('records'), expression: call('toUInt64', 1) },
  }
}
