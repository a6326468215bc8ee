import type { TreeNode } from '../../../src/kql/parser/tree.ts'
import type { KqlType } from '../../../src/kql/types.ts'
import { Unknown, type Row, type Table, type Value } from './value.ts'

export type Named = { readonly kind: 'scalar'; readonly value: Value } | { readonly kind: 'table'; readonly table: Table }

/** What the names in an expression stand for. */
export interface Scope {
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

export function typeOf(node: TreeNode): KqlType {
  if (node.type?.kind === 'scalar') return node.type.type
  throw new Unknown(`type of ${node.kind}`)
}

/** The type, or dynamic where the binder names none. */
export function looseTypeOf(node: TreeNode): KqlType {
  return node.type?.kind === 'scalar' ? node.type.type : 'dynamic'
}
