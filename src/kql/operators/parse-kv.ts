import { call, column, lambda, nothing, when, type SqlExpression } from '../../sql/node.ts'
import { convert } from '../convert.ts'
import { quotePattern } from '../functions/term.ts'
import { operand } from '../operand.ts'
import { operator, required } from '../operator.ts'
import { child, childItems, nameOf, type TreeNode } from '../parser/tree.ts'
import type { Column, Expression, PlanNode } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { carryOrder } from '../projection.ts'
import { innerScope, physicalName, type RelationColumn } from '../relation.ts'
import { isText, kqlTypeOf } from '../types.ts'

interface ParseKvNode extends PlanNode {
  readonly kind: 'parse-kv'
  readonly input: PlanNode
  readonly source: Expression
  readonly keys: readonly Column[]
  readonly pairDelimiter: string
  readonly valueDelimiter: string
  readonly quotes: readonly [string, string] | undefined
}

export const parseKv = operator<ParseKvNode>({
  kind: 'parse-kv',
  syntax: ['ParseKvOperator'],
  doc: 'Reads columns out of keys and values in a text; of a repeated key the first counts.',
  example: {
    query:
      'print s = "a=1; b=x" | parse-kv s as (a: long, b: string) with (pair_delimiter=";", kv_delimiter="=")',
    rows: [['a=1; b=x', 1, 'x']],
  },
  plan: (node, input, planner): ParseKvNode => {
    const from = required(input)
    const options = properties(node, planner)
    const [pairDelimiter, valueDelimiter, quote] = ['pair_delimiter', 'kv_delimiter', 'quote'].map((name) =>
      options.get(name),
    )
    const unknown = [...options.keys()].find(
      (name) => !['pair_delimiter', 'kv_delimiter', 'quote'].includes(name),
    )
    if (unknown !== undefined)
      planner.refuse('unsupported-argument', `parse-kv with ${unknown} is not supported`, node)
    if (
      pairDelimiter?.length !== 1 ||
      valueDelimiter === undefined ||
      valueDelimiter === '' ||
      (quote ?? '').length > 2
    ) {
      return planner.refuse(
        'unsupported-argument',
        'parse-kv needs a pair_delimiter of one character and a kv_delimiter',
        node,
      )
    }
    const keys = childItems(child(node, 'Keys'), 'Columns').map((item) => {
      const type = kqlTypeOf(child(item, 'Type').children['Type']?.text ?? '')
      if (!type) return planner.refuse('unsupported-type', 'the type of this column is not supported', item)
      return { name: nameOf(child(item, 'Name')), type }
    })
    const taken = keys.find(({ name }) => from.columns.some((column) => column.name === name))
    if (taken)
      planner.refuse(
        'unsupported-argument',
        `there is a column ${taken.name} already`,
        node,
        'rename it first',
      )
    return {
      kind: 'parse-kv',
      input: from,
      source: planner.scalar(child(node, 'Expression')),
      keys,
      pairDelimiter,
      valueDelimiter,
      quotes: quote ? [quote.charAt(0), quote.charAt(1) || quote.charAt(0)] : undefined,
      columns: planner.columnsOver(
        node,
        from,
        keys.map(({ name }) => name),
      ),
      place: planner.place(node),
    }
  },
  emit: (node, emitter) => {
    const input = emitter.ready(emitter.relation(node.input), [node.source])
    const source = convert(emitter.expression(node.source, innerScope(input)), 'string')
    const pairs = emitter.hidden('pairs')
    const groups = call('extractAllGroupsVertical', source, patternOf(node))
    const base = emitter.bracket({
      ...input,
      select: { ...input.select, columns: [...input.select.columns, { name: pairs, expression: groups }] },
    })
    const found = base.select.columns.find(({ name }) => name === pairs)?.expression ?? column(pairs)
    const own = new Map(node.keys.map(({ name, type }) => [name, { type, sql: valueOf(found, name, type) }]))
    const known = new Map(base.columns.map((item) => [item.name, item]))
    const columns = node.columns.map(({ name, type }): RelationColumn => {
      const existing = known.get(name)
      return own.has(name) || !existing
        ? { name, type: own.get(name)?.type ?? type, physical: physicalName(name) }
        : existing
    })
    const replaced = new Set([...own.keys()].map((name) => physicalName(name)))
    const kept = base.select.columns.filter(({ name }) => name !== pairs && !replaced.has(name))
    const added = [...own].map(([name, { sql }]) => ({ name: physicalName(name), expression: sql }))
    const { order, carried } = carryOrder(base, [...kept, ...added], emitter)
    return { ...base, columns, order, select: { ...base.select, columns: [...kept, ...added, ...carried] } }
  },
})

function properties(node: TreeNode, planner: Planner): ReadonlyMap<string, string> {
  const clause = node.children['WithClause']
  const list = clause ? childItems(clause, 'Properties') : []
  return new Map(
    list.map((item) => [nameOf(child(item, 'Name')), planner.constantText(child(item, 'Expression'))]),
  )
}

/** Groups: key, quoted value, plain value. */
function patternOf({ pairDelimiter, valueDelimiter, quotes }: ParseKvNode): string {
  const [pair, equals] = [quotePattern(pairDelimiter), quotePattern(valueDelimiter)]
  const plain = `([^${pair}]*?)`
  const value = quotes
    ? `(?:${quotePattern(quotes[0])}([^${quotePattern(quotes[1])}]*)${quotePattern(quotes[1])}|${plain})`
    : `(?:(\\z.)|${plain})`
  return `\\s*([^${pair}${quotePattern(valueDelimiter.charAt(0))}]*?)\\s*${equals}\\s*${value}\\s*(?:${pair}|\\z)`
}

function valueOf(pairs: SqlExpression, key: string, type: Column['type']): SqlExpression {
  const isKey = lambda(['p'], (pair) => call('equals', call('arrayElement', pair, 1), key))
  const pair = call('arrayFirst', isKey, pairs)
  const quoted = call('arrayElement', pair, 2)
  const value = when(call('notEmpty', quoted), quoted, call('arrayElement', pair, 3))
  const converted = convert(operand(value, 'string'), type)
  return isText(type) ? converted : when(call('notEmpty', pair), converted, nothing)
}
