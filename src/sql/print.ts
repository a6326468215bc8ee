import { assertNever } from '../error.ts'
import { isListedAggregate, isListedFunction, isListedType } from './functions.ts'
import {
  aggregate,
  and,
  call,
  integer,
  type FrameBound,
  type LambdaParameter,
  type OrderItem,
  type Select,
  type SelectColumn,
  type Source,
  type SqlExpression,
} from './node.ts'
import { identifier, quoteString, type Sql } from './template.ts'

const infix: Readonly<Record<string, string>> = {
  equals: '=',
  notEquals: '!=',
  less: '<',
  lessOrEquals: '<=',
  greater: '>',
  greaterOrEquals: '>=',
  plus: '+',
  minus: '-',
  multiply: '*',
  divide: '/',
  isNotDistinctFrom: 'IS NOT DISTINCT FROM',
  and: 'AND',
  or: 'OR',
}

/** Prints a SELECT as SQL text. A function, aggregate or type that is not on our list is a bug and throws. */
export function printSelect(select: Select): Sql {
  return { kind: 'sql', text: selectText(select) }
}

/** Prints an expression whose columns name no source. */
export function printExpression(expression: SqlExpression): Sql {
  return { kind: 'sql', text: expressionText(expression) }
}

function selectText(select: Select): string {
  if (select.unionAll) return select.unionAll.map((member) => selectText(member)).join(' UNION ALL ')
  // A join gives ambiguous columns their full names, so each one is named there.
  const isJoin = select.from.kind === 'join' || select.from.kind === 'cross'
  const parts = [`SELECT ${select.columns.map((column) => columnText(column, isJoin)).join(', ')}`]
  if (select.from.kind !== 'one' || select.arrayJoin) parts.push(`FROM ${sourceText(select.from)}`)
  if (select.arrayJoin)
    parts.push(`ARRAY JOIN ${select.arrayJoin.map((column) => columnText(column)).join(', ')}`)
  if (select.where) parts.push(`WHERE ${expressionText(select.where)}`)
  if (select.groupBy) parts.push(`GROUP BY ${listText(select.groupBy.map((key) => withoutPosition(key)))}`)
  const having = groupCondition(select)
  if (having) parts.push(`HAVING ${expressionText(having)}`)
  if (select.orderBy) parts.push(`ORDER BY ${orderText(select.orderBy)}`)
  if (select.limitBy) parts.push(`LIMIT ${select.limitBy.count} BY ${listText(select.limitBy.by)}`)
  if (select.limit) parts.push(`LIMIT ${expressionText(select.limit)}`)
  return parts.join(' ')
}

/**
 * Where all keys come out as constants and nothing is aggregated, the engine would make a group of no rows, or one of each
 * row. What comes out as a constant is its own affair: `x > NULL` does. So only a column of a table is known to be none.
 */
function groupCondition(select: Select): SqlExpression | undefined {
  const { groupBy, having } = select
  if (!groupBy || groupBy.some((key) => key.kind === 'column' && isStored(key.name, key.source, select)))
    return having
  const isGroup = call('greater', aggregate('count', []), integer(0))
  return having ? and(having, isGroup) : isGroup
}

/** Whether a column is one of a table, or made of an array's elements. */
function isStored(name: string, alias: string | undefined, { from, arrayJoin }: Select): boolean {
  if (alias === undefined && arrayJoin?.some((item) => item.name === name)) return true
  return isStoredIn(from, name, alias)
}

function isStoredIn(source: Source, name: string, alias: string | undefined): boolean {
  if (source.kind === 'join' || source.kind === 'cross')
    return alias !== undefined && [source.left, source.right].some((side) => isStoredIn(side, name, alias))
  if (source.kind === 'one' || (alias !== undefined && alias !== source.alias)) return false
  if (source.kind === 'table') return true
  const members = source.select.unionAll ?? [source.select]
  const place = members[0]?.columns.findIndex((item) => item.name === name) ?? -1
  return members.every((member) => {
    const inner = member.columns[place]?.expression
    return inner?.kind === 'column' && isStored(inner.name, inner.source, member)
  })
}

/** A literal among the keys would be read as the number of a column. */
function withoutPosition(key: SqlExpression): SqlExpression {
  const isLiteral = ['string', 'integer', 'real', 'boolean', 'null'].includes(key.kind)
  return isLiteral ? { kind: 'call', name: 'tuple', args: [key] } : key
}

function columnText({ name, expression }: SelectColumn, isJoin = false): string {
  if (!isJoin && expression.kind === 'column' && expression.name === name) return expressionText(expression)
  return `${expressionText(expression)} AS ${identifier(name).text}`
}

function sourceText(source: Source): string {
  switch (source.kind) {
    case 'one':
      return 'system.one'
    case 'table':
      return `${identifier(source.database).text}.${identifier(source.name).text} AS ${identifier(source.alias).text}`
    case 'select':
      return `(${selectText(source.select)}) AS ${identifier(source.alias).text}`
    case 'join':
      return `${sourceText(source.left)} ${source.join} JOIN ${sourceText(source.right)} ON ${expressionText(source.on)}`
    case 'cross':
      return `${sourceText(source.left)} CROSS JOIN ${sourceText(source.right)}`
    default:
      return assertNever(source)
  }
}

function expressionText(expression: SqlExpression): string {
  switch (expression.kind) {
    case 'column':
      return (
        (expression.source === undefined ? '' : `${identifier(expression.source).text}.`) +
        identifier(expression.name).text
      )
    case 'string':
      return quoteString(expression.value)
    case 'integer':
      return integerText(expression.value)
    case 'real':
      return realText(expression.value)
    case 'boolean':
      return expression.value ? 'true' : 'false'
    case 'null':
      return 'NULL'
    case 'binding':
      return bindingText(expression.name, expression.type)
    case 'array':
      return `[${listText(expression.elements)}]`
    case 'call':
      return callText(expression.name, expression.args)
    case 'aggregate':
      return aggregateText(expression)
    case 'cast':
      return `CAST(${expressionText(expression.value)}, ${quoteString(listedType(expression.type))})`
    case 'parameter':
      return parameterText(expression)
    case 'lambda':
      return lambdaText(expression)
    case 'window':
      return windowText(expression)
    case 'scalar':
      return `(${selectText(expression.select)})`
    case 'in':
      return `(${expressionText(expression.value)} ${expression.negated ? 'NOT IN' : 'IN'} (${selectText(expression.select)}))`
    default:
      return assertNever(expression)
  }
}

/** Names of the lambda parameters in scope while a text is printed. */
const scope: LambdaParameter[] = []

function lambdaText({ parameters, body }: Extract<SqlExpression, { kind: 'lambda' }>): string {
  scope.push(...parameters)
  try {
    return `(${parameters.map((parameter) => parameterText(parameter)).join(', ')}) -> ${expressionText(body)}`
  } finally {
    scope.length -= parameters.length
  }
}

function parameterText(parameter: LambdaParameter): string {
  const depth = scope.indexOf(parameter)
  if (depth < 0) throw new Error(`the parameter ${parameter.name} is used outside its lambda`)
  return identifier(`_${parameter.name}${depth}`).text
}

function callText(name: string, args: readonly SqlExpression[]): string {
  const operator = infix[name]
  if (operator !== undefined && args.length >= 2) {
    return `(${args.map((argument) => expressionText(argument)).join(` ${operator} `)})`
  }
  if (name === 'not' && args.length === 1) return `(NOT ${listText(args)})`
  if (!isListedFunction(name)) throw new Error(`SQL function ${name} is not listed`)
  return `${name}(${listText(args)})`
}

function aggregateText(expression: Extract<SqlExpression, { kind: 'aggregate' }>): string {
  if (!isListedAggregate(expression.name)) throw new Error(`SQL aggregate ${expression.name} is not listed`)
  const parameters = expression.parameters.length === 0 ? '' : `(${listText(expression.parameters)})`
  return `${expression.name}${parameters}(${listText(expression.args)})`
}

function windowText({ call, window }: Extract<SqlExpression, { kind: 'window' }>): string {
  const parts: string[] = []
  if (window.partitionBy.length > 0) parts.push(`PARTITION BY ${listText(window.partitionBy)}`)
  if (window.orderBy.length > 0) parts.push(`ORDER BY ${orderText(window.orderBy)}`)
  if (window.rows) parts.push(`ROWS BETWEEN ${boundText(window.rows[0])} AND ${boundText(window.rows[1])}`)
  return `${expressionText(call)} OVER (${parts.join(' ')})`
}

function boundText(bound: FrameBound): string {
  if (typeof bound === 'string') return bound.toUpperCase()
  return bound < 0 ? `${-bound} PRECEDING` : `${bound} FOLLOWING`
}

function orderText(items: readonly OrderItem[]): string {
  return items
    .map((item) => {
      const direction = item.descending ? 'DESC' : 'ASC'
      return `${expressionText(item.expression)} ${direction} NULLS ${item.nullsFirst ? 'FIRST' : 'LAST'}`
    })
    .join(', ')
}

function bindingText(name: string, type: string): string {
  if (!/^[a-z][A-Za-z]*$/.test(name)) throw new Error(`no name for a parameter: ${name}`)
  return `{${name}:${listedType(type)}}`
}

function listText(expressions: readonly SqlExpression[]): string {
  return expressions.map((expression) => expressionText(expression)).join(', ')
}

function integerText(value: bigint): string {
  // -9223372036854775808 is read as minus applied to a number that does not fit.
  if (value === -(2n ** 63n)) return "CAST('-9223372036854775808', 'Int64')"
  return value.toString()
}

function realText(value: number): string {
  if (Number.isNaN(value)) return "CAST('nan', 'Float64')"
  if (!Number.isFinite(value)) return `CAST('${value < 0 ? '-inf' : 'inf'}', 'Float64')`
  return `CAST('${Object.is(value, -0) ? '-0' : String(value)}', 'Float64')`
}

function listedType(type: string): string {
  if (!isListedType(type)) throw new Error(`SQL type ${type} is not listed`)
  return type
}
