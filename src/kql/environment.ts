import type { TreeNode } from './parser/tree.ts'
import type { Expression, PlanNode } from './plan.ts'

/** What a `let` name or a parameter stands for. Everything is put in where it is used. */
export type Definition =
  | { readonly kind: 'scalar'; readonly expression: Expression }
  | { readonly kind: 'table'; readonly plan: PlanNode }
  | { readonly kind: 'step' }
  | { readonly kind: 'pattern'; readonly declaration: TreeNode }
  | { readonly kind: 'function'; readonly declaration: TreeNode; readonly environment: Environment }

/** Names in scope, innermost first. */
export class Environment {
  readonly #parent: Environment | undefined
  readonly #definitions = new Map<string, Definition>()
  readonly #views = new Map<string, PlanNode>()

  constructor(parent?: Environment) {
    this.#parent = parent
  }

  define(name: string, definition: Definition): void {
    this.#definitions.set(name, definition)
  }

  defineView(name: string, plan: PlanNode): void {
    this.#views.set(name, plan)
  }

  views(): ReadonlyMap<string, PlanNode> {
    return this.#views
  }

  isView(name: string): boolean {
    return this.#views.has(name) || this.#parent?.isView(name) === true
  }

  find(name: string): Definition | undefined {
    return this.#definitions.get(name) ?? this.#parent?.find(name)
  }
}
