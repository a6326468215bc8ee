import { assertNever } from '../error.ts'
import { join, sql, type Sql } from '../sql/template.ts'
import { compileCondition } from './compile.ts'
import { recordsWithoutPoints, type Spelling } from './documents.ts'
import { Extraction } from './extraction.ts'
import { insertFlows, rejectFlows, unitsIn } from './flow-records.ts'
import { documentOf } from './form.ts'
import { insertRecords, rejectRecords, type InsertContext } from './insert.ts'
import { openTableName } from './open-table.ts'
import { tableOf } from './recognise.ts'
import { recordsIn, type Source } from './source.ts'
import { shapes as declaredShapes, tables } from './tables.ts'
import type { Form, Shape } from './types.ts'

/**
 * Lands one shape: `INSERT INTO logs.… SELECT …` from a source, or from a relation of `evidence`, `record`, `line`. Takes the shape's
 * well-formed records (or their tuples) and passes over all others, so a mixed file is landed shape by shape. Of a shape that
 * `hasAllKeys` the plain records and the respelled ones can be landed apart, which is faster where all are plain.
 */
export function insertSelect(
  shape: Shape,
  from: Sql | Source,
  context: InsertContext,
  spelling?: Spelling,
): Sql {
  const source: Source = 'kind' in from ? { records: from } : from
  switch (shape.unit) {
    case 'record':
    case 'point':
      return insertRecords(tableOf(shape), shape, recordsIn(source), context, spelling)
    case 'tuple':
      return insertFlows(shape, source, context)
    default:
      return assertNever(shape.unit)
  }
}

/**
 * What `insertSelect` of the same shapes leaves: `evidence`, `record`, `ordinal`, `shape`, `reason`, `text`, and as `records`
 * how many units that is: a flow record counts as many as it has tuples. Together
 * they account for every record (or tuple) of the source. A record of a shape that is not among the given ones has
 * reason `other-shape` and that shape's id; one of no shape `unknown-shape`; text that is no JSON object `not-json`.
 */
export function rejectSelect(shapes: readonly Shape[], source: Sql, context: InsertContext): Sql {
  const parts = shapes.map((shape) => {
    const rejected = rejectOf(shape, source, context)
    return sql`SELECT evidence, record, ordinal, ${shape.id} AS shape, reason, text, records FROM (${rejected})`
  })
  const given = shapes.flatMap((shape) => [shape.id, ...twins(shape)])
  const others = sql`SELECT evidence, record, toUInt32(0) AS ordinal, shape,
      multiIf(shape != '', 'other-shape', JSONType(line) = 'Object', 'unknown-shape', 'not-json') AS reason, line AS text,
      greatest(${unitsIn(sql`line`)}, reason = 'not-json') AS records
    FROM (${shapesOf(source)}) WHERE shape NOT IN (${given.length === 0 ? ['-'] : given})`
  return join([...parts, others], sql` UNION ALL `)
}

/** `evidence`, `record`, `line` and `shape` (its id, or `''`) of every record: how the engine splits a mixed file. */
export function shapesOf(source: Sql): Sql {
  const documents: Sql[] = []
  const extractions: Sql[] = []
  const choices: Sql[] = []
  for (const [form, shapes] of Map.groupBy(declaredShapes, (shape) => shape.form)) {
    const document = documentNames[form]
    documents.push(sql`${documentOf(form, sql`line`)} AS ${document}`)
    const extraction = new Extraction(document, form)
    for (const shape of shapes) compileCondition(shape.when, extraction.recordStrictly)
    if (form === 'logAnalytics') openName(extraction.record)
    for (const shape of shapes.filter((each) => each.pathWord === undefined)) {
      choices.push(compileCondition(shape.when, extraction.readStrictly), sql`${shape.id}`)
    }
    if (form === 'logAnalytics') {
      const name = openName(extraction.readStrictly)
      const ours = tables.flatMap((table) => [table.name.toLowerCase(), table.storedAs.toLowerCase()])
      choices.push(
        sql`isNotNull(${extraction.readStrictly(['TimeGenerated'], 'key')}) AND match(${name}, ${openTableName.source}) AND lower(${name}) NOT IN (${ours})`,
        sql`concat(${name}, '/logAnalytics')`,
      )
    }
    extractions.push(extraction.columns())
  }
  return sql`SELECT evidence, record, line, multiIf(${choices}, '') AS shape FROM (
    SELECT evidence, record, line, ${Object.values(documentNames)}, ${join(extractions)} FROM (SELECT evidence, record, line, ${join(documents)} FROM (${source})))`
}

function rejectOf(shape: Shape, source: Sql, context: InsertContext): Sql {
  switch (shape.unit) {
    case 'record':
      return rejectRecords(tableOf(shape), shape, source, context)
    case 'tuple':
      return rejectFlows(shape, source)
    case 'point':
      return sql`${rejectRecords(tableOf(shape), shape, source, context)} UNION ALL
        SELECT evidence, record, toUInt32(0), 'no-points', line, 1 FROM (${recordsWithoutPoints(shape, source)})`
    default:
      return assertNever(shape.unit)
  }
}

/** Shapes of other tables with the same condition, between which only the path of a file decides. */
export function twins(shape: Shape): string[] {
  if (shape.pathWord === undefined) return []
  const condition = JSON.stringify(shape.when)
  return declaredShapes.filter((other) => JSON.stringify(other.when) === condition).map((other) => other.id)
}

function openName(read: Extraction['read']): Sql {
  const type = read(['Type'], 'text')
  return sql`if(notEmpty(${type}), ${type}, ${read(['$table'], 'text')})`
}

const documentNames: Readonly<Record<Form, Sql>> = {
  exact: sql`exactDocument`,
  envelope: sql`envelopeDocument`,
  logAnalytics: sql`exportDocument`,
}
