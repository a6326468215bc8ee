import type { PlanNode } from '../kql/plan.ts'
import { type Fields, isFields, isPlan, nodesOf } from './plan-walk.ts'
import { isLocal, isOfRow, makesTime } from './row-local.ts'
import { spanOf } from './run-time.ts'

/**
 * How long the bins of time are, in ticks, by which a plan counts rows, where each row of its result is made of the rows
 * of one bin and stands within it. Nothing where it is not so.
 */
export function binsOf(plan: PlanNode): bigint | undefined {
  const { input, columns: _columns, place: _place, ...own } = { ...plan } as Fields
  if (!isFields(input) || !isPlan(input)) return undefined
  if (plan.kind === 'summarize') return isLocal(input) ? binOf(own) : undefined
  if (!rowWise.has(plan.kind) || makesTime(plan.kind, own)) return undefined
  for (const node of nodesOf(own)) if (node !== own && (isPlan(node) || !isOfRow(node))) return undefined
  return binsOf(input)
}

const rowWise: ReadonlySet<string> = new Set([
  'extend', 'project', 'project-away', 'project-keep', 'project-rename', 'project-reorder', 'where',
]) // oxfmt-ignore

function binOf({ keys, aggregates }: Fields): bigint | undefined {
  const bins = items(keys).flatMap(({ name, expression }) => {
    if (!isFields(expression) || expression['kind'] !== 'call' || expression['name'] !== 'bin') return []
    const [time, width] = items(expression['args'])
    const ticks = isTime(time) ? spanOf(width) : undefined
    return ticks === undefined || ticks <= 0n ? [] : [{ name, ticks }]
  })
  const stands = items(aggregates).some(
    ({ names, expression }) =>
      Array.isArray(names) &&
      names[0] === 'TimeGenerated' &&
      isFields(expression) &&
      extremes.has(String(expression['name'])) &&
      isTime(items(expression['args'])[0]),
  )
  return (stands ? bins[0] : bins.find(({ name }) => name === 'TimeGenerated'))?.ticks
}

const extremes: ReadonlySet<string> = new Set(['min', 'max', 'arg_min', 'arg_max'])

function isTime(value: Fields | undefined): boolean {
  return value?.['kind'] === 'column' && value['name'] === 'TimeGenerated'
}

function items(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter((item) => isFields(item)) : []
}
