import {
  aggregate,
  array,
  boolean,
  call,
  cast,
  integer,
  real,
  text,
  type Select,
  type SqlExpression,
} from '../sql/node.ts'
import { Refusal, type Place } from './diagnostic.ts'
import type { CallSite, GeoIp } from './function.ts'
import { scalarFunction } from './functions.ts'
import { printDatetime } from './literals.ts'
import { operand, type Operand } from './operand.ts'
import type { Operators } from './operator.ts'
import { aggregateFunction } from './aggregates.ts'
import {
  columnsOf,
  type AggregateExpression,
  type CallExpression,
  type ColumnExpression,
  type Expression,
  type LiteralExpression,
  type PlanNode,
} from './plan.ts'
import { jsonArray, quoteJson } from './convert.ts'
import { foldConstants } from './fold.ts'
import { memberOf, parsedJson } from './path.ts'
import {
  bracketed,
  IngestionUnknown,
  MissingColumn,
  innerScope,
  isOpen,
  isPlain,
  orderItems,
  type Relation,
  type Scope,
} from './relation.ts'
import type { Schema, TableSchema } from './schema.ts'
import { isText, nullOf, physicalTypes, type KqlType } from './types.ts'

/** What every row of a table must meet, by its columns. */
export type RowCondition = (
  table: TableSchema,
  column: (name: string) => SqlExpression,
) => SqlExpression | undefined

export interface EmitterOptions {
  readonly operators: Operators
  readonly schema: Schema
  /** Ticks since 1970-01-01, or a parameter of the SQL. */
  readonly now: bigint | 'parameter'
  /** Conditions on every row of a table, by its name; their columns are the table's. */
  readonly conditions?: ReadonlyMap<string, SqlExpression>
  /** Rows are to tell the records that they come from. */
  readonly evidence?: boolean
  /** Where addresses are; not known where the query is only compiled. */
  readonly geoip?: GeoIp | 'unknown'
  /** The query asks when rows were ingested: as the time of their events, or in fact. */
  readonly ingestionTime?: IngestionTime
}

export type IngestionTime = 'event' | 'actual'

/** Turns a plan into SQL nodes. One emitter serves one query: it hands out the names. */
export class Emitter {
  readonly options: EmitterOptions
  #aliases = 0
  #serials = 0
  /** What the inputs of subqueries stand for, by their plan nodes' numbers. */
  readonly inputs = new Map<number, Relation>()
  #placed = false
  #isTraced = false
  /** Whether the query asks what time it is. */
  readsClock = false
  /** The first operator that could not tell which records its rows come from. */
  evidenceLost: PlanNode | undefined

  constructor(options: EmitterOptions) {
    this.options = options
  }

  relation(node: PlanNode): Relation {
    const relation = this.options.operators.byKind(node.kind).emit(node, this)
    if (relation.evidence) this.#isTraced = true
    else if (this.#isTraced && 'input' in node) this.evidenceLost ??= node
    return relation
  }

  /** A table alias that no other SELECT of this query has. */
  alias(): string {
    this.#aliases += 1
    return `__s${this.#aliases}`
  }

  serial(): number {
    this.#serials += 1
    return this.#serials
  }

  /** A private column name; no KQL name begins with two underscores in SQL. */
  hidden(purpose: string): string {
    return `__${purpose}${this.serial()}`
  }

  bracket(relation: Relation): Relation {
    return bracketed(relation, this.alias())
  }

  /** The relation, in brackets where the expressions could not simply be put into its SELECT. */
  ready(relation: Relation, expressions: readonly Expression[]): Relation {
    const isReady =
      isOpen(relation) &&
      expressions.every((expression) =>
        [...columnsOf(expression)].every(({ name }) => isPlain(relation, name)),
      )
    return isReady ? relation : this.bracket(relation)
  }

  expression(expression: Expression, scope: Scope): Operand {
    switch (expression.kind) {
      case 'column':
        return this.#column(expression, scope)
      case 'literal':
        return literalOperand(expression)
      case 'scalar':
        return this.#scalar(expression.plan, expression.type)
      case 'rows':
        throw new Refusal('unsupported-argument', 'a table cannot be used here', expression.place)
      case 'aggregate':
        return this.#aggregate(expression, scope)
      case 'call': {
        if (expression.name.startsWith('has_a')) return this.#hasTerms(expression, scope)
        if (isMembership(expression.name) && expression.args.some((item) => item.kind === 'rows')) {
          return this.#membership(expression.name, expression.args, scope, expression.place)
        }
        const args = expression.args.map((argument) => this.expression(argument, scope))
        return this.call(expression.name, args, expression.type, expression.place)
      }
      default:
        throw new Error('an expression of an unknown kind')
    }
  }

  #column({ name, step, place }: ColumnExpression, scope: Scope): Operand {
    try {
      return scope(name, step)
    } catch (error) {
      if (error instanceof MissingColumn) throw new Refusal('bad-argument', error.message, place)
      if (!(error instanceof IngestionUnknown)) throw error
      const message = 'these rows do not tell when they were ingested'
      throw new Refusal('bad-argument', message, place, 'ask for ingestion_time() next to the table')
    }
  }

