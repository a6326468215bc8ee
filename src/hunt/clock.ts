import type { PlanNode } from '../kql/plan.ts'
import { nodesOf } from './plan-walk.ts'
import { isLocal } from './row-local.ts'
import { isClock, offsetOf } from './run-time.ts'

/** How a query depends on the time of its run, read from its plan. Times are in ticks of 100 ns. */
export interface Clock {
  readonly readsClock: boolean
  /** How far back the query itself looks: `ago(1h)`, `now() - 1h`. */
  readonly lookBacks: readonly bigint[]
  /** Tables that it names. */
  readonly tables: readonly string[]
  /** Each row of the result is made of one row of a table, and of no more of the time than bounds on TimeGenerated. */
  readonly isRowLocal: boolean
}

/** Reads a plan for how it depends on time. */
export function readClock(plan: PlanNode): Clock {
  const lookBacks = new Set<bigint>()
  const tables = new Set<string>()
  let readsClock = false
  for (const node of nodesOf(plan)) {
    if (node['kind'] === 'table' && typeof node['table'] === 'string') tables.add(node['table'])
    if (node['kind'] !== 'call') continue
    readsClock ||= isClock(node)
    const offset = offsetOf(node)
    if (offset !== undefined && offset < 0n) lookBacks.add(-offset)
  }
  const isRowLocal = isLocal(plan)
  return {
    readsClock,
    lookBacks: [...lookBacks].toSorted((a, b) => (a < b ? -1 : 1)),
    tables: [...tables].toSorted(),
    isRowLocal,
  }
}
