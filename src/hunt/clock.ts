import type { ColumnExpression, Expression, PlanNode } from '../kql/plan.ts'

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

/** A row-local plan without its bounds on TimeGenerated, so that one query stands for all runs. */
export function withoutTimeBounds(plan: PlanNode): PlanNode {
  return mapWheres(plan, (predicate) => conjuncts(predicate).filter((part) => !isTimeBound(part)))
}

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

type Side = 'required' | 'against'

/** What the inputs of an operator are to its result, by the names of its fields; nothing where that is not known. */
function sidesOf(plan: PlanNode): ReadonlyMap<string, Side> {
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

type Fields = Readonly<Record<string, unknown>>

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

function isPlan(value: Fields): value is Fields & PlanNode {
  return typeof value['kind'] === 'string' && Array.isArray(value['columns'])
}

/** Every object in a plan: its nodes, their expressions, and the plans inside them. */
function* nodesOf(value: unknown): Generator<Fields> {
  if (!isFields(value)) return
  if (!Array.isArray(value)) yield value
  for (const inner of Object.values(value)) yield* nodesOf(inner)
}

/** Ticks that an expression lies after the time of the run; nothing where it is no constant distance from it. */
function offsetOf(value: unknown): bigint | undefined {
  if (!isFields(value) || value['kind'] !== 'call' || !Array.isArray(value['args'])) return undefined
  const [first, second] = value['args'] as readonly unknown[]
  switch (value['name']) {
    case 'now':
      return first === undefined ? 0n : spanOf(first)
    case 'ago': {
      const span = spanOf(first)
      return span === undefined ? undefined : -span
    }
    case '+':
    case '-': {
      const start = offsetOf(first)
      const span = spanOf(second)
      if (start === undefined || span === undefined) return undefined
      return value['name'] === '+' ? start + span : start - span
    }
    default:
      return undefined
  }
}

/** Ticks of a timespan that is known before the query runs. */
function spanOf(value: unknown): bigint | undefined {
  if (!isFields(value)) return undefined
  if (value['kind'] === 'literal') {
    const text = String(value['value'])
    return /^-?\d+$/.test(text) ? BigInt(text) : undefined
  }
  if (value['kind'] !== 'call' || !Array.isArray(value['args'])) return undefined
  const [left, right] = (value['args'] as readonly unknown[]).map((item) => spanOf(item))
  if (value['name'] === 'totimespan') return left
  if (left === undefined || right === undefined) return undefined
  if (value['name'] === '*') return left * right
  if (value['name'] === '+') return left + right
  return value['name'] === '-' ? left - right : undefined
}

function isClock(node: Fields): boolean {
  return node['kind'] === 'call' && (node['name'] === 'now' || node['name'] === 'ago')
}

function conjuncts(predicate: Expression): readonly Expression[] {
  if (predicate.kind !== 'call' || predicate.name !== 'and') return [predicate]
  return predicate.args.flatMap((part) => conjuncts(part))
}

/** `TimeGenerated > ago(1d)` and its kin: a bound that rows only pass while they are recent, and then always. */
function isTimeBound(expression: Expression): boolean {
  if (expression.kind !== 'call') return false
  const [first, second, third] = expression.args
  const isTime = (value: Expression | undefined): value is ColumnExpression =>
    value?.kind === 'column' && value.name === 'TimeGenerated'
  const isPast = (value: unknown): boolean => (offsetOf(value) ?? 0n) < 0n
  const isPresent = (value: unknown): boolean => (offsetOf(value) ?? -1n) >= 0n
  switch (expression.name) {
    case '>':
    case '>=':
      return (isTime(first) && isPast(second)) || (isTime(second) && isPresent(first))
    case '<':
    case '<=':
      return (isTime(second) && isPast(first)) || (isTime(first) && isPresent(second))
    case 'between':
      return isTime(first) && isPast(second) && isPresent(third)
    default:
      return false
  }
}

const localOperators: ReadonlySet<string> = new Set([
  'as', 'extend', 'mv-expand', 'parse', 'parse-kv', 'parse-where', 'project', 'project-away', 'project-keep',
  'project-rename', 'project-reorder', 'render', 'sort', 'table', 'union', 'where',
]) // oxfmt-ignore

/** Functions whose value depends on other rows, or on nothing at all. */
const unlocalFunctions =
  /^(prev|next|row_|rand$|new_guid$|ingestion_time$|current_|extent_|cursor_|series_seasonal|estimate_)/

/** Whether every row of the result stands for one row of a table, whenever the query runs. */
function isLocal(plan: PlanNode): boolean {
  if (!localOperators.has(plan.kind)) return false
  const { input, inputs, predicate, columns: _columns, place: _place, ...own } = { ...plan } as Fields
  const parts =
    plan.kind === 'where' ? conjuncts(predicate as Expression).filter((part) => !isTimeBound(part)) : []
  for (const node of nodesOf([...parts, own])) {
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

/** Whether an operator gives TimeGenerated another value than its input's. */
function makesTime(kind: string, own: Fields): boolean {
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

/** Rebuilds a plan with other conditions in its `where` operators. */
function mapWheres(plan: PlanNode, keep: (predicate: Expression) => readonly Expression[]): PlanNode {
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

/** A plan over rows one by one, without the conditions that depend on anything but the row. */
function leafOf(plan: PlanNode): PlanNode | undefined {
  if (!localOperators.has(plan.kind) || !plan.columns.some(({ name }) => name === 'TimeGenerated'))
    return undefined
  const leaf = mapWheres(plan, (predicate) => conjuncts(predicate).filter((part) => isOfRow(part)))
  return isLocal(leaf) ? leaf : undefined
}

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

function isOfRow(expression: Expression): boolean {
  for (const node of nodesOf(expression)) {
    if (isClock(node) || isPlan(node)) return false
    if (node['kind'] === 'call' && unlocalFunctions.test(String(node['name']))) return false
  }
  return true
}
