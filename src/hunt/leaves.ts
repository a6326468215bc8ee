import type { PlanNode } from '../kql/plan.ts'
import { type Side, sidesOf } from './plan-sides.ts'
import { isFields, isPlan, nodesOf } from './plan-walk.ts'
import { leafOf } from './row-local.ts'

/** A use of a table, with what is done to its rows one by one. */
export interface Leaf {
  /** But for conditions that depend on the time or on other rows. */
  readonly plan: PlanNode
  /** Without a row of it the query has no result. */
  readonly isRequired: boolean
  /** Its rows can only take results away: the other side of an anti join. */
  readonly isAgainst: boolean
}

/** The leaves of a plan: rows that do not pass them cannot take part in a result. */
export function leavesOf(plan: PlanNode): readonly Leaf[] {
  const leaves: Leaf[] = []
  const visit = (value: unknown, isRequired: boolean, isAgainst: boolean): void => {
    if (Array.isArray(value)) for (const item of value) visit(item, false, isAgainst)
    if (!isFields(value) || Array.isArray(value)) return
    const leaf = isPlan(value) ? leafOf(value) : undefined
    if (leaf) {
      leaves.push({ plan: leaf, isRequired, isAgainst })
      // Its conditions may ask other tables.
      for (const node of nodesOf(value)) {
        if (node['kind'] === 'scalar' || node['kind'] === 'rows') visit(node['plan'], false, isAgainst)
      }
      return
    }
    const sides = isPlan(value) ? sidesOf(value) : new Map<string, Side>()
    for (const [name, inner] of Object.entries(value)) {
      const side = sides.get(name)
      visit(inner, isRequired && side === 'required', isAgainst || side === 'against')
    }
  }
  visit(plan, true, false)
  return leaves
}
