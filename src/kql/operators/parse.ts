import { and, call, text, when, type SqlExpression } from '../../sql/node.ts'
import { convert } from '../convert.ts'
import type { Emitter } from '../emitter.ts'
import { quotePattern } from '../functions/term.ts'
import { operand } from '../operand.ts'
import { operator, required, type Operator } from '../operator.ts'
import { child, childItems, nameOf, type TreeNode } from '../parser/tree.ts'
import type { Expression, PlanNode } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { carryOrder } from '../projection.ts'
import { innerScope, physicalName, withWhere, type Relation, type RelationColumn } from '../relation.ts'
import { kqlTypeOf, type KqlType } from '../types.ts'

type Part =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'star' }
  | { readonly kind: 'column'; readonly name: string; readonly type: KqlType }

interface ParseNode extends PlanNode {
  readonly kind: string
  readonly input: PlanNode
  readonly source: Expression
  readonly mode: 'simple' | 'relaxed' | 'regex'
  readonly flags: string
  readonly parts: readonly Part[]
}

function parseOperator(kind: string, syntax: string, doc: string, example: Operator['example']): Operator {
  return operator<ParseNode>({
    kind,
    syntax: [syntax],
    doc,
    example,
    plan: (node, input, planner): ParseNode => {
      const from = required(input)
      const parameters = new Map(
        childItems(node, 'Parameters').map((item) => [
          nameOf(child(item, 'Name')),
          nameOf(child(item, 'Expression')),
        ]),
      )
      const mode = parameters.get('kind') ?? 'simple'
      if (mode !== 'simple' && mode !== 'relaxed' && mode !== 'regex') {
        return planner.refuse('unsupported-argument', `the parse kind ${mode} is not supported`, node)
      }
      const parts = childItems(node, 'Patterns').map((item) => planPart(item, planner))
      const made = parts.flatMap((part) => (part.kind === 'column' ? [part.name] : []))
      return {
        kind,
        input: from,
        source: planner.scalar(child(node, 'Expression')),
        mode,
        flags: parameters.get('flags') ?? '',
        parts,
        columns: planner.columnsOver(node, from, made),
        place: planner.place(node),
      }
    },
    emit: (node, emitter) => emitParse(node, kind === 'parse-where', emitter),
  })
}

function planPart(item: TreeNode, planner: Planner): Part {
  if (item.kind === 'StarExpression') return { kind: 'star' }
  if (item.kind === 'NameDeclaration') return { kind: 'column', name: nameOf(item), type: 'string' }
  if (item.kind === 'NameAndTypeDeclaration') {
    const type = child(item, 'Type').children['Type']?.text ?? ''
    const canonical = kqlTypeOf(type)
    if (!canonical)
      return planner.refuse('unsupported-type', `columns of type ${type} are not supported`, item)
    return { kind: 'column', name: nameOf(child(item, 'Name')), type: canonical }
  }
  return { kind: 'text', value: planner.constantText(item) }
}

/** The regular expression of the pattern: a group for each column. */
function patternOf({ parts, mode, flags }: ParseNode): string {
  const options = mode === 'regex' ? regexOptions(flags) : '(?s)'
  const pieces = parts.map((part, index) => {
    const next = parts[index + 1]?.kind
    if (part.kind === 'text')
      return mode === 'regex' ? `(?:${withoutGroups(part.value)})` : quotePattern(part.value)
    if (part.kind === 'column') return group(part.type, next, mode)
    return index === 0 || next === undefined ? '' : mode === 'regex' ? '.*' : '.*?'
  })
  const isOpen = parts.at(-1)?.kind !== 'column'
  return `${options}${parts[0]?.kind === 'star' ? '' : '^'}${pieces.join('')}${isOpen ? '' : '$'}`
}

/** `s` lets a point match line ends, `i` ignores case, `U` makes repetitions short, `m` works line by line. */
function regexOptions(flags: string): string {
  const on = ['i', 'm', 's', 'U'].filter((flag) => flags.includes(flag)).join('')
  // The engine's own default lets a point match line ends; Kusto's does not.
  return `(?${on}${flags.includes('s') ? '' : '-s'})`
}

