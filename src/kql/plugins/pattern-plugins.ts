import {
  aggregate,
  and,
  call,
  cast,
  column,
  integer,
  real,
  when,
  type Select,
  type SelectColumn,
  type SqlExpression,
} from '../../sql/node.ts'
import { convert, toText } from '../convert.ts'
import { literalOperand, type Emitter } from '../emitter.ts'
import { argumentOf, columnOf, plugin, type EvaluateNode, type PluginCall } from '../plugin.ts'
import type { TreeNode } from '../parser/tree.ts'
import type { Column, Expression, LiteralExpression } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { innerScope, naturalOrder, physicalName, type Relation } from '../relation.ts'
import { nullOf, physicalTypes } from '../types.ts'
import { bestOf, masksOf, patternRows, type PatternSearch } from './patterns.ts'

interface PatternNode extends EvaluateNode {
  /** The input's columns whose values make patterns. */
  readonly searched: readonly Column[]
  readonly weight: string | undefined
  /** The threshold, or what weighs size against detail. */
  readonly share: number
  readonly mostColumns: number
  /** What stands for any value, by type; null where none is given. */
  readonly wildcards: readonly LiteralExpression[]
  readonly split: { readonly column: string; readonly values: readonly [Expression, Expression] } | undefined
}

/** The least share that a pattern of `autocluster` may have, and how many patterns it weighs. */
const leastShare = 0.02
const mostClusters = 100

const seeds = 25

function isDefault(node: TreeNode | undefined, planner: Planner): boolean {
  if (node === undefined) return true
  if (node.kind === 'NameReference') return false
  const value = planner.scalar(node)
  return value.kind === 'literal' && value.value === '~'
}

function numberOf(
  node: TreeNode | undefined,
  fallback: number,
  [least, most]: readonly [number, number],
  planner: Planner,
): number {
  if (node === undefined || isDefault(node, planner)) return fallback
  const value = planner.scalar(node)
  const found = value.kind === 'literal' ? Number(value.value) : Number.NaN
  if (found >= least && found <= most) return found
  return planner.refuse('bad-argument', `a literal number from ${least} to ${most} is needed here`, node)
}

/** Reads the arguments from `first` on: a share, a weight, a number of columns or seeds, then wildcards. */
function planOptions(
  invocation: PluginCall,
  planner: Planner,
  places: { readonly share: number; readonly weight: number; readonly number: number },
  defaults: { readonly share: number; readonly number: number },
): Pick<PatternNode, 'share' | 'weight' | 'mostColumns' | 'wildcards'> {
  const { args, node } = invocation
  const isWeighted = !isDefault(args[places.weight], planner)
  const last = Math.max(places.share, places.weight, places.number)
  const wildcards = args.slice(last + 1).map((item) => planner.scalar(item))
  const literals = wildcards.filter((value) => value.kind === 'literal')
  if (literals.length < wildcards.length)
    planner.refuse('not-constant', `the wildcards of ${invocation.name} must be literals`, node)
  return {
    share: numberOf(args[places.share], defaults.share, [0, 1], planner),
    weight: isWeighted ? columnOf(invocation, places.weight, planner) : undefined,
    mostColumns: numberOf(args[places.number], defaults.number, [1, 1000], planner),
    wildcards: literals.filter(({ value }) => value !== '~'),
  }
}

function patternNode(
  invocation: PluginCall,
  options: Pick<PatternNode, 'share' | 'weight' | 'mostColumns' | 'wildcards'>,
  split: PatternNode['split'],
  planner: Planner,
): PatternNode {
  const { name, node, input } = invocation
  const searched = input.columns.filter((item) => item.name !== options.weight && item.name !== split?.column)
  if (searched.length === 0) planner.refuse('bad-argument', `${name} needs a column to look at`, node)
  if (!masksOf(searched.length, options.mostColumns)) {
    planner.refuse(
      'too-large',
      `${name} of ${searched.length} columns has too many sets of columns`,
      node,
      'project the columns that matter before it',
    )
  }
  return {
    kind: 'evaluate',
    plugin: name,
    input,
    searched,
    split,
    ...options,
    columns: planner.columns(node),
    place: planner.place(node),
  }
}

interface Found {
  readonly patterns: Select
  readonly mostColumns: number
}

