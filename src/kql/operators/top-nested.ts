import { operator, required } from '../operator.ts'
import { child, childItems, type TreeNode } from '../parser/tree.ts'
import type { Column, Expression, NamedExpression, PlanNode } from '../plan.ts'
import { passThrough, type Planner } from '../planner.ts'
import { columnsFrom, unnamed } from '../projection.ts'
import { contextNode } from './context.ts'

interface Level {
  readonly key: Column
  /** The aggregate's column, under a private name until the end. */
  readonly value: Column
  readonly label: string
  readonly of: Expression
  readonly by: Expression
  readonly count: number | undefined
  readonly descending: boolean
}

/** Planned as a summary and a join for each level: what one level keeps, the next one divides. */
export const topNested = operator<PlanNode>({
  kind: 'top-nested',
  syntax: ['TopNestedOperator'],
  doc: 'The first values by an aggregate, and inside each of them the first of the next level.',
  example: {
    query:
      'datatable(a: string, b: string, v: long)["x", "p", 1, "x", "q", 2, "y", "p", 2] | top-nested 1 of a by s = sum(v), top-nested 1 of b by t = sum(v)',
    rows: [['x', 3, 'q', 2]],
  },
  plan: (node, input, planner) => {
    const from = required(input)
    const columns = planner.columns(node)
    const clauses = childItems(node, 'Clauses')
    if (columns.length !== clauses.length * 2)
      planner.refuse('unsupported-syntax', 'the columns of this operator are not known', node)
    const levels = clauses.map((clause, index) =>
      planLevel(clause, index, columns.slice(index * 2, index * 2 + 2), planner),
    )
    return levelRows(levels, from, planner, node)
  },
  emit: () => {
    throw new Error('top-nested is planned as summaries and joins')
  },
})

function planLevel(clause: TreeNode, index: number, columns: readonly Column[], planner: Planner): Level {
  if (clause.children['WithOthersClause'])
    planner.refuse('unsupported-syntax', 'top-nested with others is not supported', clause)
  const [key, value] = columns
  if (!key || !value)
    return planner.refuse('unsupported-syntax', 'the columns of this level are not known', clause)
  const ordered = child(clause, 'ByExpression')
  const isOrdered = ordered.kind === 'OrderedExpression'
  const direction = isOrdered ? ordered.children['Ordering']?.children['AscOrDescKeyword']?.text : undefined
  const count = clause.children['Expression']
  return {
    key,
    value: { name: `top-nested value ${index}`, type: value.type },
    label: value.name,
    of: planner.scalar(unnamed(child(clause, 'OfExpression'), planner)),
    by: planner.aggregating().scalar(unnamed(isOrdered ? child(ordered, 'Expression') : ordered, planner)),
    count: count ? Number(planner.constantText(count)) : undefined,
    descending: direction?.toLowerCase() !== 'asc',
  }
}

/** The rows of all levels: those of the levels before, each with the first values of the last. */
function levelRows(levels: readonly Level[], input: PlanNode, planner: Planner, node: TreeNode): PlanNode {
  const place = planner.place(node)
  const own = new Map(levels.map((level, index) => [level, `top-nested key ${index}`]))
  const keyed = levels.map((level): NamedExpression => ({ name: own.get(level) ?? '', expression: level.of }))
  const items = [...passThrough(input.columns, place), ...keyed]
  let rows: PlanNode = extendNode(input, items, place)
  let kept: PlanNode | undefined
  for (const [index, level] of levels.entries()) {
    const before = levels.slice(0, index)
    const keys = [...before, level].map((item) => column(own.get(item) ?? '', item.key, place))
    // The last level's own rows are those that the levels before have kept.
    const summary = summarizeNode(rows, keys, before, level, place)
    const ranked =
      level.count === undefined ? summary : firstOfEach(summary, before, own, level, planner, place)
    kept = ranked
    const isLast = index === levels.length - 1
    if (!isLast)
      rows = joinNode(
        rows,
        ranked,
        [...before, level].map((item) => own.get(item) ?? ''),
        level,
        place,
      )
  }
  if (!kept) throw new Error('top-nested has a level')
  const result = levels.flatMap((level): NamedExpression[] => [
    { name: level.key.name, expression: column(own.get(level) ?? '', level.key, place).expression },
    { name: level.label, expression: column(level.value.name, level.value, place).expression },
  ])
  return extendNode(kept, result, place)
}

function column(name: string, { type }: Column, place: PlanNode['place']): NamedExpression {
  return { name, expression: { kind: 'column', name, type, place } }
}

function extendNode(input: PlanNode, items: readonly NamedExpression[], place: PlanNode['place']): PlanNode {
  return { kind: 'extend', input, items, columns: columnsFrom(items), place } as PlanNode
}

/** The level's aggregate by all keys so far; values of the levels before are the same in each group. */
function summarizeNode(
  input: PlanNode,
  keys: readonly NamedExpression[],
  before: readonly Level[],
  level: Level,
  place: PlanNode['place'],
): PlanNode {
  const earlier = before.map(({ value }) => ({
    names: [value.name],
    expression: {
      kind: 'aggregate',
      name: 'take_any',
      args: [column(value.name, value, place).expression],
      type: value.type,
      place,
    },
  }))
  const aggregates = [...earlier, { names: [level.value.name], expression: level.by }]
  const columns = [...columnsFrom(keys), ...before.map(({ value }) => value), level.value]
  return { kind: 'summarize', input, keys, aggregates, columns, place } as PlanNode
}

function firstOfEach(
  input: PlanNode,
  before: readonly Level[],
  own: ReadonlyMap<Level, string>,
  level: Level,
  planner: Planner,
  place: PlanNode['place'],
): PlanNode {
  const { columns } = input
  const key = {
    expression: column(level.value.name, level.value, place).expression,
    descending: level.descending,
    nullsFirst: !level.descending,
  }
  const first = (rows: PlanNode): PlanNode =>
    ({ kind: 'top', input: rows, count: level.count, keys: [key], columns, place }) as PlanNode
  const by = before.map((item) => own.get(item) ?? '')
  if (by.length === 0) return first(input)
  const number = planner.number()
  const subquery = first(contextNode(number, columns, place))
  return { kind: 'partition', input, by, number, subquery, columns, place } as PlanNode
}

/** The rows whose keys the level has kept, with its value. */
function joinNode(
  rows: PlanNode,
  kept: PlanNode,
  keys: readonly string[],
  level: Level,
  place: PlanNode['place'],
): PlanNode {
  const sources = [
    ...rows.columns.map(({ name }) => ({ side: 'left', name })),
    { side: 'right', name: level.value.name },
  ]
  const pairs = keys.map((name) => ({ left: name, right: name }))
  return {
    kind: 'join',
    join: 'inner',
    left: rows,
    right: kept,
    keys: pairs,
    sources,
    columns: [...rows.columns, level.value],
    place,
  } as PlanNode
}
