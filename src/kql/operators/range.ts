import { call, column, integer, nothing, when, type SqlExpression } from '../../sql/node.ts'
import { convert } from '../convert.ts'
import { operator } from '../operator.ts'
import { child } from '../parser/tree.ts'
import type { Expression, PlanNode } from '../plan.ts'
import { naturalOrder, physicalName } from '../relation.ts'
import { datetimeToTicks, ticksToDatetime, type KqlType } from '../types.ts'

interface RangeNode extends PlanNode {
  readonly kind: 'range'
  readonly from: Expression
  readonly to: Expression
  readonly step: Expression
}

/** More rows than this are a mistake. */
const limit = 10_000_000

export const range = operator<RangeNode>({
  kind: 'range',
  syntax: ['RangeOperator'],
  doc: 'Values from one to another by a step.',
  example: { query: 'range a from 1 to 5 step 2', rows: [[1], [3], [5]] },
  plan: (node, _input, planner): RangeNode => ({
    kind: 'range',
    from: planner.scalar(child(node, 'From')),
    to: planner.scalar(child(node, 'To')),
    step: planner.scalar(child(node, 'Step')),
    columns: planner.columns(node),
    place: planner.place(node),
  }),
  emit: (node, emitter) => {
    const result = node.columns[0]
    if (!result) throw new Error('a range has one column')
    const { type } = result
    const [from, to, step] = [node.from, node.to, node.step].map((expression) => {
      const value = emitter.expression(expression, noColumns)
      if (value.type === 'datetime') return datetimeToTicks(value.sql)
      return type === 'datetime' || type === 'timespan' ? value.sql : convert(value, type)
    })
    if (!from || !to || !step) throw new Error('a range has three bounds')
    const name = physicalName(result.name)
    const row = emitter.hidden('row')
    const steps = call('range', rowCount(from, to, step, type))
    const value = call('plus', from, call('multiply', call('toInt64', column(row)), step))
    const typed =
      type === 'datetime' ? ticksToDatetime(value) : type === 'int' ? call('toInt32', value) : value
    return emitter.bracket({
      select: {
        columns: [
          { name, expression: typed },
          { name: row, expression: column(row) },
        ],
        from: { kind: 'one' },
        arrayJoin: [{ name: row, expression: steps }],
      },
      columns: [{ ...result, physical: name }],
      order: [naturalOrder(row)],
      sealed: true,
    })
  },
})

function rowCount(from: SqlExpression, to: SqlExpression, step: SqlExpression, type: KqlType): SqlExpression {
  const span = call('minus', to, from)
  const quotient =
    type === 'real' ? call('floor', call('divide', span, step)) : call('intDivOrNull', span, step)
  const forward = call('greaterOrEquals', call('multiply', call('sign', span), call('sign', step)), 0)
  const count = call(
    'ifNull',
    when(call('and', forward, call('notEquals', step, 0)), call('plus', quotient, 1), nothing),
    0,
  )
  return call('toUInt64', call('least', count, integer(limit)))
}

function noColumns(name: string): never {
  throw new Error(`a range has no column ${name}`)
}