function search(
  node: PatternNode,
  mostColumns: number,
  isWorthwhile: PatternSearch['isWorthwhile'],
  emitter: Emitter,
): Found {
  const base = emitter.bracket(emitter.relation(node.input))
  const scope = innerScope(base)
  const weight =
    node.weight === undefined ? integer(1) : call('ifNull', convert(scope(node.weight), 'real'), real(0))
  const sides = node.split?.values.map((value) =>
    call('equals', toText(scope(node.split?.column ?? '')), toText(emitter.expression(value, scope))),
  )
  const masks = masksOf(node.searched.length, mostColumns)
  if (!masks) throw new Error('the sets of columns were counted before')
  const { select } = patternRows(
    {
      columns: node.searched.map((item) => ({
        column: item,
        sql: cast(scope(item.name).sql, physicalTypes[item.type]),
      })),
      weights: sides ? sides.map((side) => when(side, weight, call('multiply', weight, 0))) : [weight],
      mostColumns,
      isWorthwhile,
    },
    masks,
    base.select.from,
    sides ? call('or', ...sides) : undefined,
    emitter,
  )
  return { patterns: select, mostColumns }
}

function percent(part: SqlExpression, whole: SqlExpression): SqlExpression {
  return call('round', call('divide', call('multiply', 100, part), whole), 1)
}

/** Numbers the patterns in the order of a score, and gives each column its value or its wildcard. */
function shown(
  node: PatternNode,
  patterns: Select,
  measures: (alias: string) => readonly SqlExpression[],
  score: (alias: string) => SqlExpression,
  emitter: Emitter,
): Relation {
  const alias = emitter.alias()
  const mask = column('mask', alias)
  const order = emitter.hidden('order')
  const values = node.searched.map((_item, index) => column(`value${index}`, alias))
  const number: SqlExpression = {
    kind: 'window',
    call: aggregate('row_number', []),
    window: {
      partitionBy: [],
      orderBy: [
        { expression: score(alias), descending: true, nullsFirst: false },
        { expression: mask, descending: false, nullsFirst: false },
        ...values.map((expression) => ({ expression, descending: false, nullsFirst: false })),
      ],
    },
  }
  const own = measures(alias)
  const wildcardOf = ({ type }: Column): SqlExpression => {
    const found = node.wildcards.find((literal) => literal.type === type)
    return found ? literalOperand(found).sql : nullOf(type)
  }
  const columns = node.columns.map((item, index): SelectColumn => {
    const name = physicalName(item.name)
    const measure = own[index - 1]
    if (index === 0) return { name, expression: call('toInt64', call('minus', number, 1)) }
    if (measure) return { name, expression: measure }
    const at = node.searched.findIndex((other) => other.name === item.name)
    const value = values[at]
    if (!value) return { name, expression: wildcardOf(item) }
    return { name, expression: when(call('bitTest', mask, at), value, wildcardOf(item)) }
  })
  const relation: Relation = {
    select: {
      columns: [...columns, { name: order, expression: number }],
      from: { kind: 'select', select: patterns, alias },
    },
    columns: node.columns.map((item) => ({ ...item, physical: physicalName(item.name) })),
    order: [naturalOrder(order)],
    sealed: true,
  }
  return emitter.bracket(relation)
}

const sold = `datatable(fruit: string, place: string, paid: long)["apple", "Bern", 1, "apple", "Bern", 2, "apple", "Bern", 3, "pear", "Wien", 4]`

export const basket = plugin<PatternNode>({
  name: 'basket',
  doc: 'Every set of values that so large a share of the rows has together, unless a larger set has the same rows.',
  approximate: 'all patterns are counted exactly, where Kusto samples; near the threshold it may give others',
  example: {
    query: `${sold} | project fruit, place | evaluate basket(0.5)`,
    rows: [[0, 3, 75, 'apple', 'Bern']],
  },
  plan: (invocation, planner) => {
    const places = { share: 0, weight: 1, number: 2 }
    const options = planOptions(invocation, planner, places, { share: 0.05, number: 5 })
    return patternNode(invocation, options, undefined, planner)
  },
  emit: (node, emitter) => {
    const least = real(node.share)
    const { patterns } = search(
      node,
      node.mostColumns,
      ([sum], [total]) => atLeast(sum, least, total),
      emitter,
    )
    const count = (alias: string): SqlExpression => column('sum0', alias)
    return shown(
      node,
      patterns,
      (alias) => [call('toInt64', count(alias)), percent(count(alias), column('total0', alias))],
      count,
      emitter,
    )
  },
})

