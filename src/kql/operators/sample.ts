import { operator, required } from '../operator.ts'
import { child, nameOf } from '../parser/tree.ts'
import type { PlanNode } from '../plan.ts'
import { limitRelation, planCount } from './take.ts'
import { projectRelation } from '../projection.ts'
import { groupPlaces } from './summarize.ts'

interface SampleNode extends PlanNode {
  readonly kind: 'sample'
  readonly input: PlanNode
  readonly count: number
}

interface SampleDistinctNode extends PlanNode {
  readonly kind: 'sample-distinct'
  readonly input: PlanNode
  readonly count: number
  readonly of: string
}

/** Any rows will do: Kusto promises no more. */
export const sample = operator<SampleNode>({
  kind: 'sample',
  syntax: ['SampleOperator'],
  doc: 'So many rows, whichever.',
  example: { query: 'print a = 1 | sample 5', rows: [[1]] },
  plan: (node, input, planner): SampleNode => {
    const from = required(input)
    const count = planCount(child(node, 'Expression'), planner)
    return { kind: 'sample', input: from, count, columns: from.columns, place: planner.place(node) }
  },
  emit: (node, emitter) => limitRelation(emitter.relation(node.input), node.count, emitter),
})

export const sampleDistinct = operator<SampleDistinctNode>({
  kind: 'sample-distinct',
  syntax: ['SampleDistinctOperator'],
  doc: 'So many distinct values of a column, whichever.',
  example: { query: 'datatable(a: long)[1, 1] | sample-distinct 5 of a', rows: [[1]] },
  plan: (node, input, planner): SampleDistinctNode => ({
    kind: 'sample-distinct',
    input: required(input),
    count: planCount(child(node, 'Expression'), planner),
    of: nameOf(child(node, 'OfExpression')),
    columns: planner.columns(node),
    place: planner.place(node),
  }),
  emit: (node, emitter) => {
    const items = node.columns.map(({ name, type }) => {
      return { name, expression: { kind: 'column', name: node.of, type, place: node.place } } as const
    })
    const projected = projectRelation(emitter.relation(node.input), items, emitter)
    const columns = projected.select.columns.slice(0, 1)
    const { order, places } = groupPlaces(projected, emitter)
    const groupBy = columns.map(({ expression }) => expression)
    const select = { ...projected.select, columns: [...columns, ...places], groupBy }
    return limitRelation({ ...projected, select, order, sealed: true }, node.count, emitter)
  },
})
