import { aggregate, array, call, column, tupleOf, type SelectColumn } from '../../sql/node.ts'
import { toText } from '../convert.ts'
import { plugin, type EvaluateNode } from '../plugin.ts'
import { innerScope, naturalOrder, orderItems, partitionColumns, partitionOf } from '../relation.ts'

export const narrow = plugin<EvaluateNode>({
  name: 'narrow',
  doc: 'A row for each cell: the number of its row, its column and its value as text.',
  approximate: 'values are printed as tostring prints them, null as an empty text',
  example: {
    query: 'datatable(a: long, b: bool)[1, true, long(null), false] | evaluate narrow()',
    rows: [
      [0, 'a', '1'],
      [0, 'b', 'True'],
      [1, 'a', ''],
      [1, 'b', 'False'],
    ],
  },
  plan: ({ input, node, args }, planner) => {
    if (args.length > 0) planner.refuse('bad-argument', 'narrow takes no arguments', node)
    return {
      kind: 'evaluate',
      plugin: 'narrow',
      input,
      columns: planner.columns(node),
      place: planner.place(node),
    }
  },
  emit: (node, emitter) => {
    const base = emitter.bracket(emitter.relation(node.input))
    const scope = innerScope(base)
    const alias = base.select.from.kind === 'select' ? base.select.from.alias : undefined
    const [row, all] = [emitter.hidden('row'), emitter.hidden('cells')]
    const [each, order] = [emitter.hidden('cell'), emitter.hidden('order')]
    const number: SelectColumn = {
      name: row,
      expression: {
        kind: 'window',
        call: aggregate('row_number', []),
        window: { partitionBy: [], orderBy: orderItems(base, alias) },
      },
    }
    const cells = base.columns.map(({ name }, index) => {
      const value = scope(name)
      return tupleOf([call('toInt64', index), call('toString', name), call('ifNull', toText(value), '')])
    })
    const numbered = emitter.bracket({
      ...base,
      select: {
        ...base.select,
        columns: [...base.select.columns, number, { name: all, expression: array(cells) }],
      },
    })
    const inner = numbered.select.from.kind === 'select' ? numbered.select.from.alias : undefined
    const cell = (part: number) => call('tupleElement', column(each), part)
    const values = [call('toInt64', call('minus', column(row, inner), 1)), cell(2), cell(3)]
    return {
      select: {
        columns: [
          ...node.columns.map(({ name }, index) => ({ name, expression: values[index] ?? cell(1) })),
          { name: order, expression: cell(1) },
          ...partitionColumns(numbered),
        ],
        from: numbered.select.from,
        arrayJoin: [{ name: each, expression: column(all, inner) }],
      },
      columns: node.columns.map((item) => ({ ...item, physical: item.name, nullable: false })),
      order: [naturalOrder('Row'), naturalOrder(order)],
      sealed: true,
      ...partitionOf(numbered),
    }
  },
})