/** Groups of the user's own must not count among ours. */
function withoutGroups(pattern: string): string {
  return pattern.replaceAll(
    /(\\.)|\((?!\?)|\(\?P?<\w+>/gs,
    (_all, escaped: string | undefined) => escaped ?? '(?:',
  )
}

function group(type: KqlType, next: Part['kind'] | undefined, mode: ParseNode['mode']): string {
  const isNumber = mode === 'regex' || mode === 'simple' || next === 'star'
  if (isNumber && (type === 'long' || type === 'int')) return '([-+]?(?:0[xX][0-9a-fA-F]+|[0-9]+))'
  if (isNumber && (type === 'real' || type === 'decimal'))
    return '([-+]?[0-9]*[.]?[0-9]+(?:[eE][-+]?[0-9]+)?)'
  return mode === 'regex' || next === undefined ? '(.*)' : '(.*?)'
}

/** Three SELECTs: the groups, what is read from them, and whether all of it fits; each is computed once. */
function emitParse(node: ParseNode, drops: boolean, emitter: Emitter): Relation {
  const input = emitter.ready(emitter.relation(node.input), [node.source])
  const source = convert(emitter.expression(node.source, innerScope(input)), 'string')
  const [withGroups, groups] = withPrivate(input, call('extractGroups', source, patternOf(node)), emitter)
  const captured = node.parts.filter((part) => part.kind === 'column')
  const reading = captured.reduce<{ readonly relation: Relation; readonly values: readonly Captured[] }>(
    ({ relation, values }, { name, type }, index) => {
      const raw = operand(call('arrayElement', valueOf(withGroups, groups), index + 1), 'string')
      const physical = emitter.hidden('value')
      const columns = [...relation.select.columns, { name: physical, expression: convert(raw, type) }]
      return {
        relation: { ...relation, select: { ...relation.select, columns } },
        values: [...values, { name, type, physical }],
      }
    },
    { relation: withGroups, values: [] },
  )
  const base = emitter.bracket({ ...reading.relation, sealed: true })
  const fits = matches(base, groups, reading.values, node.mode)
  const parsed = withValues(node, base, groups, reading.values, fits, emitter)
  return drops ? withWhere(parsed, fits) : parsed
}

interface Captured {
  readonly name: string
  readonly type: KqlType
  readonly physical: string
}

/** The relation with one more private column, in brackets. */
function withPrivate(
  input: Relation,
  expression: SqlExpression,
  emitter: Emitter,
): readonly [Relation, string] {
  const name = emitter.hidden('groups')
  const columns = [...input.select.columns, { name, expression }]
  return [emitter.bracket({ ...input, select: { ...input.select, columns } }), name]
}

function withValues(
  node: ParseNode,
  base: Relation,
  groups: string,
  captured: readonly Captured[],
  fits: SqlExpression,
  emitter: Emitter,
): Relation {
  const own = new Map(captured.map((item) => [item.name, item]))
  const known = new Map(base.columns.map((item) => [item.name, item]))
  const columns = node.columns.map(({ name, type }): RelationColumn => {
    const physical = physicalName(name)
    return own.has(name)
      ? { name, type: own.get(name)?.type ?? type, physical }
      : (known.get(name) ?? { name, type, physical })
  })
  const dropped = new Set([
    groups,
    ...captured.map(({ physical }) => physical),
    ...[...own.keys()].map((name) => physicalName(name)),
  ])
  const added = [...own.values()].map(({ name, type, physical }) => {
    const value = valueOf(base, physical)
    return {
      name: physicalName(name),
      expression: node.mode === 'relaxed' ? value : when(fits, value, missing(type)),
    }
  })
  const kept = base.select.columns.filter(({ name }) => !dropped.has(name))
  const { order, carried } = carryOrder(base, [...kept, ...added], emitter)
  return { ...base, columns, order, select: { ...base.select, columns: [...kept, ...added, ...carried] } }
}

function valueOf(relation: Relation, physical: string): SqlExpression {
  const found = relation.select.columns.find(({ name }) => name === physical)
  if (!found) throw new Error(`no column ${physical} in the SELECT`)
  return found.expression
}

function missing(type: KqlType): SqlExpression {
  return type === 'string' || type === 'dynamic' ? text('') : { kind: 'null' }
}

/** The text fits the pattern, and in the strict modes each typed value can be read. */
function matches(
  base: Relation,
  groups: string,
  captured: readonly Captured[],
  mode: ParseNode['mode'],
): SqlExpression {
  const typed = captured.filter(({ type }) => type !== 'string' && mode !== 'relaxed')
  const read = typed.map(({ type, physical }) =>
    call(type === 'dynamic' ? 'notEmpty' : 'isNotNull', valueOf(base, physical)),
  )
  return and(call('notEmpty', valueOf(base, groups)), ...read)
}

export const parse = parseOperator(
  'parse',
  'ParseOperator',
  'Reads columns out of a text by a pattern; where it does not fit they are empty.',
  { query: 'print s = "a=1;b" | parse s with "a=" x: long ";" y', rows: [['a=1;b', 1, 'b']] },
)

export const parseWhere = parseOperator(
  'parse-where',
  'ParseWhereOperator',
  'As parse, and drops the rows that do not fit.',
  { query: 'datatable(s: string)["a=1", "b"] | parse-where s with "a=" x: long', rows: [['a=1', 1]] },
)
