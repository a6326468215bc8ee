import type { TreeNode } from '../../../src/kql/parser/tree.ts'
import { operatorMeaning } from './binary.ts'
import { looseTypeOf, type Scope } from './scope.ts'
import { Undetermined, Unknown, keyOf, type Value } from './value.ts'

type Evaluate = (node: TreeNode, scope: Scope) => Value
type RowFunction = (nodes: readonly TreeNode[], scope: Scope, evaluate: Evaluate) => Value

/** Functions over the rows around, from the first row on for each row: slow, and plain. */
export const rowFunctions: Readonly<Record<string, RowFunction>> = {
  prev: (nodes, scope, evaluate) => neighbour(nodes, scope, evaluate, -1),
  next: (nodes, scope, evaluate) => neighbour(nodes, scope, evaluate, 1),
  row_number: (nodes, scope, evaluate) => {
    const [start, restart] = nodes
    const first = start ? integer(evaluate(start, scope)) : 1n
    return walk(scope, first - 1n, (count, at) =>
      restart && evaluate(restart, at) === true ? first : count + 1n,
    )
  },
  row_cumsum: (nodes, scope, evaluate) => {
    const [term, restart] = nodes
    if (!term) throw new Unknown('row_cumsum of nothing')
    const type = looseTypeOf(term)
    const zero: Value = type === 'real' ? 0 : 0n
    return walk<Value>(scope, zero, (sum, at) => {
      const value = evaluate(term, at)
      const before = restart && evaluate(restart, at) === true ? zero : sum
      return value === null ? before : operatorMeaning('+', [before, value], [type, type], type)
    })
  },
  row_window_session: (nodes, scope, evaluate) => {
    const [term, longest, widest, restart] = nodes
    if (!term || !longest || !widest) throw new Unknown('a session of nothing')
    const [most, gap] = [ticks(evaluate(longest, scope)), ticks(evaluate(widest, scope))]
    return (
      walk<readonly [start: bigint, before: bigint] | null>(scope, null, (session, at) => {
        const value = ticks(evaluate(term, at))
        const goesOn = session && value - session[0] <= most && value - session[1] <= gap
        const isCut = restart !== undefined && evaluate(restart, at) === true
        return goesOn && !isCut ? [session[0], value] : [value, value]
      })?.[0] ?? null
    )
  },
  row_rank_dense: (nodes, scope, evaluate) => {
    return ranks(nodes, scope, evaluate, ({ rank, isNew }) => (isNew ? rank + 1n : rank))
  },
  row_rank_min: (nodes, scope, evaluate) => {
    return ranks(nodes, scope, evaluate, ({ rank, isNew, wasSeen, count }) => {
      if (isNew && wasSeen) throw new Undetermined('the rank of a value that comes again')
      return isNew ? count : rank
    })
  },
}

function ticks(value: Value): bigint {
  if (typeof value !== 'bigint') throw new Unknown('a session of nulls')
  return value
}

function integer(value: Value): bigint {
  if (typeof value !== 'bigint') throw new Unknown('a number of rows')
  return value
}

function rowsOf(scope: Scope): NonNullable<Scope['input']> {
  if (!scope.input || scope.index === undefined) throw new Unknown('rows without an order')
  if (new Set(scope.input.ranks).size < scope.input.rows.length) throw new Undetermined('order of rows')
  return scope.input
}

function at(scope: Scope, index: number): Scope | undefined {
  const row = rowsOf(scope).rows[index]
  return row ? { ...scope, row, index } : undefined
}

function walk<T>(scope: Scope, start: T, step: (state: T, at: Scope) => T): T {
  let state = start
  for (let index = 0; index <= (scope.index ?? -1); index += 1) {
    const here = at(scope, index)
    if (here) state = step(state, here)
  }
  return state
}

function neighbour(nodes: readonly TreeNode[], scope: Scope, evaluate: Evaluate, direction: number): Value {
  const [term, offset, fallback] = nodes
  if (!term) throw new Unknown('prev of nothing')
  const distance = offset ? Number(integer(evaluate(offset, scope))) : 1
  const there = at(scope, (scope.index ?? 0) + direction * distance)
  if (there) return evaluate(term, there)
  if (fallback) return evaluate(fallback, scope)
  return looseTypeOf(term) === 'string' ? '' : null
}

interface Ranking {
  readonly key: string | undefined
  readonly keys: ReadonlySet<string>
  readonly rank: bigint
  readonly count: bigint
}

function ranks(
  nodes: readonly TreeNode[],
  scope: Scope,
  evaluate: Evaluate,
  next: (state: { rank: bigint; isNew: boolean; wasSeen: boolean; count: bigint }) => bigint,
): Value {
  const [term, restart] = nodes
  if (!term) throw new Unknown('rank of nothing')
  const start: Ranking = { key: undefined, keys: new Set(), rank: 0n, count: 0n }
  return walk(scope, start, (state, here) => {
    const from = restart && evaluate(restart, here) === true ? start : state
    const key = keyOf(evaluate(term, here))
    const count = from.count + 1n
    const keys = new Set([...from.keys, key])
    return {
      key,
      keys,
      count,
      rank: next({ rank: from.rank, isNew: key !== from.key, wasSeen: from.keys.has(key), count }),
    }
  }).rank
}
