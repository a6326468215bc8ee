import { join, sql, type Sql } from '../sql/template.ts'

/** What a statement reads, in the two forms that the engine meets. */
export interface Source {
  /** `evidence`, `record`, `line`. */
  readonly records?: Sql
  /** `evidence`, `line`: whole `{"records":[…]}` documents. */
  readonly documents?: Sql
}

/** All records of a source, one by one: `evidence`, `record`, `line`. */
export function recordsIn({ records, documents }: Source): Sql {
  const parts = records === undefined ? [] : [records]
  if (documents !== undefined) {
    parts.push(sql`SELECT evidence, toUInt64(number) AS record, element AS line FROM (${documents})
      ARRAY JOIN JSONExtractArrayRaw(line, 'records') AS element, arrayEnumerate(JSONExtractArrayRaw(line, 'records')) AS number`)
  }
  return join(parts, sql` UNION ALL `)
}