  /** As `expression`, where NULL may stand for false: in WHERE and ON. */
  predicate(expression: Expression, scope: Scope): SqlExpression {
    if (expression.kind === 'call') {
      if (expression.name === 'and' || expression.name === 'or') {
        return call(expression.name, ...expression.args.map((item) => this.predicate(item, scope)))
      }
      if (expression.name === '==') {
        const args = expression.args.map((argument) => this.expression(argument, scope))
        return this.#call('== or null', args, 'bool', expression.place)
      }
    }
    const value = this.expression(expression, scope)
    return value.type === 'bool' ? value.sql : this.call('tobool', [value], 'bool', expression.place).sql
  }

  call(name: string, args: readonly Operand[], type: KqlType, place: Place): Operand {
    if (name === 'now' || name === 'ago') this.readsClock = true
    const folded = foldConstants(name, args, this.options.now, place)
    if (folded) return literalOperand(folded)
    const [first, second] = args
    if (first && second && (name === 'member' || name === 'element')) return memberOf(first, second, place)
    if (first && jsonReaders.has(name)) return parsedJson(first)
    const definition = scalarFunction(name)
    const sql = this.#call(name, args, type, place)
    return operand(sql, definition?.type ?? type, definition?.total !== true)
  }

  #call(name: string, args: readonly Operand[], type: KqlType, place: Place): SqlExpression {
    const definition = scalarFunction(name)
    if (!definition) throw new Refusal('unsupported-function', `${name} is not supported yet`, place)
    return definition.emit(args, this.#site(name, definition.type ?? type, place))
  }

