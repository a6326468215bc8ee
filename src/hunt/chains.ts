import type { Expression, PlanNode } from '../kql/plan.ts'
import { sidesOf } from './plan-sides.ts'
import { conjuncts, type Fields, isFields, isPlan, nodesOf } from './plan-walk.ts'
import { isLocal, withoutTimeBounds } from './row-local.ts'
import { isClock, isTimeBound, offsetOf } from './run-time.ts'

/** A query whose rows are first taken one by one and then together, of one input after the other. */
export interface Chain {
  /** The rows, without bounds on their time. */
  readonly events: PlanNode
  /** What is done to them together; `context` stands for them. */
  readonly together: PlanNode
  /** How far back the bounds on their time let the query see; nothing where there are none. */
  readonly reach: bigint | undefined
}

/** The number of the node that stands for the rows of a chain. */
export const chainNumber = 1_000_000

/** Reads a plan as a chain; nothing where it is none, or where it asks the time for more than bounds. */
export function chainOf(plan: PlanNode): Chain | undefined {
  if (isLocal(plan) && plan.columns.some(({ name }) => name === 'TimeGenerated')) {
    const bounds = [...boundsOf(plan)]
    // A bound on one member of a union is none on the others.
    if (bounds.length < countBounds(plan)) return undefined
    const { columns, place } = plan
    return {
      events: withoutTimeBounds(plan),
      together: { kind: 'context', number: chainNumber, columns, place } as PlanNode,
      reach: bounds.toSorted((a, b) => (a < b ? -1 : 1))[0],
    }
  }
  const { input, columns: _columns, place: _place, ...own } = { ...plan } as Fields
  if (!isFields(input) || !isPlan(input) || unchained.has(plan.kind)) return undefined
  for (const node of nodesOf(own)) if (isClock(node) || (node !== own && isPlan(node))) return undefined
  const below = chainOf(input)
  return below && { ...below, together: { ...plan, input: below.together } as PlanNode }
}

/** Operators that fill in what is missing, or whose rows say which columns there are: not for each run by itself. */
const unchained: ReadonlySet<string> = new Set([
  'as',
  'evaluate',
  'getschema',
  'make-series',
  'mv-apply',
  'partition',
  'scan',
])

/** How far back each lower bound on TimeGenerated lets all of a row-local plan see, in ticks; a bound itself may pass or not. */
function* boundsOf(plan: PlanNode): Generator<bigint> {
  const { input, predicate } = plan as PlanNode & {
    readonly input?: PlanNode
    readonly predicate?: Expression
  }
  if (predicate) for (const part of conjuncts(predicate)) yield* boundOf(part)
  if (input) yield* boundsOf(input)
}

function* boundOf(part: Expression): Generator<bigint> {
  if (part.kind !== 'call' || !isTimeBound(part)) return
  const offset = part.args.map((value) => offsetOf(value)).find((value) => value !== undefined && value < 0n)
  if (offset !== undefined) yield -offset + (part.name === '>' || part.name === '<' ? 0n : 1n)
}

/** How many such bounds there are anywhere in a plan. */
function countBounds(plan: PlanNode): number {
  return [...nodesOf(plan)].flatMap((node) =>
    node['kind'] === 'where'
      ? conjuncts(node['predicate'] as Expression).flatMap((part) => [...boundOf(part)])
      : [],
  ).length
}

/**
 * The chains in a plan without a row of which it has no result: inputs that are summarized before they are joined. Whether
 * a run has any can be asked for all runs at once.
 */
export function requiredChains(
  plan: PlanNode,
): readonly { readonly plan: PlanNode; readonly chain: Chain }[] {
  const chain = chainOf(plan)
  if (chain) return [{ plan, chain }]
  const fields: ReadonlyMap<string, unknown> = new Map(Object.entries(plan))
  return [...sidesOf(plan)].flatMap(([name, side]) => {
    const inner = fields.get(name)
    return side === 'required' && isFields(inner) && isPlan(inner) ? requiredChains(inner) : []
  })
}
