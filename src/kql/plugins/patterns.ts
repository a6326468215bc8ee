import {
  aggregate,
  and,
  call,
  column,
  integer,
  lambda,
  or,
  when,
  type Select,
  type SelectColumn,
  type SqlExpression,
} from '../../sql/node.ts'
import type { Emitter } from '../emitter.ts'
import type { Column } from '../plan.ts'
import { isText, nullOf } from '../types.ts'

/**
 * Patterns are sets of columns with a value each. They are searched exactly: a value that is rare by itself is in no
 * frequent pattern, rows that then are alike are counted together, and each of them counts for every set of its
 * columns. A pattern is closed where no further column has one value in all of its rows; others are left out, as
 * they say less about the same rows.
 */
export interface PatternSearch {
  /** Columns whose values make patterns. */
  readonly columns: readonly { readonly column: Column; readonly sql: SqlExpression }[]
  /** What each row counts for, on one side or on each of two. */
  readonly weights: readonly SqlExpression[]
  readonly mostColumns: number
  /** Over a pattern's sums and the sums of all rows, whether it is worth reporting. */
  readonly isWorthwhile: (sums: readonly SqlExpression[], totals: readonly SqlExpression[]) => SqlExpression
}

/** A row for each pattern: `mask`, `value0`…, `sum0`…, `total0`…. */
export interface PatternRows {
  readonly select: Select
  readonly at: (name: string, alias: string) => SqlExpression
}

const mostMasks = 4000

/** The numbers whose bits are a set of at most so many of the columns; undefined where there are too many. */
export function masksOf(columns: number, most: number): readonly number[] | undefined {
  const masks: number[] = []
  const grow = (mask: number, next: number, size: number): void => {
    if (size > 0) masks.push(mask)
    if (size === most || masks.length > mostMasks) return
    for (let index = next; index < columns; index += 1) grow(mask | (1 << index), index + 1, size + 1)
  }
  grow(0, 0, 0)
  return masks.length > mostMasks ? undefined : masks
}

export function patternRows(
  search: PatternSearch,
  masks: readonly number[],
  source: Select['from'],
  where: SqlExpression | undefined,
  emitter: Emitter,
): PatternRows {
  const frequent = frequentValues(search, source, where, emitter)
  const together = summed(search, frequent, emitter)
  const [inner, outer] = [emitter.alias(), emitter.alias()]
  const indexes = search.columns.map((_item, index) => index)
  const missing = (index: number, alias: string): SqlExpression =>
    call(isText(typeAt(search, index)) ? 'empty' : 'isNull', column(`value${index}`, alias))
  const missingBits = indexes
    .map((index) => when(missing(index, inner), integer(2 ** index), integer(0)))
    .reduce((left, right) => call('bitOr', call('toUInt64', left), right))
  const isWhole = lambda(['m'], (mask) => call('equals', call('bitAnd', mask, missingBits), 0))
  const spread: Select = {
    columns: together.columns.map(({ name }) => ({ name, expression: column(name, inner) })),
    from: { kind: 'select', select: together, alias: inner },
    arrayJoin: [
      {
        name: 'mask',
        expression: call(
          'arrayFilter',
          isWhole,
          call('array', ...masks.map((mask) => call('toUInt64', mask))),
        ),
      },
    ],
  }
  const withMask: Select = {
    ...spread,
    columns: [...spread.columns, { name: 'mask', expression: column('mask') }],
  }
  const mask = column('mask', outer)
  const has = (index: number): SqlExpression => call('bitTest', mask, index)
  const masked = indexes.map((index) =>
    when(has(index), column(`value${index}`, outer), nullOf(typeAt(search, index))),
  )
  const sums = search.weights.map((_weight, side) => aggregate('sum', [column(`weight${side}`, outer)]))
  const totals = search.weights.map((_weight, side) => aggregate('any', [column(`total${side}`, outer)]))
  const size = call('bitCount', mask)
  const isOpen = indexes.map((index) => {
    const value = column(`value${index}`, outer)
    const isOne = call('equals', aggregate('uniqExact', [call('tuple', value)]), 1)
    const isThere = call('not', aggregate('max', [missing(index, outer)]))
    return and(call('not', has(index)), isOne, isThere)
  })
  const isClosed = or(
    call('equals', size, search.mostColumns),
    call('not', isOpen.length === 1 && isOpen[0] ? isOpen[0] : or(...isOpen)),
  )
  const select: Select = {
    columns: [
      { name: 'mask', expression: mask },
      ...masked.map((expression, index): SelectColumn => ({ name: `value${index}`, expression })),
      ...sums.map((expression, side): SelectColumn => ({ name: `sum${side}`, expression })),
      ...totals.map((expression, side): SelectColumn => ({ name: `total${side}`, expression })),
    ],
    from: { kind: 'select', select: withMask, alias: outer },
    groupBy: [mask, ...masked],
    having: and(search.isWorthwhile(sums, totals), isClosed),
  }
  return { select, at: column }
}

function typeAt({ columns }: PatternSearch, index: number): Column['type'] {
  const found = columns[index]
  if (!found) throw new Error(`no column ${index} in the patterns`)
  return found.column.type
}