function atLeast(
  sum: SqlExpression | undefined,
  share: SqlExpression,
  total: SqlExpression | undefined,
): SqlExpression {
  if (!sum || !total) throw new Error('a pattern has a sum')
  return and(call('greater', sum, 0), call('greaterOrEquals', sum, call('multiply', share, total)))
}

const chosen =
  'Kusto does not publish how it chooses among patterns; it may give others, and in another order'

export const autocluster = plugin<PatternNode>({
  name: 'autocluster',
  doc: 'A few sets of values that many rows have together: of sets that are part of one another, the one that weighs most by size and detail.',
  approximate: chosen,
  example: {
    query: `${sold} | project fruit, place | evaluate autocluster()`,
    rows: [
      [0, 3, 75, 'apple', 'Bern'],
      [1, 1, 25, 'pear', 'Wien'],
    ],
  },
  plan: (invocation, planner) => {
    const places = { share: 0, weight: 1, number: 2 }
    const options = planOptions(invocation, planner, places, { share: 0.5, number: seeds })
    return patternNode(invocation, { ...options, mostColumns: 5 }, undefined, planner)
  },
  emit: (node, emitter) => {
    const { patterns } = search(node, 5, ([sum], [total]) => atLeast(sum, real(leastShare), total), emitter)
    const score = (alias: string): SqlExpression => {
      const size = call('divide', column('sum0', alias), column('total0', alias))
      const detail = call('divide', call('bitCount', column('mask', alias)), node.searched.length)
      return call('multiply', call('pow', size, node.share), call('pow', detail, 1 - node.share))
    }
    const best = bestOf(patterns, score, mostClusters, emitter)
    return shown(
      node,
      best,
      (alias) => [
        call('toInt64', column('sum0', alias)),
        percent(column('sum0', alias), column('total0', alias)),
      ],
      (alias) => column('score', alias),
      emitter,
    )
  },
})

export const diffpatterns = plugin<PatternNode>({
  name: 'diffpatterns',
  doc: 'Sets of values whose share differs between two kinds of rows; of sets that are part of one another, the one that differs most.',
  approximate: chosen,
  example: {
    query: `${sold} | extend late = iff(paid > 2, "yes", "no") | project fruit, place, late | evaluate diffpatterns(late, "yes", "no") | project CountA, CountB, PercentDiffAB, fruit, place`,
    rows: [
      [1, 2, 50, 'apple', 'Bern'],
      [1, 0, 50, 'pear', 'Wien'],
    ],
  },
  plan: (invocation, planner) => {
    const split = {
      column: columnOf(invocation, 0, planner),
      values: [
        planner.scalar(argumentOf(invocation, 1, planner)),
        planner.scalar(argumentOf(invocation, 2, planner)),
      ] as const,
    }
    const places = { weight: 3, share: 4, number: 5 }
    const options = planOptions(invocation, planner, places, { share: 0.05, number: 5 })
    return patternNode(invocation, options, split, planner)
  },
  emit: (node, emitter) => {
    const shareOf = (sum: SqlExpression, total: SqlExpression): SqlExpression =>
      when(call('equals', total, 0), real(0), call('divide', sum, total))
    const gap = (sums: readonly SqlExpression[], totals: readonly SqlExpression[]): SqlExpression => {
      const [a, b] = sums.map((sum, side) => shareOf(sum, totals[side] ?? integer(0)))
      if (!a || !b) throw new Error('two sides are compared')
      return call('abs', call('minus', a, b))
    }
    const { patterns } = search(
      node,
      node.mostColumns,
      (sums, totals) => call('greaterOrEquals', gap(sums, totals), real(node.share)),
      emitter,
    )
    const at = (name: string, alias: string): readonly SqlExpression[] =>
      [0, 1].map((side) => column(`${name}${side}`, alias))
    const difference = (alias: string): SqlExpression => gap(at('sum', alias), at('total', alias))
    const best = bestOf(patterns, difference, mostClusters, emitter)
    return shown(
      node,
      best,
      (alias) => {
        const shares = at('sum', alias).map((sum, side) =>
          call('round', call('multiply', 100, shareOf(sum, column(`total${side}`, alias))), 1),
        )
        return [
          ...at('sum', alias).map((sum) => call('toInt64', sum)),
          ...shares,
          call('round', call('multiply', 100, difference(alias)), 1),
        ]
      },
      (alias) => column('score', alias),
      emitter,
    )
  },
})
