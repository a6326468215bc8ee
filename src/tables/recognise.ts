import { holds, textAt } from './condition.ts'
import { readForm } from './form.ts'
import { openTable, openTableName } from './open-table.ts'
import { shapes, tables } from './tables.ts'
import type { JsonObject, Shape, Table } from './types.ts'

export interface RecogniseContext {
  /** Shapes that the record is likely to have, such as those of the records around it: they are tried first. */
  readonly likely?: Iterable<Shape>
  /** The path of the file, which only decides between tables whose exports look alike. */
  readonly path?: string
}

export interface Recognised {
  readonly shape: Shape
  /** In words: for `--explain`. */
  readonly why: string
}

const tablesByName: ReadonlyMap<string, Table> = new Map(tables.map((table) => [table.name, table]))
const ourNames: ReadonlySet<string> = new Set(
  tables.flatMap((table) => [table.name.toLowerCase(), table.storedAs.toLowerCase()]),
)

/** Declared shapes that a record's content tells alone: no path decides, and no two of them fit one record. */
const lone: ReadonlySet<Shape> = new Set(
  [...Map.groupBy(shapes, (shape) => JSON.stringify([shape.form, shape.when])).values()]
    .filter((alike) => alike.length === 1)
    .flat(),
)

/** Tells the shape of a parsed record by its content; nothing where no shape fits. */
export function recognise(record: JsonObject, context: RecogniseContext = {}): Recognised | undefined {
  for (const shape of context.likely ?? []) {
    if (lone.has(shape) && holds(shape.when, readForm(shape.form, record))) return { shape, why: shape.doc }
  }
  const read = new Map(
    (['exact', 'envelope', 'logAnalytics'] as const).map((form) => [form, readForm(form, record)]),
  )
  const fitting = shapes.filter((shape) => holds(shape.when, read.get(shape.form) ?? record))
  const path = context.path?.toLowerCase() ?? ''
  const chosen =
    fitting.find((shape) => shape.pathWord !== undefined && path.includes(shape.pathWord)) ??
    fitting.find((shape) => shape.pathWord === undefined)
  if (chosen !== undefined) return { shape: chosen, why: chosen.doc }
  const exported = read.get('logAnalytics') ?? record
  const name = textAt(exported, ['Type']) || textAt(exported, ['$table'])
  if ((exported['TimeGenerated'] ?? null) === null) return undefined
  if (!openTableName.test(name) || ourNames.has(name.toLowerCase())) return undefined
  const shape = openTable(name).shapes[0]
  return shape === undefined ? undefined : { shape, why: `rows name their table: ${name}` }
}

/** The table that a shape belongs to. */
export function tableOf(shape: Pick<Shape, 'table'>): Table {
  return tablesByName.get(shape.table) ?? openTable(shape.table)
}
