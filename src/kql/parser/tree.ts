import type { KqlType } from '../types.ts'

/**
 * The bound tree as plain data: what the official parser read, with the types and symbols that its binder found.
 * Nodes keep the parser's names for kinds (`FilterOperator`) and for children (`Condition`).
 */
export interface TreeNode {
  readonly id: number
  readonly kind: string
  readonly start: number
  readonly end: number
  /** Tokens only: the text, and what it stands for (a string literal's content, a name without its brackets). */
  readonly text?: string
  readonly value?: string
  readonly type?: BoundType
  readonly symbol?: { readonly kind: SymbolKind; readonly name: string }
  readonly children: Readonly<Record<string, TreeNode>>
  /** Lists only; separators are left out. */
  readonly items?: readonly TreeNode[]
  /** Calls of functions written in KQL: the body as bound for this call, and the declared parameters. */
  readonly body?: TreeNode
  readonly parameters?: readonly TreeParameter[]
  /** The name that a column made of this expression would have. */
  readonly resultName?: string
}

export interface TreeParameter {
  readonly name: string
  readonly type: KqlType | undefined
  readonly fallback: TreeNode | undefined
}

export type BoundType =
  | { readonly kind: 'scalar'; readonly type: KqlType }
  | { readonly kind: 'table'; readonly columns: readonly BoundColumn[]; readonly open: boolean }
  | { readonly kind: 'other'; readonly name: string }

export interface BoundColumn {
  readonly name: string
  readonly type: KqlType | undefined
  /** Id of the node whose value the column holds, where the binder says so. */
  readonly source: number | undefined
}

export type SymbolKind = 'variable' | 'function' | 'parameter' | 'column' | 'table' | 'operator' | 'other'

/** The named child; its absence is a bug of ours, not of the query. */
export function child(node: TreeNode, name: string): TreeNode {
  const found = node.children[name]
  if (!found) throw new Error(`${node.kind} has no ${name}, only ${Object.keys(node.children).join(', ')}`)
  return found
}

/** The items of a named list, none where it is absent. */
export function childItems(node: TreeNode, name: string): readonly TreeNode[] {
  return node.children[name]?.items ?? []
}

/** The columns of a tabular expression. */
export function tableColumns(node: TreeNode): readonly BoundColumn[] {
  if (node.type?.kind !== 'table') throw new Error(`${node.kind} is not tabular`)
  return node.type.columns
}

export function isTabular(node: TreeNode): boolean {
  return node.type?.kind === 'table'
}

/** The name that a name node (reference, declaration, bracketed, wildcarded) stands for. */
export function nameOf(node: TreeNode): string {
  if (node.symbol && node.kind === 'NameReference' && node.symbol.kind !== 'other') return node.symbol.name
  return tokenValue(node)
}

function tokenValue(node: TreeNode): string {
  if (node.value !== undefined) return node.value
  const inner =
    node.children['Name'] ?? node.children['Expression'] ?? node.children['Token'] ?? node.children['Pattern']
  if (!inner) throw new Error(`${node.kind} names nothing`)
  return tokenValue(inner)
}
