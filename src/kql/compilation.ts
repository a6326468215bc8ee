import type { Sql } from '../sql/template.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { TreeNode } from './parser/tree.ts'
import type { Column, PlanNode } from './plan.ts'

/** One table of an answer: its plan and its SQL. */
export interface CompiledTable {
  /** What the query calls it, with `as`, `fork` or `facet`. */
  readonly name?: string
  readonly plan: PlanNode
  /** Gives every cell as text or null, in the order of `columns`; `cells.ts` reads it. */
  readonly sql: Sql
  readonly columns: readonly Column[]
  /** Whether the rows depend on `now`. */
  readonly readsClock: boolean
  /**
   * Asked for with `evidence`: rows end in two more cells, JSON text `[[evidence id, record, ordinal, table, ticks], …]`
   * (texts) of at most 64 records, the earliest, and the number of all records behind the row. Where an operator
   * cannot tell, it is named instead.
   */
  readonly evidence?:
    | { readonly given: true }
    | { readonly given: false; readonly lostAt: string | undefined }
}

/** What became of a query, or the reasons why nothing did. It is its first table; most have no other. */
export type Compilation =
  | (CompiledTable & {
      readonly ok: true
      /** The tables after the first: asked for with `several`, else a query that has any is refused. */
      readonly others: readonly CompiledTable[]
      /** What the official parser made of the text, where that was asked for. */
      readonly tree?: TreeNode
      readonly diagnostics: readonly Diagnostic[]
    })
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }
