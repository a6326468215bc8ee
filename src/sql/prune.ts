import { assertNever } from '../error.ts'
import type { OrderItem, Select, SelectColumn, Source, SqlExpression } from './node.ts'

/** Columns that are read, by the alias of the source that gives them. */
type Needed = Map<string, Set<string>>

/** Drops the columns of inner SELECTs that nothing reads; the outermost keeps all of its own. */
export function pruneColumns(select: Select): Select {
  return prune(select, undefined)
}

function prune(select: Select, wanted: ReadonlySet<string> | undefined): Select {
  if (select.unionAll) return pruneUnion(select, select.unionAll, wanted)
  const columns = keptColumns(select.columns, wanted)
  const needed: Needed = new Map()
  const own = new Set<string>()
  const read = (expression: SqlExpression): void => collect(expression, needed, own)
  for (const { expression } of columns) read(expression)
  for (const expression of [
    select.where,
    select.having,
    select.limit,
    ...(select.groupBy ?? []),
    ...(select.limitBy?.by ?? []),
  ]) {
    if (expression) read(expression)
  }
  for (const { expression } of select.orderBy ?? []) read(expression)
  const arrayJoin = select.arrayJoin?.filter(({ name }, index) => index === 0 || own.has(name))
  for (const { expression } of arrayJoin ?? []) read(expression)
  collectSource(select.from, read)
  return {
    ...select,
    columns: columns.map(({ name, expression }) => ({ name, expression: pruneExpression(expression) })),
    from: pruneSource(select.from, needed),
    ...(arrayJoin
      ? {
          arrayJoin: arrayJoin.map(({ name, expression }) => ({
            name,
            expression: pruneExpression(expression),
          })),
        }
      : {}),
    ...(select.where ? { where: pruneExpression(select.where) } : {}),
    ...(select.having ? { having: pruneExpression(select.having) } : {}),
    ...(select.groupBy ? { groupBy: select.groupBy.map((expression) => pruneExpression(expression)) } : {}),
    ...(select.orderBy
      ? {
          orderBy: select.orderBy.map((item): OrderItem => ({
            ...item,
            expression: pruneExpression(item.expression),
          })),
        }
      : {}),
  }
}

/** A SELECT needs one column at least; a plain one is the cheapest. */
function keptColumns(
  columns: readonly SelectColumn[],
  wanted: ReadonlySet<string> | undefined,
): readonly SelectColumn[] {
  if (!wanted) return columns
  const kept = columns.filter(({ name }) => wanted.has(name))
  if (kept.length > 0) return kept
  const plain = columns.find(({ expression }) => expression.kind === 'column') ?? columns[0]
  return plain ? [plain] : []
}

/** Members of a union agree by position. */
function pruneUnion(
  select: Select,
  members: readonly Select[],
  wanted: ReadonlySet<string> | undefined,
): Select {
  const kept = new Set(keptColumns(members[0]?.columns ?? [], wanted).map(({ name }) => name))
  const positions = (members[0]?.columns ?? []).flatMap(({ name }, index) => (kept.has(name) ? [index] : []))
  const pruned = members.map((member) => {
    const columns = positions.flatMap((position) => member.columns[position] ?? [])
    return prune({ ...member, columns }, undefined)
  })
  return { ...select, ...pruned[0], unionAll: pruned }
}

function pruneSource(source: Source, needed: Needed): Source {
  switch (source.kind) {
    case 'one':
    case 'table':
      return source
    case 'select':
      return { ...source, select: prune(source.select, needed.get(source.alias) ?? new Set()) }
    case 'join':
      return {
        ...source,
        left: pruneSource(source.left, needed),
        right: pruneSource(source.right, needed),
        on: pruneExpression(source.on),
      }
    case 'cross':
      return { ...source, left: pruneSource(source.left, needed), right: pruneSource(source.right, needed) }
    default:
      return assertNever(source)
  }
}

function collectSource(source: Source, read: (expression: SqlExpression) => void): void {
  if (source.kind === 'join') read(source.on)
  if (source.kind === 'join' || source.kind === 'cross') {
    collectSource(source.left, read)
    collectSource(source.right, read)
  }
}

function collect(expression: SqlExpression, needed: Needed, own: Set<string>): void {
  if (expression.kind !== 'column') {
    for (const inner of operands(expression)) collect(inner, needed, own)
    return
  }
  if (expression.source === undefined) {
    own.add(expression.name)
    return
  }
  const names = needed.get(expression.source) ?? new Set()
  names.add(expression.name)
  needed.set(expression.source, names)
}

/** The expressions directly inside another; SELECTs inside it name nothing outside themselves. */
function operands(expression: SqlExpression): readonly SqlExpression[] {
  switch (expression.kind) {
    case 'call':
      return expression.args
    case 'aggregate':
      return [...expression.parameters, ...expression.args]
    case 'array':
      return expression.elements
    case 'cast':
    case 'in':
      return [expression.value]
    case 'lambda':
      return [expression.body]
    case 'window':
      return [
        expression.call,
        ...expression.window.partitionBy,
        ...expression.window.orderBy.map((item) => item.expression),
      ]
    default:
      return []
  }
}

/** Prunes the SELECTs inside an expression; one without any stays the same object. */
function pruneExpression(expression: SqlExpression): SqlExpression {
  switch (expression.kind) {
    case 'scalar':
      return { ...expression, select: prune(expression.select, undefined) }
    case 'in':
      return {
        ...expression,
        value: pruneExpression(expression.value),
        select: prune(expression.select, undefined),
      }
    case 'call': {
      const args = expression.args.map((argument) => pruneExpression(argument))
      return args.every((argument, index) => argument === expression.args[index])
        ? expression
        : { ...expression, args }
    }
    case 'aggregate': {
      const args = expression.args.map((argument) => pruneExpression(argument))
      return args.every((argument, index) => argument === expression.args[index])
        ? expression
        : { ...expression, args }
    }
    case 'cast': {
      const value = pruneExpression(expression.value)
      return value === expression.value ? expression : { ...expression, value }
    }
    case 'array': {
      const elements = expression.elements.map((element) => pruneExpression(element))
      return elements.every((element, index) => element === expression.elements[index])
        ? expression
        : { ...expression, elements }
    }
    case 'lambda': {
      const body = pruneExpression(expression.body)
      return body === expression.body ? expression : { ...expression, body }
    }
    default:
      return expression
  }
}
