// Long because it reads every kind of scalar node, most in a few lines, down to the literals.
import { isoDatetime, parseDatetime, parseTimespan, printTimespan } from './literals.ts'
import { aggregateFunction } from './aggregates.ts'
import { isRowFunction } from './window.ts'
import { scalarFunction } from './functions.ts'
import { refusedFunctions } from './functions/refused.ts'
import { child, childItems, isTabular, nameOf, type TreeNode } from './parser/tree.ts'
import { ingestionColumn } from './relation.ts'
import { anyColumn } from './star.ts'
import type { Column, Expression, LiteralExpression, LiteralValue } from './plan.ts'
import type { Planner } from './planner.ts'
import type { KqlType } from './types.ts'

/** The parser's node kinds of operators with two sides, and KQL's own spelling. */
const binaryOperators: Readonly<Record<string, string>> = {
  AddExpression: '+',
  SubtractExpression: '-',
  MultiplyExpression: '*',
  DivideExpression: '/',
  ModuloExpression: '%',
  AndExpression: 'and',
  OrExpression: 'or',
  EqualExpression: '==',
  NotEqualExpression: '!=',
  LessThanExpression: '<',
  LessThanOrEqualExpression: '<=',
  GreaterThanExpression: '>',
  GreaterThanOrEqualExpression: '>=',
  EqualTildeExpression: '=~',
  BangTildeExpression: '!~',
  HasExpression: 'has',
  NotHasExpression: '!has',
  HasCsExpression: 'has_cs',
  NotHasCsExpression: '!has_cs',
  HasPrefixExpression: 'hasprefix',
  NotHasPrefixExpression: '!hasprefix',
  HasPrefixCsExpression: 'hasprefix_cs',
  NotHasPrefixCsExpression: '!hasprefix_cs',
  HasSuffixExpression: 'hassuffix',
  NotHasSuffixExpression: '!hassuffix',
  HasSuffixCsExpression: 'hassuffix_cs',
  NotHasSuffixCsExpression: '!hassuffix_cs',
  ContainsExpression: 'contains',
  NotContainsExpression: '!contains',
  ContainsCsExpression: 'contains_cs',
  NotContainsCsExpression: '!contains_cs',
  StartsWithExpression: 'startswith',
  NotStartsWithExpression: '!startswith',
  StartsWithCsExpression: 'startswith_cs',
  NotStartsWithCsExpression: '!startswith_cs',
  EndsWithExpression: 'endswith',
  NotEndsWithExpression: '!endswith',
  EndsWithCsExpression: 'endswith_cs',
  NotEndsWithCsExpression: '!endswith_cs',
  MatchesRegexExpression: 'matches regex',
  LikeExpression: 'like',
  NotLikeExpression: 'notlike',
  LikeCsExpression: 'likecs',
  NotLikeCsExpression: 'notlikecs',
}

const listOperators: Readonly<Record<string, string>> = {
  InExpression: 'in',
  NotInExpression: '!in',
  InCsExpression: 'in~',
  NotInCsExpression: '!in~',
  HasAnyExpression: 'has_any',
  HasAllExpression: 'has_all',
}

/** Reads a scalar expression of the bound tree. */
export function planScalar(node: TreeNode, planner: Planner): Expression {
  const binary = binaryOperators[node.kind]
  if (binary !== undefined) {
    if (child(node, 'Left').kind === 'StarExpression') {
      const needle = planner.scalar(child(node, 'Right'))
      const place = planner.place(node)
      return anyColumn(starColumns(needle, node, planner), (column) => ({
        kind: 'call',
        name: binary,
        args: [column, needle],
        type: 'bool',
        place,
      }))
    }
    return call(
      binary,
      [planner.scalar(child(node, 'Left')), planner.scalar(child(node, 'Right'))],
      node,
      planner,
    )
  }
  const list = listOperators[node.kind]
  if (list !== undefined) return planList(list, node, planner)
  switch (node.kind) {
    case 'NameReference':
      return planName(node, planner)
    case 'ParenthesizedExpression':
      return planner.scalar(child(node, 'Expression'))
    case 'UnaryMinusExpression':
      return planMinus(node, planner)
    case 'UnaryPlusExpression':
      return planner.scalar(child(node, 'Expression'))
    case 'BetweenExpression':
    case 'NotBetweenExpression': {
      const bounds = child(node, 'Right')
      const args = [child(node, 'Left'), child(bounds, 'First'), child(bounds, 'Second')]
      const name = node.kind === 'BetweenExpression' ? 'between' : '!between'
      return call(
        name,
        args.map((argument) => planner.scalar(argument)),
        node,
        planner,
      )
    }
    case 'FunctionCallExpression':
      return planCall(node, planner)
    case 'PathExpression':
      return planPath(node, planner)
    case 'ElementExpression':
      return planElement(node, planner)
    case 'ToScalarExpression':
      return planToScalar(node, planner)
    case 'DynamicExpression':
      return literal('dynamic', dynamicText(child(node, 'Expression'), planner), node, planner)
    default:
      return planLiteral(node, planner)
  }
}

/** What `*` stands for beside a value: the columns that can be compared with it. */
function starColumns(value: Expression, node: TreeNode, planner: Planner): readonly Column[] {
  if (planner.star.length === 0) planner.refuse('unsupported-syntax', 'a star cannot be used here', node)
  if (value.type === 'string')
    return planner.star.filter(({ type }) => type === 'string' || type === 'dynamic')
  return planner.star.filter(({ type }) => type === value.type)
}

/** A KQL scalar's type as the binder found it. */
export function scalarType(node: TreeNode, planner: Planner): KqlType {
  if (node.type?.kind === 'scalar') return node.type.type
  return planner.refuse('unsupported-type', `the type of this expression is not known`, node)
}

function planName(node: TreeNode, planner: Planner): Expression {
  const name = nameOf(node)
  if (node.symbol?.kind === 'column') {
    return { kind: 'column', name, type: scalarType(node, planner), place: planner.place(node) }
  }
  const definition = planner.environment.find(name)
  if (definition?.kind === 'scalar') return definition.expression
  if (definition?.kind === 'table') {
    return { kind: 'rows', plan: definition.plan, type: 'dynamic', place: planner.place(node) }
  }
  if (node.body) return asScalar(planner.userCall(node), node, planner)
  return planner.refuse('unsupported-syntax', `the name ${name} has no value here`, node)
}

function planMinus(node: TreeNode, planner: Planner): Expression {
  const value = planner.scalar(child(node, 'Expression'))
  if (value.kind === 'literal' && value.value !== null) {
    if (value.type === 'real' && typeof value.value === 'number') return { ...value, value: -value.value }
    if (['long', 'int', 'timespan'].includes(value.type) && value.value !== '0') {
      return { ...value, value: String(-BigInt(String(value.value))) }
    }
  }
  return call('negate', [value], node, planner)
}

function planList(name: string, node: TreeNode, planner: Planner): Expression {
  const subject = planner.scalar(child(node, 'Left'))
  const right = child(node, 'Right')
  const items = childItems(right, 'Expressions').map((item): Expression => {
    if (!isTabular(item)) return planner.scalar(item)
    const plan = planner.inner().tabular(item)
    return { kind: 'rows', plan, type: plan.columns[0]?.type ?? 'string', place: planner.place(item) }
  })
  return call(name, [subject, ...items], node, planner)
}

function planCall(node: TreeNode, planner: Planner): Expression {
  if (node.body) return asScalar(planner.userCall(node), node, planner)
  const name = nameOf(child(node, 'Name'))
  const refused = refusedFunctions.get(name)
  if (refused !== undefined)
    return planner.refuse('unsupported-function', `${name} is not supported: ${refused}`, node)
  const nodes = childItems(child(node, 'ArgumentList'), 'Expressions')
  if (/^column_?ifexists$/.test(name)) return planColumn(nodes, node, planner)
  if (isRowFunction(name) && !planner.isSerialized) {
    planner.refuse(
      'bad-argument',
      `${name} needs serialized rows`,
      node,
      'add | serialize, or a sort, before it',
    )
  }
  if (name === 'ingestion_time')
    return { kind: 'column', name: ingestionColumn, type: 'datetime', place: planner.place(node) }
  if (name === 'bin_auto') return planBinAuto(nodes, node, planner)
  if (name === 'column_names_of') return planColumnNames(nodes, node, planner)
  if (name === 'pack_all' || name === 'bag_pack_columns') return planPack(name, nodes, node, planner)
  if (planner.isAggregating && aggregateFunction(name)) return planAggregate(name, nodes, node, planner)
  return call(
    name,
    nodes.map((argument) => planner.scalar(argument)),
    node,
    planner,
  )
}

