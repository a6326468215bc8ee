import {
  aggregate,
  and,
  call,
  column,
  integer,
  text,
  when,
  type Select,
  type SqlExpression,
} from '../../sql/node.ts'
import { toText } from '../convert.ts'
import { plugin, type EvaluateNode } from '../plugin.ts'
import { innerScope, naturalOrder, physicalName, type Relation } from '../relation.ts'

interface SchemaMergeNode extends EvaluateNode {
  readonly keepsOrder: boolean
}

const needed = ['ColumnName', 'ColumnOrdinal', 'DataType', 'ColumnType']
const disorder = 'ERROR(columns are out of order)'

const schemas = 'datatable(ColumnName: string, ColumnOrdinal: long, DataType: string, ColumnType: string)'

export const schemaMerge = plugin<SchemaMergeNode>({
  name: 'schema_merge',
  doc: 'Several schemas, as getschema gives them, as one; schemas that contradict one another in other than their order are refused.',
  example: {
    query: `${schemas}["a", 0, "System.String", "string", "a", 0, "System.String", "string", "b", 1, "System.Int64", "long"] | evaluate schema_merge()`,
    rows: [
      ['a', 0, 'System.String', 'string'],
      ['b', 1, 'System.Int64', 'long'],
    ],
  },
  plan: (invocation, planner) => {
    const { node, input, args, named } = invocation
    const names = new Set(input.columns.map(({ name }) => name))
    if (needed.some((name) => !names.has(name)))
      planner.refuse('bad-argument', `schema_merge takes the columns ${needed.join(', ')}`, node)
    const option = named.get('PreserveOrder') ?? args[0]
    const value = option ? planner.scalar(option) : undefined
    if (value && (value.kind !== 'literal' || typeof value.value !== 'boolean')) {
      planner.refuse('not-constant', 'PreserveOrder must be true or false', node)
    }
    return {
      kind: 'evaluate',
      plugin: 'schema_merge',
      input,
      keepsOrder: !(value?.kind === 'literal' && value.value === false),
      columns: planner.columns(node),
      place: planner.place(node),
    }
  },
  emit: (node, emitter): Relation => {
    const base = emitter.bracket(emitter.relation(node.input))
    const scope = innerScope(base)
    const ordinal = call('assumeNotNull', call('toInt64', scope('ColumnOrdinal').sql))
    const types = call('tuple', toText(scope('DataType')), toText(scope('ColumnType')))
    const [least, most] = [aggregate('min', [ordinal]), aggregate('max', [ordinal])]
    const place = node.keepsOrder ? when(call('equals', least, most), most, integer(-1)) : most
    const merged: Select = {
      columns: [
        { name: 'name', expression: scope('ColumnName').sql },
        { name: 'ordinal', expression: call('toInt64', place) },
        { name: 'types', expression: aggregate('groupUniqArray', [types]) },
      ],
      from: base.select.from,
      groupBy: [scope('ColumnName').sql],
    }
    const inner = emitter.alias()
    const at = (name: string): SqlExpression => column(name, inner)
    const twins: Select = {
      columns: [
        ...['name', 'ordinal', 'types'].map((name) => ({ name, expression: at(name) })),
        {
          name: 'twins',
          expression: {
            kind: 'window',
            call: aggregate('count', []),
            window: { partitionBy: [at('ordinal')], orderBy: [] },
          },
        },
      ],
      from: { kind: 'select', select: merged, alias: inner },
    }
    const outer = emitter.alias()
    const of = (name: string): SqlExpression => column(name, outer)
    const isOut = call('equals', of('ordinal'), -1)
    const clash = call(
      'or',
      call('greater', call('length', of('types')), 1),
      and(call('greater', of('twins'), 1), call('not', isOut)),
    )
    const stop = call(
      'throwIf',
      clash,
      'what schema_merge makes of columns of one name or place with other types or names is not known',
    )
    const type = (index: number): SqlExpression =>
      call('tupleElement', call('arrayElement', of('types'), 1), index)
    const values = [
      when(call('equals', stop, 0), of('name'), text('')),
      of('ordinal'),
      when(isOut, text(`ERROR(unknown CSL type:${disorder})`), type(1)),
      when(isOut, text(disorder), type(2)),
    ]
    const rank = emitter.hidden('row')
    return emitter.bracket({
      select: {
        columns: [
          ...node.columns.map(({ name }, index) => ({
            name: physicalName(name),
            expression: values[index] ?? integer(0),
          })),
          { name: rank, expression: call('tuple', isOut, of('ordinal'), of('name')) },
        ],
        from: { kind: 'select', select: twins, alias: outer },
      },
      columns: node.columns.map((item) => ({ ...item, physical: physicalName(item.name) })),
      order: [naturalOrder(rank)],
      sealed: true,
    })
  },
})
