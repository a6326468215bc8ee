import type { RunsNode } from '../kql/operators/runs.ts'
import type { Column, PlanNode } from '../kql/plan.ts'
import { chainNumber, type Chain } from './chains.ts'

/** A chain at all times in one query; the last column is the run, in ticks. */
export function runsPlan(chain: Chain, columns: readonly Column[], step: bigint, reach: bigint): PlanNode {
  const runColumn = '__run'
  const node: RunsNode = {
    kind: 'runs',
    input: chain.events,
    number: chainNumber,
    subquery: chain.together,
    step: String(step),
    reach: String(reach),
    runColumn,
    columns: [...columns, { name: runColumn, type: 'long' }],
    place: chain.events.place,
  }
  return node
}

/** The runs in which a chain has a row. */
export function runsWithRows(
  chain: Chain,
  columns: readonly Column[],
  step: bigint,
  reach: bigint,
): PlanNode {
  const input = runsPlan(chain, columns, step, reach)
  const { place } = input
  const run = { name: '__run', type: 'long' as const }
  const distinct = {
    kind: 'distinct',
    input,
    items: [{ name: run.name, expression: { kind: 'column', ...run, place } }],
    columns: [run],
    place,
  }
  return distinct
}

/**
 * The recent parts of runs (`edge` ticks before multiples of the step) that hold rows of a plan: when each begins, how many rows are in it, the values of the keys (a
 * row for each combination of them), and the time of the last.
 */
export function countedParts(
  events: PlanNode,
  { step, edge }: { readonly step: bigint; readonly edge: bigint },
  keys: readonly Column[],
): PlanNode {
  const { place } = events
  const literal = (value: bigint): object => ({
    kind: 'literal',
    type: 'timespan',
    value: String(value),
    place,
  })
  const time = { kind: 'column', name: 'TimeGenerated', type: 'datetime', place }
  const before = { kind: 'call', name: '-', args: [time, literal(1n - edge)], type: 'datetime', place }
  const part = { kind: 'call', name: 'bin', args: [before, literal(step)], type: 'datetime', place }
  const aggregate = (name: string, args: readonly object[], type: string): object => ({
    ...{ kind: 'aggregate', name, args, type, place },
  })
  const summary = {
    kind: 'summarize',
    input: events,
    keys: [
      { name: '__part', expression: part },
      ...keys.map((key) => ({ name: key.name, expression: { kind: 'column', ...key, place } })),
    ],
    aggregates: [
      { names: ['__rows'], expression: aggregate('count', [], 'long') },
      { names: ['__last'], expression: aggregate('max', [time], 'datetime') },
    ],
    columns: [
      { name: '__part', type: 'datetime' },
      ...keys,
      { name: '__rows', type: 'long' },
      { name: '__last', type: 'datetime' },
    ],
    place,
  }
  const named = (name: string, type: string): object => ({
    name,
    expression: { kind: 'column', name, type, place },
  })
  const ordered = {
    kind: 'project',
    input: summary,
    items: [
      named('__part', 'datetime'),
      named('__rows', 'long'),
      ...keys.map(({ name, type }) => named(name, type)),
      named('__last', 'datetime'),
    ],
    columns: [
      { name: '__part', type: 'datetime' as const },
      { name: '__rows', type: 'long' as const },
      ...keys,
      { name: '__last', type: 'datetime' as const },
    ],
    place,
  }
  return ordered
}
