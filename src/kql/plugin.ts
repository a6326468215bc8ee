import type { Emitter } from './emitter.ts'
import type { Example } from './operator.ts'
import { childItems, nameOf, child, type TreeNode } from './parser/tree.ts'
import type { Column, PlanNode } from './plan.ts'
import type { Planner } from './planner.ts'
import type { Relation } from './relation.ts'

/** An `evaluate` of a plugin; each plugin adds its own fields. */
export interface EvaluateNode extends PlanNode {
  readonly kind: 'evaluate'
  readonly plugin: string
  readonly input: PlanNode
}

/** One plugin of `evaluate`: how its call is read, and what SQL it becomes. */
export interface Plugin<Node extends EvaluateNode = EvaluateNode> {
  readonly name: string
  readonly doc: string
  /** What may differ from Kusto's answer, where its documentation does not say all; the answer comes with a warning. */
  readonly approximate?: string
  readonly example: Example
  readonly plan: (call: PluginCall, planner: Planner) => Node
  readonly emit: (node: Node, emitter: Emitter) => Relation
}

export interface PluginCall {
  readonly name: string
  /** The whole operator. */
  readonly node: TreeNode
  readonly input: PlanNode
  readonly args: readonly TreeNode[]
  readonly named: ReadonlyMap<string, TreeNode>
  /** The columns that the text declares for the result. */
  readonly declared: readonly Column[] | undefined
}

/** A plugin as the registry holds it: dispatch by name makes sure that it meets its own nodes only. */
export function plugin<Node extends EvaluateNode>(definition: Plugin<Node>): Plugin {
  const { emit } = definition
  return { ...definition, emit: (node, emitter) => emit(node as Node, emitter) }
}

export function readCall(node: TreeNode, input: PlanNode, planner: Planner): PluginCall {
  const call = child(node, 'FunctionCall')
  const items = childItems(child(call, 'ArgumentList'), 'Expressions')
  const named = items.filter(({ kind }) => kind === 'SimpleNamedExpression')
  return {
    name: nameOf(child(call, 'Name')),
    node,
    input,
    args: items.filter(({ kind }) => kind !== 'SimpleNamedExpression'),
    named: new Map(named.map((item) => [nameOf(child(item, 'Name')), child(item, 'Expression')])),
    declared: node.children['Schema'] ? planner.columns(node) : undefined,
  }
}

/** A positional argument that must be there. */
export function argumentOf(call: PluginCall, index: number, planner: Planner): TreeNode {
  return (
    call.args[index] ?? planner.refuse('bad-argument', `${call.name} needs argument ${index + 1}`, call.node)
  )
}

/** An argument that must be a column of the input; gives its name. */
export function columnOf(call: PluginCall, index: number, planner: Planner): string {
  const node = argumentOf(call, index, planner)
  if (node.kind === 'NameReference' && node.symbol?.kind === 'column') return nameOf(node)
  return planner.refuse('bad-argument', `argument ${index + 1} of ${call.name} must be a column`, node)
}

/** The columns that the remaining arguments name. */
export function columnsFrom(call: PluginCall, index: number, planner: Planner): readonly string[] {
  return call.args.slice(index).map((_argument, offset) => columnOf(call, index + offset, planner))
}
