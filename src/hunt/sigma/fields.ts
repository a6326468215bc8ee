import { bagShapes, type BagShape } from './bag-shapes.ts'
import type { AliasTarget, LogColumn, LogTable } from './log-source.ts'

/** Where the values of a field lie in a table. */
export type Source =
  | { readonly kind: 'expression'; readonly kql: string }
  | {
      readonly kind: 'path'
      /** The column that the path begins in; of several, each one. */
      readonly columns: readonly [LogColumn, ...LogColumn[]]
      readonly steps: readonly Step[]
      /** The value is JSON text once more. */
      readonly encoded: boolean
      readonly spaced: boolean
    }

export type Step =
  | { readonly kind: 'key'; readonly name: string }
  /** A key whatever the case of its letters. */
  | { readonly kind: 'anyCase'; readonly name: string }
  /** Each element of a list; a value that is no list is its own element. */
  | { readonly kind: 'each' }
  /** The value of the elements with a name. */
  | { readonly kind: 'entry'; readonly nameKey: string; readonly name: string; readonly valueKey: string }

export interface Resolution {
  readonly sources: readonly Source[]
  /** The table does not know the field: its JSON columns are searched for the path. */
  readonly isSearched: boolean
}

/** What shippers and the blob export put before a record's own fields, the longest first. */
const prefixes: readonly (readonly string[])[] = [
  ...['auditlogs', 'signinlogs', 'activitylogs'].flatMap((log) => [
    ['azure', log, 'properties'],
    ['azure', log],
  ]),
  ['o365', 'audit'],
  ['properties'],
]

/** What a field's name stands for in a table; without sources where the table has no place for it. */
export function resolveField(table: LogTable, field: string): Resolution {
  const segments = segmentsOf(field)
  const prefix = prefixes.find((words) =>
    words.every((word, index) => segments[index]?.toLowerCase() === word),
  )
  const rest = segments.slice(prefix?.length ?? 0)
  const variants = prefix && rest.length > 0 ? [rest, segments] : [segments]
  for (const variant of variants) {
    const sources = known(table, variant)
    if (sources.length > 0) return { sources, isSearched: false }
  }
  const [variant = segments] = variants
  return { sources: searched(table, variant), isSearched: true }
}

/** `a.b{}.c[0]` → a, b, c: lists are looked into wherever they are. */
function segmentsOf(path: string): readonly string[] {
  return path
    .replaceAll(/\{\}|\[\*?\d*\]/g, '')
    .split(/(?<!\\)\./)
    .map((segment) => segment.replaceAll('\\.', '.').trim())
    .filter((segment) => segment !== '' && !/^\d+$/.test(segment))
}

function known(table: LogTable, segments: readonly string[]): readonly Source[] {
  for (let length = segments.length; length > 0; length -= 1) {
    const name = segments.slice(0, length).join('.').toLowerCase().replaceAll(' ', '')
    const rest = segments.slice(length)
    const targets = Object.hasOwn(table.aliases, name) ? (table.aliases[name] ?? []) : []
    const aliased = targets.flatMap((target) => targetSources(table, target, rest))
    if (aliased.length > 0) return aliased
    const column = length === 1 ? columnOf(table, name) : undefined
    const own = column ? columnSources(column, rest, false) : []
    if (own.length > 0) return own
  }
  return []
}

function targetSources(table: LogTable, target: AliasTarget, rest: readonly string[]): readonly Source[] {
  if (typeof target !== 'string' && 'kql' in target) {
    const isHere = target.columns.every((name) => table.columns.some((column) => column.name === name))
    return isHere && rest.length === 0 ? [{ kind: 'expression', kql: target.kql }] : []
  }
  const path = typeof target === 'string' ? target : target.path
  const [name = '', ...steps] = segmentsOf(path)
  const column = table.columns.find((each) => each.name === name)
  if (!column || (rest.length > 0 && isLeaf(column, steps))) return []
  return columnSources(column, [...steps, ...rest], typeof target !== 'string')
}

