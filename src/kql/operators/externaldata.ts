import { call, column } from '../../sql/node.ts'
import { convert } from '../convert.ts'
import { parseRecords, type RecordFormat } from '../external.ts'
import { typedArray } from '../emitter.ts'
import { operand } from '../operand.ts'
import { operator } from '../operator.ts'
import { child, childItems, nameOf, type TreeNode } from '../parser/tree.ts'
import type { PlanNode } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { naturalOrder, physicalName } from '../relation.ts'

interface ExternalDataNode extends PlanNode {
  readonly kind: 'externaldata'
  /** Texts in rows, one cell a column. */
  readonly rows: readonly (readonly string[])[]
}

export const externaldata = operator<ExternalDataNode>({
  kind: 'externaldata',
  syntax: ['ExternalDataExpression'],
  doc: 'Rows of files that the caller provides in place of their addresses; nothing is fetched.',
  example: { query: 'externaldata(a: long)["https://example.test/a.csv"]', rows: [[1], [2]] },
  plan: (node, _input, planner): ExternalDataNode => {
    const columns = planner.columns(node)
    const options = properties(node, planner)
    const rows = childItems(node, 'URIs').flatMap((item) => {
      const address = planner.constantText(item)
      const content = planner.external(address, item)
      const format = formatOf(options.get('format'), address)
      if (!format)
        return planner.refuse('unsupported-argument', `externaldata in this format is not supported`, node)
      const records = parseRecords(
        content,
        format,
        columns.map(({ name }) => name),
      )
      if (typeof records === 'string') return planner.refuse('bad-argument', `${address}: ${records}`, item)
      return options.get('ignorefirstrecord') === 'true' && format !== 'json' ? records.slice(1) : records
    })
    return { kind: 'externaldata', rows, columns, place: planner.place(node) }
  },
  emit: (node, emitter) => {
    const names = node.columns.map((_column, index) => emitter.hidden(`cell${index}_`))
    const row = emitter.hidden('row')
    const arrays = node.columns.map((_column, index) =>
      typedArray(
        node.rows.map((cells) => ({ kind: 'string', value: cells[index] ?? '' })),
        'string',
      ),
    )
    const [first] = arrays
    if (!first) throw new Error('externaldata has a column')
    const values = node.columns.map(({ name, type }, index) => ({
      name: physicalName(name),
      expression:
        type === 'dynamic'
          ? emitter.call('parse_json', [operand(column(names[index] ?? ''), 'string')], 'dynamic', node.place)
              .sql
          : convert(operand(column(names[index] ?? ''), 'string'), type),
    }))
    return emitter.bracket({
      select: {
        columns: [...values, { name: row, expression: column(row) }],
        from: { kind: 'one' },
        arrayJoin: [
          ...arrays.map((expression, index) => ({ name: names[index] ?? '', expression })),
          { name: row, expression: call('arrayEnumerate', first) },
        ],
      },
      columns: node.columns.map((item) => ({ ...item, physical: physicalName(item.name) })),
      order: [naturalOrder(row)],
      sealed: true,
    })
  },
})

function properties(node: TreeNode, planner: Planner): ReadonlyMap<string, string> {
  const clause = node.children['WithClause']
  const list = clause ? childItems(clause, 'Properties') : []
  return new Map(
    list.map((item) => {
      const value = planner.scalar(child(item, 'Expression'))
      if (value.kind !== 'literal') return planner.refuse('not-constant', 'a literal is needed here', item)
      return [nameOf(child(item, 'Name')).toLowerCase(), String(value.value).toLowerCase()]
    }),
  )
}

const formats: Readonly<Record<string, RecordFormat>> = {
  csv: 'csv',
  tsv: 'tsv',
  psv: 'psv',
  scsv: 'scsv',
  ssv: 'scsv',
  txt: 'txt',
  raw: 'raw',
  json: 'json',
  multijson: 'json',
}

/** The named format, or the one that the address ends in. */
function formatOf(name: string | undefined, address: string): RecordFormat | undefined {
  if (name !== undefined) return formats[name]
  const extension = /\.(\w+)(?:[?;].*)?$/.exec(address)?.[1]?.toLowerCase()
  return formats[extension ?? 'csv'] ?? 'csv'
}
