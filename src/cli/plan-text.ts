import type { PlanNode } from '../kql/plan.ts'

/** A plan in the order of the pipeline, an operator a line, its branches indented above it. */
export function planText(plan: PlanNode, query: string): string {
  return planLines(plan, query, 0)
    .map((line) => `${line}\n`)
    .join('')
}

function planLines(node: PlanNode, query: string, depth: number): readonly string[] {
  const [first, ...others] = inputsOf(node)
  const branches = others.flatMap((input) => planLines(input, query, depth + 1))
  const source = query.slice(node.place.start, node.place.end).replaceAll(/\s+/g, ' ').trim()
  const count = `${node.columns.length} ${node.columns.length === 1 ? 'column' : 'columns'}`
  const line = `${'  '.repeat(depth)}${node.kind.padEnd(10)} ${count.padEnd(12)} ${source}`.trimEnd()
  return [...(first === undefined ? [] : planLines(first, query, depth)), ...branches, line]
}

function inputsOf(node: PlanNode): readonly PlanNode[] {
  return Object.values(node).flatMap((value: unknown) =>
    Array.isArray(value) ? value.filter(isPlanNode) : isPlanNode(value) ? [value] : [],
  )
}

function isPlanNode(value: unknown): value is PlanNode {
  return (
    typeof value === 'object' && value !== null && 'kind' in value && 'place' in value && 'columns' in value
  )
}
