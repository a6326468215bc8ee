import { identifier, sql, type Sql } from '../sql/template.ts'

/**
 * `expression` with `name` bound to `value`, which so stands in the statement once. The engine names what it computes by
 * the whole of its text, and carries these names with every block.
 */
export function bound(name: string, value: Sql, expression: Sql): Sql {
  return sql`arrayMap(${identifier(name)} -> ${expression}, [${value}])[1]`
}