/** `pack_all()` and `bag_pack_columns()`: columns under their own names. */
function planPack(name: string, nodes: readonly TreeNode[], node: TreeNode, planner: Planner): Expression {
  const place = planner.place(node)
  const columns =
    name === 'pack_all'
      ? planner.row.map((column): Expression => ({ kind: 'column', ...column, place }))
      : nodes.map((item) => planner.scalar(item))
  const pairs = columns.flatMap((column): Expression[] => {
    if (column.kind === 'column') return [literal('string', column.name, node, planner), column]
    return planner.refuse('unsupported-argument', `${name} takes columns`, node)
  })
  const flag = name === 'pack_all' ? nodes.map((item) => planner.scalar(item)) : []
  return {
    kind: 'call',
    name: flag.length === 0 ? 'bag_pack' : name,
    args: [...flag, ...pairs],
    type: 'dynamic',
    place,
  }
}

/** `column_ifexists("name", fallback)`: which of the two is known when the query is read. */
function planColumn(nodes: readonly TreeNode[], node: TreeNode, planner: Planner): Expression {
  const [name, fallback] = nodes
  if (!name || !fallback)
    return planner.refuse('bad-argument', 'column_ifexists needs a name and a value', node)
  const column = planner.row.find((item) => item.name === planner.constantText(name))
  return column ? { kind: 'column', ...column, place: planner.place(node) } : planner.scalar(fallback)
}

/** `bin_auto()`: `bin_at()` by what the query has set, or `bin()` where it has set no start. */
function planBinAuto(nodes: readonly TreeNode[], node: TreeNode, planner: Planner): Expression {
  const [size, start] = ['size', 'at'].map((name) => planner.environment.find(`set query_bin_auto_${name}`))
  if (size?.kind !== 'scalar')
    return planner.refuse('bad-argument', 'bin_auto needs a size', node, 'set query_bin_auto_size = 1h;')
  const from = start?.kind === 'scalar' ? [start.expression] : []
  const args = [...nodes.map((item) => planner.scalar(item)), size.expression, ...from]
  return call(from.length === 0 ? 'bin' : 'bin_at', args, node, planner)
}

function planColumnNames(nodes: readonly TreeNode[], node: TreeNode, planner: Planner): Expression {
  const [table] = nodes
  if (!table) return planner.refuse('bad-argument', 'column_names_of needs a table', node)
  const names = planner
    .inner()
    .tabular(table)
    .columns.map(({ name }) => name)
  return literal('dynamic', JSON.stringify(names), node, planner)
}

function planAggregate(
  name: string,
  nodes: readonly TreeNode[],
  node: TreeNode,
  planner: Planner,
): Expression {
  const inner = planner.plain()
  const place = planner.place(node)
  const args = nodes.flatMap((item): Expression[] =>
    item.kind === 'StarExpression'
      ? planner.star.map((column) => ({ kind: 'column', ...column, place }))
      : [inner.scalar(item.kind === 'SimpleNamedExpression' ? child(item, 'Expression') : item)],
  )
  const bound = node.type?.kind === 'scalar' ? node.type.type : args[0]?.type
  const type = aggregateFunction(name)?.type ?? bound ?? 'dynamic'
  return { kind: 'aggregate', name, args, type, place }
}

function planPath(node: TreeNode, planner: Planner): Expression {
  const source = child(node, 'Expression')
  const selector = child(node, 'Selector')
  const step = source.kind === 'NameReference' && source.symbol?.kind === 'variable' ? nameOf(source) : ''
  if (planner.environment.find(step)?.kind === 'step') {
    return {
      kind: 'column',
      name: nameOf(selector),
      type: scalarType(node, planner),
      place: planner.place(node),
      step,
    }
  }
  const target = planner.scalar(source)
  if (selector.kind === 'FunctionCallExpression')
    return planner.refuse('unsupported-syntax', 'a call after a dot', node)
  const key =
    selector.kind === 'BracketedExpression'
      ? planner.scalar(child(selector, 'Expression'))
      : literal('string', nameOf(selector), selector, planner)
  return member(target, key, node, planner)
}

