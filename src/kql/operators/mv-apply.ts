import { aggregate, column, type SelectColumn } from '../../sql/node.ts'
import { Refusal, type Place } from '../diagnostic.ts'
import type { Emitter } from '../emitter.ts'
import { operator, required } from '../operator.ts'
import { child, childItems, nameOf } from '../parser/tree.ts'
import type { PlanNode } from '../plan.ts'
import { naturalOrders, type Relation, type RelationColumn } from '../relation.ts'
import { contextNode } from './context.ts'
import { countElements, elementCounts, type ElementCounts } from './element-counts.ts'
import { expandRelation, planExpansion, type Expansion } from './mv-expand.ts'
import { planCount } from './take.ts'

interface MvApplyNode extends PlanNode {
  readonly kind: 'mv-apply'
  readonly input: PlanNode
  readonly expansions: readonly Expansion[]
  readonly bagsAsArrays: boolean
  readonly index: string | undefined
  readonly limit: number | undefined
  readonly number: number
  readonly subquery: PlanNode
}

export const mvApply = operator<MvApplyNode>({
  kind: 'mv-apply',
  syntax: ['MvApplyOperator'],
  doc: 'Expands each row’s arrays, and runs a subquery over the elements of each row for itself.',
  example: {
    query: 'print a = 1, d = dynamic([3, 5]) | mv-apply d to typeof(long) on (summarize s = sum(d))',
    rows: [[1, 8]],
  },
  plan: (node, input, planner): MvApplyNode => {
    const from = required(input)
    const expansions = childItems(node, 'Expressions').map((item) =>
      planExpansion(item, child(node, 'Subquery'), planner),
    )
    const parameters = new Map(
      childItems(node, 'Parameters').map((item) => [
        nameOf(child(item, 'Name')),
        nameOf(child(item, 'Expression')),
      ]),
    )
    const index = parameters.get('with_itemindex')
    const limit = node.children['RowLimitClause']
    const expanded = new Map(from.columns.map((item) => [item.name, item]))
    for (const { name, type } of expansions) expanded.set(name, { name, type })
    if (index !== undefined) expanded.set(index, { name: index, type: 'long' })
    const number = planner.number()
    const rows = contextNode(number, [...expanded.values()], planner.place(node))
    return {
      kind: 'mv-apply',
      input: from,
      expansions,
      bagsAsArrays: (parameters.get('bagexpansion') ?? parameters.get('kind')) === 'array',
      index,
      limit: limit ? planCount(child(limit, 'RowLimit'), planner) : undefined,
      number,
      subquery: planner.inner().tabular(child(child(node, 'Subquery'), 'Expression'), rows),
      columns: planner.columns(node),
      place: planner.place(node),
    }
  },
  emit: (node, emitter) => {
    const input = emitter.relation(node.input)
    const counts = countsOf(node)
    const names = node.columns.map(({ name }) => name)
    if (counts) return countElements(input, counts, names, emitter)
    const { relation, copies } = withParts(input, emitter)
    emitter.inputs.set(node.number, expandRelation(relation, node.expansions, node, emitter))
    const result = emitter.relation(node.subquery)
    return rejoined(result, relation, copies, input, names, node.place)
  },
})

function countsOf(node: MvApplyNode): ElementCounts | undefined {
  const [expansion] = node.expansions
  if (!expansion || node.expansions.length > 1 || node.index !== undefined || node.limit !== undefined)
    return undefined
  return elementCounts(node.subquery, node.number, { expansion, bagsAsArrays: node.bagsAsArrays })
}

interface Copies {
  readonly relation: Relation
  /** The private copy of each of the input's columns. */
  readonly copies: ReadonlyMap<string, RelationColumn>
}

/** Numbers the rows, and keeps a copy of each column for the time after the subquery. */
function withParts(input: Relation, emitter: Emitter): Copies {
  const base = emitter.bracket(input)
  const alias = base.select.from.kind === 'select' ? base.select.from.alias : undefined
  const key = emitter.hidden('part')
  const copies = new Map(
    base.columns.map((item) => [item.name, { ...item, physical: emitter.hidden('keep') }]),
  )
  const outer = base.partition ? [base.partition.key, ...base.partition.payload] : []
  const columns: SelectColumn[] = [
    ...base.select.columns,
    {
      name: key,
      expression: {
        kind: 'window',
        call: aggregate('row_number', []),
        window: { partitionBy: [], orderBy: [] },
      },
    },
    ...base.columns.map(({ name, physical }) => ({
      name: copies.get(name)?.physical ?? physical,
      expression: column(physical, alias),
    })),
  ]
  const partition = { key, payload: [...[...copies.values()].map(({ physical }) => physical), ...outer] }
  const numbered: Relation = {
    ...base,
    select: { ...base.select, columns },
    order: naturalOrders(base),
    partition,
    sealed: true,
  }
  return { relation: emitter.bracket(numbered), copies }
}

/** Puts the subquery's columns beside those of the rows that they came from. */
function rejoined(
  result: Relation,
  parts: Relation,
  copies: ReadonlyMap<string, RelationColumn>,
  input: Relation,
  names: readonly string[],
  place: Place,
): Relation {
  if (result.partition?.key !== parts.partition?.key) {
    throw new Refusal(
      'unsupported-operator',
      'the subquery has an operator that cannot work on each part for itself',
      place,
    )
  }
  const own = new Map(result.columns.map((item) => [item.name, item]))
  const columns = names.map((name) => {
    const found = own.get(name) ?? copies.get(name)
    if (!found) throw new Error(`the column ${name} has no source`)
    return { ...found, name }
  })
  const { partition: _inner, ...rest } = result
  return {
    ...rest,
    columns,
    order: naturalOrders(result),
    ...(input.partition ? { partition: input.partition } : {}),
  }
}
