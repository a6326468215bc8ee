import type { Emitter } from './emitter.ts'
import type { TreeNode } from './parser/tree.ts'
import type { Expression, PlanNode } from './plan.ts'
import type { Planner } from './planner.ts'
import type { Relation } from './relation.ts'

/** One tabular operator: how it is read from the bound tree, and what SQL it becomes. */
export interface Operator<Node extends PlanNode = PlanNode> {
  /** The plan node's kind, and the operator's name in KQL. */
  readonly kind: Node['kind']
  /** The parser's node kinds that it reads. */
  readonly syntax: readonly string[]
  readonly doc: string
  readonly example: Example
  readonly plan: (node: TreeNode, input: PlanNode | undefined, planner: Planner) => PlanNode
  readonly emit: (node: Node, emitter: Emitter) => Relation
}

/** One table of an answer; `as` and `fork` name it. A value stands for one row with one column. */
export interface Result {
  readonly name?: string
  readonly plan: PlanNode | Expression
}

/** An operator that gives several tables: nothing comes after it, and it stands in no other query. */
export interface Splitter {
  /** Its name in KQL. */
  readonly name: string
  /** The parser's node kind that it reads. */
  readonly syntax: string
  readonly doc: string
  readonly example: {
    readonly query: string
    readonly tables: readonly { readonly name?: string; readonly rows: Example['rows'] }[]
  }
  /** Nothing where this use of the operator gives one table only. */
  readonly split: (node: TreeNode, input: PlanNode, planner: Planner) => readonly Result[] | undefined
}

/** The operators that there are, for the planner and the emitter, which know none by name. */
export interface Operators {
  byKind(kind: string): Operator
  forSyntax(syntax: string): Operator | undefined
  splitterFor(syntax: string): Splitter | undefined
}

/** KQL that is run as a test, and the rows that Kusto answers. */
export interface Example {
  readonly query: string
  readonly rows: readonly (readonly unknown[])[]
}

/** An operator as the registry holds it: dispatch by kind makes sure that it meets its own nodes only. */
export function operator<Node extends PlanNode>(definition: Operator<Node>): Operator {
  const { emit } = definition
  return { ...definition, emit: (node, emitter) => emit(node as Node, emitter) }
}

/** The input of an operator that needs one; the parser guarantees it. */
export function required(input: PlanNode | undefined): PlanNode {
  if (!input) throw new Error('the operator has no input')
  return input
}