function planElement(node: TreeNode, planner: Planner): Expression {
  const target = planner.scalar(child(node, 'Expression'))
  const key = planner.scalar(child(child(node, 'Selector'), 'Expression'))
  const part = key.kind === 'literal' ? sortedArrays(target)[Number(key.value)] : undefined
  return part ?? member(target, key, node, planner)
}

/** What a sort of several arrays gives: each is asked for by its position, put before the arguments. */
export function sortedArrays(value: Expression): readonly Expression[] {
  if (value.kind !== 'call' || !/^array_sort_(?:asc|desc)$/.test(value.name)) return []
  const arrays = value.args.filter(({ type }) => type === 'dynamic')
  if (arrays.length < 2 || value.args[0]?.type === 'long') return []
  return arrays.map((_, index): Expression => {
    const position: Expression = { kind: 'literal', type: 'long', value: String(index), place: value.place }
    return { ...value, args: [position, ...value.args] }
  })
}

function member(target: Expression, key: Expression, node: TreeNode, planner: Planner): Expression {
  if (target.type !== 'dynamic')
    return planner.refuse('unsupported-syntax', `a ${target.type} has no members`, node)
  const name = key.type === 'string' || key.type === 'dynamic' ? 'member' : 'element'
  return { kind: 'call', name, args: [target, key], type: 'dynamic', place: planner.place(node) }
}

function planToScalar(node: TreeNode, planner: Planner): Expression {
  const value = planner.inner().any(child(node, 'Expression'))
  if (!('columns' in value)) return value
  const type = value.columns[0]?.type
  if (!type) return planner.refuse('bad-argument', 'toscalar needs a table with a column', node)
  return { kind: 'scalar', plan: value, type, place: planner.place(node) }
}

function asScalar(result: ReturnType<Planner['userCall']>, node: TreeNode, planner: Planner): Expression {
  if (!('columns' in result)) return result
  return planner.refuse('unsupported-syntax', 'a value is needed here, not a table', node)
}

function call(name: string, args: readonly Expression[], node: TreeNode, planner: Planner): Expression {
  const definition = scalarFunction(name)
  const difference = definition?.approximate?.(args)
  if (difference !== undefined) planner.warn('approximate', `${name}: ${difference}`, node)
  const type = definition?.resultType?.(args) ?? definition?.type ?? scalarType(node, planner)
  return { kind: 'call', name, args, type, place: planner.place(node) }
}

function literal(type: KqlType, value: LiteralValue, node: TreeNode, planner: Planner): LiteralExpression {
  return { kind: 'literal', type, value, place: planner.place(node) }
}

function planLiteral(node: TreeNode, planner: Planner): Expression {
  const source = literalSource(node)
  const value = literalValue(node.kind, source)
  if (value === undefined) {
    if (node.kind.endsWith('LiteralExpression'))
      planner.refuse('bad-literal', `${source} is not a valid value`, node)
    return planner.refuse(
      'unsupported-syntax',
      `${node.kind.replace(/Expression$/, '')} is not supported here`,
      node,
    )
  }
  // The binder leaves the defaults of declarations alone: there the token's kind tells the type.
  const type = node.type?.kind === 'scalar' ? node.type.type : (literalTypes[node.kind] ?? 'string')
  return literal(type, value, node, planner)
}

const literalTypes: Readonly<Record<string, KqlType>> = {
  BooleanLiteralExpression: 'bool',
  IntLiteralExpression: 'int',
  LongLiteralExpression: 'long',
  RealLiteralExpression: 'real',
  DecimalLiteralExpression: 'decimal',
  DateTimeLiteralExpression: 'datetime',
  TimespanLiteralExpression: 'timespan',
  GuidLiteralExpression: 'guid',
}

/** The value that a literal of a type has by its text; nothing where the text is not one. */
export function textLiteral(type: KqlType, text: string): LiteralValue | undefined {
  const kind = Object.entries(literalTypes).find(([, own]) => own === type)?.[0]
  return kind === undefined ? undefined : literalValue(kind, text)
}

function literalSource(node: TreeNode): string {
  if (node.kind === 'CompoundStringLiteralExpression') {
    return childItems(node, 'Tokens')
      .map((token) => token.value ?? '')
      .join('')
  }
  if (node.kind === 'TypeOfLiteralExpression')
    return (childItems(node, 'Types')[0]?.children['Type']?.text ?? '').trim()
  const value = node.children['Token']?.value ?? ''
  return node.kind === 'StringLiteralExpression' ? value : value.trim()
}

