import type { Expression, PlanNode } from '../kql/plan.ts'

/** A node, expression or list of a plan, by its fields. */
export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

export function isPlan(value: Fields): value is Fields & PlanNode {
  return typeof value['kind'] === 'string' && Array.isArray(value['columns'])
}

/** Every object in a plan: its nodes, their expressions, and the plans inside them. */
export function* nodesOf(value: unknown): Generator<Fields> {
  if (!isFields(value)) return
  if (!Array.isArray(value)) yield value
  for (const inner of Object.values(value)) yield* nodesOf(inner)
}

/** The parts of a condition that all must hold. */
export function conjuncts(predicate: Expression): readonly Expression[] {
  if (predicate.kind !== 'call' || predicate.name !== 'and') return [predicate]
  return predicate.args.flatMap((part) => conjuncts(part))
}

/** Rebuilds a plan with other conditions in its `where` operators. */
export function mapWheres(plan: PlanNode, keep: (predicate: Expression) => readonly Expression[]): PlanNode {
  const fields = plan as PlanNode & { readonly input?: PlanNode; readonly inputs?: readonly PlanNode[] }
  const input = fields.input && mapWheres(fields.input, keep)
  const mapped: PlanNode = {
    ...plan,
    ...(input ? { input } : {}),
    ...(fields.inputs ? { inputs: fields.inputs.map((item) => mapWheres(item, keep)) } : {}),
  }
  if (plan.kind !== 'where' || !input) return mapped
  return filtered(input, plan, keep((plan as PlanNode & { readonly predicate: Expression }).predicate))
}

function filtered(input: PlanNode, where: PlanNode, parts: readonly Expression[]): PlanNode {
  const [first, ...rest] = parts
  if (!first) return input
  const predicate = rest.reduce<Expression>(
    (all, next) => ({ kind: 'call', name: 'and', args: [all, next], type: 'bool', place: where.place }),
    first,
  )
  return { ...where, input, predicate } as PlanNode
}
