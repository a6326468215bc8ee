import type { TreeNode } from '../../../src/kql/parser/tree.ts'
import type { KqlType } from '../../../src/kql/types.ts'
import { type Row, type Table, type Value } from './value.ts'

export type Named =
  | { readonly kind: 'scalar'; readonly value: Value }
  | { readonly kind: 'table'; readonly table: Table }

/** The parts of the interpreter, which call one another through the scope. */
export interface Interpreter {
  readonly evaluate: (node: TreeNode, scope: Scope) => Value
  readonly tableValue: (node: TreeNode, scope: Scope) => Table
  readonly applied: (node: TreeNode, input: Table, scope: Scope) => Table
  readonly blockValue: (body: TreeNode, scope: Scope) => Value
}

/** The value of a scalar expression. */
export function evaluate(node: TreeNode, scope: Scope): Value {
  return scope.interpreter.evaluate(node, scope)
}

/** The rows of a tabular expression. */
export function tableValue(node: TreeNode, scope: Scope): Table {
  return scope.interpreter.tableValue(node, scope)
}

/** The rows that an operator makes of others. */
export function applied(node: TreeNode, input: Table, scope: Scope): Table {
  return scope.interpreter.applied(node, input, scope)
}

/** The value of a function's body. */
export function blockValue(body: TreeNode, scope: Scope): Value {
  return scope.interpreter.blockValue(body, scope)
}

/** What the names in an expression stand for. */
export interface Scope {
  readonly interpreter: Interpreter
  readonly names: ReadonlyMap<string, Named>
  readonly tables: ReadonlyMap<string, Table>
  readonly now: bigint
  readonly row?: Row
  /** The rows around, for functions over serialized rows. */
  readonly input?: Table
  readonly index?: number
  /** The rows that an aggregate is over. */
  readonly group?: readonly Row[]
}

/** A call with its arguments' values and types. */
export interface Call {
  readonly name: string
  readonly nodes: readonly TreeNode[]
  readonly values: readonly Value[]
  readonly types: readonly KqlType[]
  readonly type: KqlType
  readonly scope: Scope
}

export type Meaning = (call: Call) => Value

/** The type, or dynamic where the binder names none. */
export function looseTypeOf(node: TreeNode): KqlType {
  return node.type?.kind === 'scalar' ? node.type.type : 'dynamic'
}
