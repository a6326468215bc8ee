import type { AggregateFunction } from './aggregate.ts'
import { basicAggregates } from './aggregates/basic.ts'
import { collectingAggregates } from './aggregates/collecting.ts'
import { statisticalAggregates } from './aggregates/statistical.ts'

/** All aggregate functions, by family. */
export const aggregateFunctions: readonly AggregateFunction[] = [
  ...basicAggregates,
  ...collectingAggregates,
  ...statisticalAggregates,
]

const byName = new Map(aggregateFunctions.map((definition) => [definition.name, definition]))

export function aggregateFunction(name: string): AggregateFunction | undefined {
  return byName.get(name)
}
