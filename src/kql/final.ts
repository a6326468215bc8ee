import { call, cast, column, lambda, type Select, type SqlExpression } from '../sql/node.ts'
import { datetimeText, timespanText } from './convert.ts'
import type { Emitter } from './emitter.ts'
import type { Column } from './plan.ts'
import { innerScope, orderItems, type Relation } from './relation.ts'
import { physicalTypes, type KqlType } from './types.ts'

/** The outermost SELECT: the rows in their order, every cell as text or NULL, whatever the client's settings. */
export function finalSelect(
  relation: Relation,
  emitter: Emitter,
): { readonly select: Select; readonly columns: readonly Column[] } {
  const base = emitter.bracket(relation)
  const alias = base.select.from.kind === 'select' ? base.select.from.alias : undefined
  const scope = innerScope(base)
  const columns = relation.columns.map(({ name, physical, type }) => ({
    name: physical,
    expression: printed(scope(name).sql, type),
  }))
  if (base.evidence) {
    columns.push(
      { name: base.evidence.sample, expression: evidenceText(column(base.evidence.sample, alias)) },
      { name: base.evidence.count, expression: call('toString', column(base.evidence.count, alias)) },
    )
  }
  const order = orderItems(base, alias)
  const select = { ...base.select, columns, ...(order.length > 0 ? { orderBy: order } : {}) }
  return { select, columns: relation.columns.map(({ name, type }) => ({ name, type })) }
}

function printed(value: SqlExpression, type: KqlType): SqlExpression {
  if (type === 'string' || type === 'dynamic') return value
  if (type === 'datetime') return datetimeText(value)
  if (type === 'bool') return call('toString', cast(value, physicalTypes.bool))
  return type === 'timespan' ? timespanText(value) : call('toString', value)
}

/** `[[evidence id, record, ordinal, table, ticks], …]`, all of them texts, so that no setting of the engine changes them. */
function evidenceText(sample: SqlExpression): SqlExpression {
  const part = (record: SqlExpression, index: number): SqlExpression =>
    call('toString', call('tupleElement', record, index))
  const texts = lambda(['r'], (record) =>
    call('tuple', ...[3, 4, 5, 2, 1].map((index) => part(record, index))),
  )
  return call('toJSONString', call('arrayMap', texts, sample))
}