/** The rows, a value being missing where it is too rare for any pattern. */
function frequentValues(
  search: PatternSearch,
  source: Select['from'],
  where: SqlExpression | undefined,
  emitter: Emitter,
): Select {
  const rows: Select = {
    columns: [
      ...search.columns.map(({ sql }, index) => ({ name: `value${index}`, expression: sql })),
      ...search.weights.map((weight, side) => ({ name: `weight${side}`, expression: weight })),
    ],
    from: source,
    ...(where ? { where } : {}),
  }
  const alias = emitter.alias()
  const sumOver = (side: number, partitionBy: readonly SqlExpression[]): SqlExpression => ({
    kind: 'window',
    call: aggregate('sum', [column(`weight${side}`, alias)]),
    window: { partitionBy, orderBy: [] },
  })
  const sides = search.weights.map((_weight, side) => side)
  const counted: Select = {
    columns: [
      ...rows.columns.map(({ name }) => ({ name, expression: column(name, alias) })),
      ...sides.map((side) => ({ name: `total${side}`, expression: sumOver(side, []) })),
      ...search.columns.flatMap((_item, index) =>
        sides.map((side) => ({
          name: `often${index}_${side}`,
          expression: sumOver(side, [column(`value${index}`, alias)]),
        })),
      ),
    ],
    from: { kind: 'select', select: rows, alias },
  }
  const outer = emitter.alias()
  const totals = sides.map((side) => column(`total${side}`, outer))
  return {
    columns: [
      ...search.columns.map(({ column: { type } }, index) => {
        const often = sides.map((side) => column(`often${index}_${side}`, outer))
        const value = when(mayMatter(search, often, totals), column(`value${index}`, outer), nullOf(type))
        return { name: `value${index}`, expression: value }
      }),
      ...sides.flatMap((side) => [
        { name: `weight${side}`, expression: column(`weight${side}`, outer) },
        { name: `total${side}`, expression: column(`total${side}`, outer) },
      ]),
    ],
    from: { kind: 'select', select: counted, alias: outer },
  }
}

/** Whether patterns with a value can be worthwhile: on one side alone it would be so with all its rows. */
function mayMatter(
  search: PatternSearch,
  often: readonly SqlExpression[],
  totals: readonly SqlExpression[],
): SqlExpression {
  const alone = often.map((_sum, side) =>
    search.isWorthwhile(
      often.map((sum, other) => (other === side ? sum : call('multiply', sum, 0))),
      totals,
    ),
  )
  return alone.length === 1 && alone[0] ? alone[0] : or(...alone)
}

function summed(search: PatternSearch, inner: Select, emitter: Emitter): Select {
  const alias = emitter.alias()
  const values = search.columns.map((_item, index) => ({
    name: `value${index}`,
    expression: column(`value${index}`, alias),
  }))
  return {
    columns: [
      ...values,
      ...search.weights.flatMap((_weight, side) => [
        { name: `weight${side}`, expression: aggregate('sum', [column(`weight${side}`, alias)]) },
        { name: `total${side}`, expression: aggregate('any', [column(`total${side}`, alias)]) },
      ]),
    ],
    from: { kind: 'select', select: inner, alias },
    groupBy: values.map(({ expression }) => expression),
  }
}

/** Of patterns that are part of one another, the best: those left have none above them by score. */
export function bestOf(
  patterns: Select,
  score: (alias: string) => SqlExpression,
  most: number,
  emitter: Emitter,
): Select {
  const [first, second, third] = [emitter.alias(), emitter.alias(), emitter.alias()]
  const values = patterns.columns.map(({ name }) => name).filter((name) => name.startsWith('value'))
  const carried = (alias: string): SelectColumn[] =>
    patterns.columns.map(({ name }) => ({ name, expression: column(name, alias) }))
  const items = call(
    'arrayFilter',
    lambda(['i'], (item) => call('notEmpty', item)),
    call(
      'array',
      ...values.map((name, index) =>
        when(
          call('bitTest', column('mask', first), index),
          call('concat', `${index}:`, call('ifNull', call('toString', column(name, first)), '')),
          call('toString', ''),
        ),
      ),
    ),
  )
  const scored: Select = {
    columns: [
      ...carried(first),
      { name: 'score', expression: score(first) },
      { name: 'items', expression: items },
    ],
    from: { kind: 'select', select: patterns, alias: first },
    orderBy: [
      { expression: score(first), descending: true, nullsFirst: false },
      { expression: items, descending: false, nullsFirst: false },
    ],
    limit: integer(most),
  }
  const ranked: Select = {
    columns: [
      ...carried(second),
      ...['score', 'items'].map((name) => ({ name, expression: column(name, second) })),
      {
        name: 'better',
        expression: {
          kind: 'window',
          call: aggregate('groupArray', [column('items', second)]),
          window: {
            partitionBy: [],
            orderBy: [
              { expression: column('score', second), descending: true, nullsFirst: false },
              { expression: column('items', second), descending: false, nullsFirst: false },
            ],
            rows: ['unbounded preceding', -1],
          },
        },
      },
    ],
    from: { kind: 'select', select: scored, alias: second },
  }
  const own = column('items', third)
  const isComparable = lambda(['o'], (other) => or(call('hasAll', own, other), call('hasAll', other, own)))
  return {
    columns: [...carried(third), { name: 'score', expression: column('score', third) }],
    from: { kind: 'select', select: ranked, alias: third },
    where: call('not', call('arrayExists', isComparable, column('better', third))),
  }
}