  #site(name: string, type: KqlType, place: Place): CallSite {
    return {
      name,
      type,
      place,
      now: this.options.now,
      serial: () => this.serial(),
      placed: this.#placed,
      ...(this.options.geoip ? { geoip: this.options.geoip } : {}),
      refuse: (code, message, hint) => {
        throw new Refusal(code, message, place, hint)
      },
      call: (inner, innerArgs, innerType) => this.call(inner, innerArgs, innerType, place),
    }
  }

  /** The columns that an expression over aggregates fills, with the types that the binder gives them. */
  aggregateColumns(
    expression: Expression,
    scope: Scope,
    types: readonly KqlType[],
    placed: boolean,
  ): readonly Operand[] {
    this.#placed = placed
    const definition = expression.kind === 'aggregate' ? aggregateFunction(expression.name) : undefined
    if (expression.kind !== 'aggregate' || !definition?.emitColumns)
      return [this.expression(expression, scope)]
    const args = expression.args.map((argument) => this.expression(argument, scope))
    const site = this.#site(expression.name, expression.type, expression.place)
    return definition
      .emitColumns(args, site)
      .map((sql, index) => operand(sql, types[index] ?? expression.type))
  }

  #aggregate(expression: AggregateExpression, scope: Scope): Operand {
    const { name, type, place } = expression
    const definition = aggregateFunction(name)
    if (!definition) throw new Refusal('unsupported-aggregate', `${name} is not supported yet`, place)
    const args = expression.args.map((argument) => this.expression(argument, scope))
    return operand(definition.emit(args, this.#site(name, type, place)), type, definition.total !== true)
  }

  /** `toscalar`: the first column of the first row, null where there is none. */
  #scalar(plan: PlanNode, type: KqlType): Operand {
    const relation = this.relation(plan)
    const first = relation.columns[0]
    if (!first) throw new Error('a scalar query without columns')
    const select = this.#firstColumn(relation, first.physical, integer(1))
    const value: SqlExpression = { kind: 'scalar', select }
    return operand(isText(type) ? call('ifNull', value, '') : value, type)
  }

  /** `has_any` and `has_all` take a table's values as an array. */
  #hasTerms({ name, args, type, place }: CallExpression, scope: Scope): Operand {
    const values = args.map((argument) =>
      argument.kind === 'rows' ? this.#values(argument.plan, place) : this.expression(argument, scope),
    )
    return this.call(name, values, type, place)
  }

  /** The first column of a table as one dynamic array of strings. */
  #values(plan: PlanNode, place: Place): Operand {
    const relation = this.relation(plan)
    const first = relation.columns[0]
    if (!first) throw new Refusal('bad-argument', 'a table without columns', place)
    const inner = this.bracket(relation)
    const texts = this.call('tostring', [innerScope(inner)(first.name)], 'string', place)
    const list = jsonArray(aggregate('groupUniqArray', [quoteJson(texts.sql)]))
    const select: Select = { columns: [{ name: first.physical, expression: list }], from: inner.select.from }
    return operand(call('ifNull', { kind: 'scalar', select }, '[]'), 'dynamic')
  }

  #membership(name: string, args: readonly Expression[], scope: Scope, place: Place): Operand {
    const [subject, rows] = args
    if (!subject || rows?.kind !== 'rows' || args.length > 2) {
      throw new Refusal(
        'unsupported-argument',
        `${name} takes one table or a list of values, not both`,
        place,
      )
    }
    const folds = name.endsWith('~')
    const relation = this.relation(rows.plan)
    const first = relation.columns[0]
    if (!first) throw new Refusal('bad-argument', 'a table without columns', place)
    const inner = this.bracket(relation)
    const fold = (value: Operand): SqlExpression => {
      const converted =
        first.type === 'string' || folds ? this.call('tostring', [value], 'string', place).sql : value.sql
      return folds ? call('lowerUTF8', converted) : converted
    }
    if (first.type === 'dynamic')
      throw new Refusal('unsupported-argument', 'a table of dynamic values', place)
    const value = this.expression(subject, scope)
    const select: Select = {
      columns: [{ name: first.physical, expression: fold(innerScope(inner)(first.name)) }],
      from: inner.select.from,
    }
    const found: SqlExpression = { kind: 'in', value: fold(value), select, negated: name.startsWith('!') }
    return operand(call('ifNull', found, boolean(name.startsWith('!'))), 'bool', false)
  }

  #firstColumn(relation: Relation, physical: string, limit: SqlExpression): Select {
    const outer = this.bracket(relation)
    const columns = outer.select.columns.filter(({ name }) => name === physical)
    const alias = outer.select.from.kind === 'select' ? outer.select.from.alias : undefined
    const order = orderItems(relation, alias)
    return { ...outer.select, columns, limit, ...(order.length > 0 ? { orderBy: order } : {}) }
  }
}

/** Names of the function that reads JSON text. */
const jsonReaders: ReadonlySet<string> = new Set(['parse_json', 'parsejson', 'todynamic', 'toobject'])

function isMembership(name: string): boolean {
  return ['in', '!in', 'in~', '!in~'].includes(name)
}

/** A literal as SQL of its physical type. */
export function literalOperand(literal: LiteralExpression): Operand {
  const { type, value } = literal
  if (value === null) return { sql: nullOf(type), type, nullable: !isText(type), literal }
  return { sql: literalSql(type, value), type, nullable: false, literal }
}

function literalSql(type: KqlType, value: string | number | boolean): SqlExpression {
  switch (type) {
    case 'string':
    case 'dynamic':
      return text(String(value))
    case 'bool':
      return boolean(value === true)
    case 'long':
    case 'timespan':
      return call('toInt64', integer(BigInt(value)))
    case 'int':
      return call('toInt32', integer(BigInt(value)))
    case 'real':
      return real(Number(value))
    case 'decimal':
      return call('toDecimal256', String(value), 38)
    case 'datetime':
      return call('toDateTime64', printDatetime(BigInt(value)), 7, 'UTC')
    case 'guid':
      return call('toUUID', String(value))
    default:
      throw new Error(`no literal of type ${String(type)}`)
  }
}

/** Literals in a list of one physical type, as an array. */
export function typedArray(values: readonly SqlExpression[], type: KqlType): SqlExpression {
  return cast(array(values), `Array(${physicalTypes[type]})`)
}