/** A literal token's value; nothing where the text is not one, so that it is never guessed. */
function literalValue(kind: string, raw: string): LiteralValue | undefined {
  if (kind === 'StringLiteralExpression' || kind === 'CompoundStringLiteralExpression') return raw
  if (kind === 'TokenLiteralExpression' || kind === 'TypeOfLiteralExpression') return raw
  const source = /^(["']).*\1$/.test(raw) ? raw.slice(1, -1) : raw
  if (kind === 'NullLiteralExpression' || source === 'null') return null
  switch (kind) {
    case 'BooleanLiteralExpression':
      return /^(true|1)$/i.test(source) ? true : /^(false|0)$/i.test(source) ? false : undefined
    case 'IntLiteralExpression':
      return integerText(source, 32)
    case 'LongLiteralExpression':
      return integerText(source, 64)
    case 'RealLiteralExpression':
      return realValue(source)
    case 'DecimalLiteralExpression':
      return /^-?\d+(\.\d*)?(e[+-]?\d+)?$/i.test(source) ? source : undefined
    case 'DateTimeLiteralExpression':
      return parseDatetime(source)?.toString()
    case 'TimespanLiteralExpression':
      return parseTimespan(source)?.toString()
    case 'GuidLiteralExpression':
      return guidText(source)
    default:
      return undefined
  }
}

function integerText(source: string, bits: number): string | undefined {
  if (!/^-?(\d+|0x[0-9a-f]+)$/i.test(source)) return undefined
  const value = source.startsWith('-') ? -BigInt(source.slice(1)) : BigInt(source)
  return BigInt.asIntN(bits, value) === value ? value.toString() : undefined
}

function realValue(source: string): number | string | undefined {
  if (/^nan$/i.test(source)) return 'NaN'
  if (/^[+]?inf(inity)?$/i.test(source)) return 'Infinity'
  if (/^-inf(inity)?$/i.test(source)) return '-Infinity'
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(source) ? Number(source) : undefined
}

function guidText(source: string): string | undefined {
  const digits = source.replaceAll('-', '').toLowerCase()
  if (!/^[0-9a-f]{32}$/.test(digits)) return undefined
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** JSON text of a `dynamic(...)` literal; '' is null. */
function dynamicText(node: TreeNode, planner: Planner): string {
  const printed = jsonText(node, planner)
  return printed === 'null' ? '' : printed
}

function jsonText(node: TreeNode, planner: Planner): string {
  if (node.kind === 'JsonArrayExpression') {
    return `[${childItems(node, 'Values')
      .map((value) => jsonText(value, planner))
      .join(',')}]`
  }
  if (node.kind === 'JsonObjectExpression') {
    const pairs = childItems(node, 'Pairs').map((pair) => {
      const key = child(pair, 'Name').value ?? ''
      return `${JSON.stringify(key)}:${jsonText(child(pair, 'Value'), planner)}`
    })
    return `{${pairs.join(',')}}`
  }
  if (node.kind === 'ParenthesizedExpression') return jsonText(child(node, 'Expression'), planner)
  // The least long is minus a number that is no long itself; only JSON may hold it.
  const negated =
    node.kind === 'UnaryMinusExpression' ? child(node, 'Expression').children['Token']?.text : undefined
  if (negated === '9223372036854775808') return `-${negated}`
  const value = planner.scalar(node)
  if (value.kind !== 'literal')
    return planner.refuse('not-constant', 'a dynamic literal holds literals only', node)
  return jsonOfLiteral(value)
}

/** A literal as JSON text, typed as Kusto prints it inside a dynamic. */
export function jsonOfLiteral({ type, value }: LiteralExpression): string {
  if (value === null) return 'null'
  if (type === 'dynamic') return String(value) || 'null'
  if (type === 'bool' || type === 'long' || type === 'int' || type === 'decimal') return String(value)
  if (type === 'real') return typeof value === 'number' ? realJson(value) : JSON.stringify(value)
  if (type === 'datetime') return JSON.stringify(isoDatetime(BigInt(String(value))))
  if (type === 'timespan') return JSON.stringify(printTimespan(BigInt(String(value))))
  return JSON.stringify(value)
}

function realJson(value: number): string {
  const printed = String(value)
  return /^-?\d+$/.test(printed) ? `${printed}.0` : printed
}
