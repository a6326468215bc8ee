import type { Expression, PlanNode } from '../kql/plan.ts'
import { conjuncts, type Fields, isFields, isPlan, mapWheres, nodesOf } from './plan-walk.ts'
import { isClock, isTimeBound } from './run-time.ts'

const localOperators: ReadonlySet<string> = new Set([
  'as', 'extend', 'mv-apply', 'mv-expand', 'parse', 'parse-kv', 'parse-where', 'project', 'project-away', 'project-keep',
  'project-rename', 'project-reorder', 'render', 'sort', 'table', 'union', 'where',
]) // oxfmt-ignore

/** Functions whose value depends on other rows, or on nothing at all. */
const unlocalFunctions =
  /^(prev|next|row_|rand$|new_guid$|ingestion_time$|current_|extent_|cursor_|series_seasonal|estimate_)/

/** Whether every row of the result stands for one row of a table, whenever the query runs. */
export function isLocal(plan: PlanNode): boolean {
  if (!localOperators.has(plan.kind)) return false
  const {
    input,
    inputs,
    predicate,
    subquery,
    columns: _columns,
    place: _place,
    ...own
  } = { ...plan } as Fields
  if (subquery !== undefined && !isPassedOn(subquery)) return false
  const parts =
    plan.kind === 'where' ? conjuncts(predicate as Expression).filter((part) => !isTimeBound(part)) : []
  for (const node of nodesOf([...parts, own, subquery])) {
    if (isClock(node) || node['kind'] === 'table' || node['kind'] === 'aggregate') {
      if (node !== own || plan.kind !== 'table') return false
    }
    if (node['kind'] === 'call' && unlocalFunctions.test(String(node['name']))) return false
  }
  if (plan.kind !== 'where' && makesTime(plan.kind, own)) return false
  const below = [
    ...(input === undefined ? [] : [input]),
    ...(Array.isArray(inputs) ? (inputs as unknown[]) : []),
  ]
  if (plan.kind === 'table') return true
  return below.length > 0 && below.every((item) => isFields(item) && isPlan(item) && isLocal(item))
}

/** Whether a subquery of `mv-apply` takes its elements one by one. */
function isPassedOn(subquery: unknown): boolean {
  if (!isFields(subquery) || !isPlan(subquery)) return false
  if (subquery.kind === 'context') return true
  const { input, columns: _columns, ...own } = { ...subquery } as Fields
  return elementWise.has(subquery.kind) && !makesTime(subquery.kind, own) && isPassedOn(input)
}

const elementWise: ReadonlySet<string> = new Set(['extend', 'mv-expand', 'project', 'project-away', 'where'])

/** Whether an operator gives TimeGenerated another value than its input's. */
export function makesTime(kind: string, own: Fields): boolean {
  if (kind === 'table' || kind === 'sort' || kind === 'union' || kind === 'render' || kind === 'as')
    return false
  const items = Array.isArray(own['items']) ? (own['items'] as readonly unknown[]) : undefined
  if (!items) return JSON.stringify(own).includes('"TimeGenerated"')
  return items.some((item) => {
    if (!isFields(item) || item['name'] !== 'TimeGenerated') return false
    const value = item['expression']
    return !isFields(value) || value['kind'] !== 'column' || value['name'] !== 'TimeGenerated'
  })
}

/** A row-local plan without its bounds on TimeGenerated, so that one query stands for all runs. */
export function withoutTimeBounds(plan: PlanNode): PlanNode {
  return mapWheres(plan, (predicate) => conjuncts(predicate).filter((part) => !isTimeBound(part)))
}

/** A plan over rows one by one, without the conditions that depend on anything but the row. */
export function leafOf(plan: PlanNode): PlanNode | undefined {
  if (!localOperators.has(plan.kind) || !plan.columns.some(({ name }) => name === 'TimeGenerated'))
    return undefined
  const leaf = mapWheres(plan, (predicate) => conjuncts(predicate).filter((part) => isOfRow({ ...part })))
  return isLocal(leaf) ? leaf : undefined
}

/** Whether what an expression is worth depends on its row alone. */
export function isOfRow(expression: Fields): boolean {
  for (const node of nodesOf(expression)) {
    if (isClock(node) || isPlan(node)) return false
    if (node['kind'] === 'call' && unlocalFunctions.test(String(node['name']))) return false
  }
  return true
}