/** Whether nothing can lie below a path. */
function isLeaf(column: LogColumn, steps: readonly string[]): boolean {
  const shape = shapeOf(column)
  const end = shape === undefined ? 'value' : walk(shape, steps).end
  return end === 'value' || end === 'encoded'
}

function columnOf({ columns }: LogTable, name: string): LogColumn | undefined {
  const bare = (text: string): string => text.toLowerCase().replaceAll('_', '')
  return (
    columns.find((column) => column.name.toLowerCase() === name) ??
    columns.find((column) => bare(column.name) === bare(name))
  )
}

function shapeOf({ name, type }: LogColumn): BagShape | 'unknown' | undefined {
  if (type === 'dynamic') return bagShapes[name] ?? 'unknown'
  // The country of a sign-in has the name of the place of a risk.
  return type === 'string' && name !== 'Location' ? bagShapes[name] : undefined
}

function columnSources(column: LogColumn, path: readonly string[], spaced: boolean): readonly Source[] {
  const shape = shapeOf(column)
  if (shape === undefined && path.length > 0) return []
  const { steps, end } = walk(shape ?? 'value', path)
  const source = (more: readonly Step[], encoded: boolean): Source => ({
    kind: 'path',
    columns: [column],
    steps: [...steps, ...more],
    encoded,
    spaced,
  })
  if (typeof end !== 'string' && end.kind === 'each' && typeof end.of === 'string')
    return [source([], false), source([{ kind: 'each' }], end.of === 'encoded')]
  if (end === 'unknown' && path.length > 0) return [source([{ kind: 'each' }], false)]
  return [source([], end === 'encoded')]
}

function walk(
  start: BagShape | 'unknown',
  path: readonly string[],
): { readonly steps: readonly Step[]; readonly end: BagShape | 'unknown' } {
  const steps: Step[] = []
  let shape = start
  for (const [index, name] of path.entries()) {
    if (typeof shape !== 'string' && shape.kind === 'each') {
      const { of, entry } = shape
      const isKnown = typeof of !== 'string' && of.kind === 'bag' && keyOf(of.keys, name) !== undefined
      if (!isKnown && entry && typeof of !== 'string' && of.kind === 'bag') {
        const rest = path.slice(index).join('.')
        steps.push({ kind: 'entry', nameKey: entry.name, name: rest, valueKey: entry.value })
        return { steps, end: of.keys[entry.value] ?? 'value' }
      }
      steps.push({ kind: 'each' })
      shape = of
    }
    const keys: Readonly<Record<string, BagShape>> =
      typeof shape !== 'string' && shape.kind === 'bag' ? shape.keys : {}
    const key = keyOf(keys, name)
    if (key === undefined) {
      steps.push(
        { kind: 'each' },
        /^[\w $-]+$/.test(name) ? { kind: 'anyCase', name } : { kind: 'key', name },
      )
      shape = 'unknown'
    } else {
      steps.push({ kind: 'key', name: key })
      shape = keys[key] ?? 'unknown'
    }
  }
  return { steps, end: shape }
}

function keyOf(keys: Readonly<Record<string, BagShape>>, name: string): string | undefined {
  return Object.keys(keys).find((key) => key.toLowerCase() === name.toLowerCase())
}

/** The path in each of the table's JSON columns, whatever the case of its keys. */
function searched({ columns }: LogTable, path: readonly string[]): readonly Source[] {
  const [first, ...others] = columns.filter((column) => shapeOf(column) !== undefined)
  if (path.length === 0 || !first) return []
  const { steps } = walk('unknown', path)
  const inEach: readonly Step[] = [{ kind: 'each' }, ...steps, { kind: 'each' }]
  const anywhere: Source = {
    kind: 'path',
    columns: [first, ...others],
    steps: inEach,
    encoded: false,
    spaced: false,
  }
  const entries = [first, ...others].flatMap((column) => {
    const shape = shapeOf(column)
    const isNamed = shape !== undefined && typeof shape !== 'string' && shape.kind === 'each' && shape.entry
    return isNamed ? columnSources(column, path, false) : []
  })
  return [anywhere, ...entries]
}
