import { call, column } from '../../sql/node.ts'
import { literalOperand, typedArray } from '../emitter.ts'
import { operator } from '../operator.ts'
import { childItems } from '../parser/tree.ts'
import type { Place } from '../diagnostic.ts'
import type { Column, LiteralExpression, PlanNode } from '../plan.ts'
import { naturalOrder, physicalName } from '../relation.ts'
import { convert } from '../convert.ts'
import type { Operand } from '../operand.ts'
import type { KqlType } from '../types.ts'

interface DatatableNode extends PlanNode {
  readonly kind: 'datatable'
  /** Values in rows, one after the other. */
  readonly values: readonly LiteralExpression[]
}

/** A table of literals, for operators whose rows are known when the query is read. */
export function literalTable(
  columns: readonly Column[],
  values: readonly LiteralExpression[],
  place: Place,
): DatatableNode {
  return { kind: 'datatable', values, columns, place }
}

export const datatable = operator<DatatableNode>({
  kind: 'datatable',
  syntax: ['DataTableExpression'],
  doc: 'A table of literal values.',
  example: {
    query: 'datatable(a: long, b: string)[1, "x", 2, ""]',
    rows: [
      [1, 'x'],
      [2, ''],
    ],
  },
  plan: (node, _input, planner): DatatableNode => {
    const columns = planner.columns(node)
    const values = childItems(node, 'Values').map((item) => {
      const value = planner.scalar(item)
      return value.kind === 'literal'
        ? value
        : planner.refuse('not-constant', 'a datatable holds literals only', item)
    })
    if (columns.length === 0 || values.length % columns.length !== 0) {
      planner.refuse('bad-argument', 'the number of values does not fit the number of columns', node)
    }
    return { kind: 'datatable', values, columns, place: planner.place(node) }
  },
  emit: (node, emitter) => {
    const names = node.columns.map(({ name }) => physicalName(name))
    const width = node.columns.length
    const arrays = node.columns.map(({ type }, index) =>
      typedArray(
        node.values
          .filter((_value, position) => position % width === index)
          .map((value) => cell(literalOperand(value), type)),
        type,
      ),
    )
    const row = emitter.hidden('row')
    const [first] = arrays
    if (!first) throw new Error('a datatable has a column')
    const inner = {
      columns: [...names, row].map((name) => ({ name, expression: column(name) })),
      from: { kind: 'one' },
      arrayJoin: [
        ...names.map((name, index) => ({ name, expression: arrays[index] ?? first })),
        { name: row, expression: call('arrayEnumerate', first) },
      ],
    } as const
    return emitter.bracket({
      select: inner,
      columns: node.columns.map(({ name, type }, index) => ({ name, type, physical: names[index] ?? name })),
      order: [naturalOrder(row)],
      sealed: true,
    })
  },
})

/** A value of another type than its column's is converted, as the engine does. */
function cell(value: Operand, type: KqlType): Operand['sql'] {
  return value.literal?.value === null && type !== 'string' && type !== 'dynamic'
    ? { kind: 'null' }
    : convert(value, type)
}
