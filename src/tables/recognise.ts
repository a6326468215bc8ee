import { holds, holdsByKeys, textAt } from './condition.ts'
import { readForm, readKey } from './form.ts'
import { openTable, openTableName } from './open-table.ts'
import { shapes, tables } from './tables.ts'
import type { Form, JsonObject, Shape, Table } from './types.ts'

export interface RecogniseContext {
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

/** Tells the shape of a parsed record by its content; nothing where no shape fits. */
export function recognise(record: JsonObject, context: RecogniseContext = {}): Recognised | undefined {
  const read = new Map<Form, JsonObject>()
  const asRead = (form: Form): JsonObject => {
    const known = read.get(form) ?? readForm(form, record)
    read.set(form, known)
    return known
  }
  const fitting = candidatesFor(record).filter((shape) => holds(shape.when, asRead(shape.form)))
  const path = context.path?.toLowerCase() ?? ''
  const chosen =
    fitting.find((shape) => shape.pathWord !== undefined && path.includes(shape.pathWord)) ??
    fitting.find((shape) => shape.pathWord === undefined)
  if (chosen !== undefined) return { shape: chosen, why: chosen.doc }
  const exported = asRead('logAnalytics')
  const name = textAt(exported, ['Type']) || textAt(exported, ['$table'])
  if ((exported['TimeGenerated'] ?? null) === null) return undefined
  if (!openTableName.test(name) || ourNames.has(name.toLowerCase())) return undefined
  const shape = openTable(name).shapes[0]
  return shape === undefined ? undefined : { shape, why: `rows name their table: ${name}` }
}

const forms: readonly Form[] = ['exact', 'envelope', 'logAnalytics']
const maxCandidateLists = 1000
const maxKindLength = 4000
const candidateLists = new Map<string, readonly Shape[]>()

/** The shapes that a record with such keys may have: files hold many records of few kinds. */
function candidatesFor(record: JsonObject): readonly Shape[] {
  const keys = Object.keys(record)
  const kind = JSON.stringify(keys)
  const known = candidateLists.get(kind)
  if (known !== undefined) return known
  const names = new Map(forms.map((form) => [form, new Set(keys.map((key) => readKey(form, key)))]))
  const candidates = shapes.filter(
    ({ when, form }) => holdsByKeys(when, names.get(form) ?? new Set()) !== false,
  )
  if (kind.length > maxKindLength) return candidates
  if (candidateLists.size >= maxCandidateLists) candidateLists.clear()
  candidateLists.set(kind, candidates)
  return candidates
}

/** The table that a shape belongs to. */
export function tableOf(shape: Pick<Shape, 'table'>): Table {
  return tablesByName.get(shape.table) ?? openTable(shape.table)
}
