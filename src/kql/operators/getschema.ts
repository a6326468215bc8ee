import { operator, required } from '../operator.ts'
import type { LiteralExpression, PlanNode } from '../plan.ts'
import type { KqlType } from '../types.ts'
import { literalTable } from './datatable.ts'

const dataTypes: Readonly<Record<KqlType, string>> = {
  bool: 'System.SByte',
  int: 'System.Int32',
  long: 'System.Int64',
  real: 'System.Double',
  decimal: 'System.Data.SqlTypes.SqlDecimal',
  string: 'System.String',
  datetime: 'System.DateTime',
  timespan: 'System.TimeSpan',
  guid: 'System.Guid',
  dynamic: 'System.Object',
}

export const getschema = operator<PlanNode>({
  kind: 'getschema',
  syntax: ['GetSchemaOperator'],
  doc: 'The columns and their types, a row each.',
  example: { query: 'print a = 1 | getschema', rows: [['a', 0, 'System.Int64', 'long']] },
  plan: (node, input, planner) => {
    const place = planner.place(node)
    if (required(input).kind === 'make-graph') planner.refuse('bad-argument', 'a graph is no table', node)
    const literal = (type: KqlType, value: string): LiteralExpression => ({
      kind: 'literal',
      type,
      value,
      place,
    })
    const values = required(input).columns.flatMap(({ name, type }, index) => [
      literal('string', name),
      literal('long', String(index)),
      literal('string', dataTypes[type]),
      literal('string', type),
    ])
    return literalTable(planner.columns(node), values, place)
  },
  emit: () => {
    throw new Error('getschema is planned as a datatable')
  },
})
