import type { AggregateFunction } from './aggregate.ts'
import { basicAggregates } from './aggregates/basic.ts'
import { bitwiseAggregates } from './aggregates/bitwise.ts'
import { collectingAggregates } from './aggregates/collecting.ts'
import { covarianceAggregates } from './aggregates/covariance.ts'
import { listWithNullsAggregates } from './aggregates/list-with-nulls.ts'
import { percentileAggregates } from './aggregates/percentiles.ts'
import { sketchAggregates } from './aggregates/sketches.ts'
import { statisticalAggregates } from './aggregates/statistical.ts'

/** All aggregate functions, by family. */
export const aggregateFunctions: readonly AggregateFunction[] = [
  ...basicAggregates,
  ...bitwiseAggregates,
  ...collectingAggregates,
  ...covarianceAggregates,
  ...listWithNullsAggregates,
  ...percentileAggregates,
  ...sketchAggregates,
  ...statisticalAggregates,
]

const byName = new Map(aggregateFunctions.map((definition) => [definition.name, definition]))

export function aggregateFunction(name: string): AggregateFunction | undefined {
  return byName.get(name)
}
