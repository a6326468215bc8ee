import type { PlanNode } from '../kql/plan.ts'

/** Without a row of it there is no result; or its rows can only take results away. */
export type Side = 'required' | 'against'

/** What the inputs of an operator are to its result, by the names of its fields; nothing where that is not known. */
export function sidesOf(plan: PlanNode): ReadonlyMap<string, Side> {
  const { kind, join, keys } = plan as PlanNode & {
    readonly join?: string
    readonly keys?: readonly unknown[]
  }
  if (kind === 'lookup') return new Map(join === 'inner' ? bothSides : [['left', 'required']])
  if (kind === 'join') return new Map(joinSides[join ?? ''])
  if (kind === 'summarize') return new Map((keys ?? []).length > 0 ? [['input', 'required']] : [])
  return new Map(keeping.has(kind) ? [['input', 'required']] : [])
}

const bothSides = [
  ['left', 'required'],
  ['right', 'required'],
] as const

const leftAnti = [
  ['left', 'required'],
  ['right', 'against'],
] as const

const rightAnti = [
  ['left', 'against'],
  ['right', 'required'],
] as const

const joinSides: Readonly<Record<string, readonly (readonly [string, Side])[]>> = {
  inner: bothSides,
  innerunique: bothSides,
  leftsemi: bothSides,
  rightsemi: bothSides,
  leftouter: [['left', 'required']],
  rightouter: [['right', 'required']],
  leftanti: leftAnti,
  anti: leftAnti,
  leftantisemi: leftAnti,
  rightanti: rightAnti,
  rightantisemi: rightAnti,
}

/** Operators of one input that make no row out of none. */
const keeping: ReadonlySet<string> = new Set([
  'as', 'distinct', 'extend', 'mv-apply', 'mv-expand', 'parse', 'parse-kv', 'parse-where', 'project', 'project-away',
  'project-keep', 'project-rename', 'project-reorder', 'render', 'sample', 'serialize', 'sort', 'take', 'top', 'where',
]) // oxfmt-ignore
