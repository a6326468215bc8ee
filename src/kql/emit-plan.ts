import { printSelect } from '../sql/print.ts'
import { pruneColumns } from '../sql/prune.ts'
import type { SqlExpression } from '../sql/node.ts'
import type { Sql } from '../sql/template.ts'
import { Emitter } from './emitter.ts'
import { finalSelect } from './final.ts'
import type { GeoIp } from './function.ts'
import type { Operators } from './operator.ts'
import { operatorTable } from './operators.ts'
import { runs } from './operators/runs.ts'
import type { PlanNode } from './plan.ts'
import type { Schema } from './schema.ts'

export interface EmitOptions {
  readonly now: bigint | 'parameter'
  readonly conditions: ReadonlyMap<string, SqlExpression>
  readonly evidence: boolean
  readonly geoip?: GeoIp
}

const operators: Operators = {
  byKind: (kind) => (kind === runs.kind ? runs : operatorTable.byKind(kind)),
  forSyntax: (syntax) => operatorTable.forSyntax(syntax),
  splitterFor: (syntax) => operatorTable.splitterFor(syntax),
}

/** The SQL of a plan. Throws a `Refusal` for what cannot be done exactly. */
export function emitPlan(plan: PlanNode, schema: Schema, options: EmitOptions): Sql {
  const emitter = new Emitter({ operators, schema, ingestionTime: 'event', ...options })
  return printSelect(pruneColumns(finalSelect(emitter.relation(plan), emitter).select))
}
