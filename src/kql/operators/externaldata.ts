import {
  array,
  boolean,
  call,
  cast,
  column,
  integer,
  type Select,
  type SelectColumn,
} from '../../sql/node.ts'
import { convert } from '../convert.ts'
import type { RecordFormat, StoredRows } from '../external.ts'
import { operand } from '../operand.ts'
import { operator } from '../operator.ts'
import { child, childItems, nameOf, type TreeNode } from '../parser/tree.ts'
import type { PlanNode } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { naturalOrder, physicalName } from '../relation.ts'

interface ExternalDataNode extends PlanNode {
  readonly kind: 'externaldata'
  /** The tables that hold the files' rows. */
  readonly sources: readonly StoredRows[]
}

/** More rows than any file has: rows of one file stand before those of the next. */
const mostRows = 2n ** 40n

export const externaldata = operator<ExternalDataNode>({
  kind: 'externaldata',
  syntax: ['ExternalDataExpression'],
  doc: 'Rows of files that stand in a folder under their addresses (`--external`); nothing is fetched.',
  example: { query: 'externaldata(a: long)["https://example.test/a.csv"]', rows: [[1], [2]] },
  plan: (node, _input, planner): ExternalDataNode => {
    const columns = planner.columns(node)
    const options = properties(node, planner)
    const names = columns.map(({ name }) => name)
    const sources = childItems(node, 'URIs').flatMap((item) => {
      const address = planner.constantText(item)
      const format = formatOf(options.get('format'), address)
      if (!format)
        return planner.refuse('unsupported-argument', 'externaldata in this format is not supported', node)
      const skipsFirst = options.get('ignorefirstrecord') === 'true' && format !== 'json'
      return planner.external({ address, format, names, skipsFirst }, item) ?? []
    })
    return { kind: 'externaldata', sources, columns, place: planner.place(node) }
  },
  emit: (node, emitter) => {
    const [cells, row] = [emitter.hidden('cells'), emitter.hidden('row')]
    const members = node.sources.map(({ database, source }, index): Select => {
      const alias = emitter.alias()
      const place = call('toInt64', call('plus', column('row', alias), BigInt(index) * mostRows))
      return {
        columns: [
          { name: cells, expression: column('cells', alias) },
          { name: row, expression: place },
        ],
        from: { kind: 'table', database, name: source, alias },
      }
    })
    const [first = emptySelect(cells, row)] = members
    const select = members.length > 1 ? { ...first, unionAll: members } : first
    const alias = emitter.alias()
    const values = node.columns.map(({ name, type }, index): SelectColumn => {
      const cell = operand(call('arrayElement', column(cells, alias), index + 1), 'string')
      const expression =
        type === 'dynamic'
          ? emitter.call('parse_json', [cell], 'dynamic', node.place).sql
          : convert(cell, type)
      return { name: physicalName(name), expression }
    })
    return emitter.bracket({
      select: {
        columns: [...values, { name: row, expression: column(row, alias) }],
        from: { kind: 'select', select, alias },
      },
      columns: node.columns.map((item) => ({ ...item, physical: physicalName(item.name) })),
      order: [naturalOrder(row)],
      sealed: true,
    })
  },
})

function emptySelect(cells: string, row: string): Select {
  return {
    columns: [
      { name: cells, expression: cast(array([]), 'Array(String)') },
      { name: row, expression: call('toInt64', integer(0)) },
    ],
    from: { kind: 'one' },
    where: boolean(false),
  }
}

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
  const extension = /\.(\w+?)(?:\.gz)?(?:[?;].*)?$/i.exec(address)?.[1]?.toLowerCase()
  return formats[extension ?? 'csv'] ?? 'csv'
}
