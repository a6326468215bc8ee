import { isKqlType, type KqlType } from '../types.ts'
import { askParser } from './kusto.ts'
import type { Kusto, KustoNode, KustoType, List } from './kusto.ts'
import type { BoundColumn, BoundType, SymbolKind, TreeNode, TreeParameter } from './tree.ts'

const symbolKinds: Readonly<Record<number, SymbolKind>> = {
  2: 'variable',
  3: 'function',
  4: 'parameter',
  9: 'column',
  10: 'table',
  14: 'operator',
  19: 'table',
}

/** How deep function bodies may be put into one another, and how many nodes a tree may have in all. */
const limits = { depth: 900, nodes: 400_000 }

/** Turns the parser's tree into plain data. Throws `TreeTooLarge` where a query goes beyond the limits. */
export class TreeConverter {
  readonly #kinds: ReadonlyMap<number, string>
  readonly #kusto: Kusto
  readonly #ids = new Map<KustoNode, number>()
  #nodes = 0

  constructor(kusto: Kusto, kinds: ReadonlyMap<number, string>) {
    this.#kusto = kusto
    this.#kinds = kinds
  }

  convert(node: KustoNode, depth = 0): TreeNode {
    this.#nodes += 1
    if (depth > limits.depth || this.#nodes > limits.nodes) throw new TreeTooLarge()
    const kind = this.#kinds.get(node.Kind) ?? String(node.Kind)
    const place = { id: this.#id(node), kind, start: node.TextStart, end: node.End }
    if (node.IsToken) return { ...place, text: node.Text, value: node.ValueText, children: {} }
    const children: Record<string, TreeNode> = {}
    const items: TreeNode[] = []
    for (let index = 0; index < node.ChildCount; index += 1) {
      const inner = node.GetChild(index)
      if (!inner) continue
      if (kind === 'List') items.push(this.#unseparated(inner, depth))
      else children[node.GetName(index)] = this.convert(inner, depth + 1)
    }
    return {
      ...place,
      children,
      ...(kind === 'List' ? { items } : {}),
      ...this.#semantics(node, kind, depth),
    }
  }

  #unseparated(node: KustoNode, depth: number): TreeNode {
    const isSeparated = this.#kinds.get(node.Kind) === 'SeparatedElement'
    const element = isSeparated ? node.GetChild(0) : node
    return this.convert(element ?? node, depth + 1)
  }

  #semantics(node: KustoNode, kind: string, depth: number): Partial<TreeNode> {
    const type = node.ResultType ? this.#boundType(node.ResultType) : undefined
    const symbol = node.ReferencedSymbol
    return {
      ...(type ? { type } : {}),
      ...(symbol ? { symbol: { kind: symbolKinds[symbol.Kind] ?? 'other', name: symbol.Name } } : {}),
      ...(kind === 'FunctionCallExpression' || kind === 'NameReference' ? this.#called(node, depth) : {}),
      ...(kind === 'FunctionCallExpression' || kind === 'PathExpression' || kind === 'ElementExpression'
        ? this.#resultName(node)
        : {}),
    }
  }

  #resultName(node: KustoNode): Partial<TreeNode> {
    const name = askParser(() => this.#kusto.KustoFacts.GetExpressionResultName(node, null, null))
    return name === null ? {} : { resultName: name }
  }

  #called(node: KustoNode, depth: number): Partial<TreeNode> {
    const body = node.GetCalledFunctionBody?.()
    if (!body) return {}
    const parameters = [...each(node.ReferencedSignature?.Parameters)].map((parameter): TreeParameter => {
      const declared = parameter.IsTabular === true ? undefined : parameter.DeclaredTypes
      const type = declared && declared.Count > 0 ? scalarName(declared.getItem(0)) : undefined
      const fallback = parameter.DefaultValue ? this.convert(parameter.DefaultValue, depth + 1) : undefined
      return { name: parameter.Name, type, fallback }
    })
    return { body: this.convert(body, depth + 1), parameters }
  }

  #boundType(type: KustoType): BoundType {
    if (type.Columns && type.Kind === 10) {
      const columns = [...each(type.Columns)].map((column): BoundColumn => {
        const source = column.Source ? this.#id(column.Source) : undefined
        return { name: column.Name, type: scalarName(column.Type), source }
      })
      return { kind: 'table', columns, open: type.IsOpen === true }
    }
    const scalar = scalarName(type)
    return scalar ? { kind: 'scalar', type: scalar } : { kind: 'other', name: type.Name }
  }

  #id(node: KustoNode): number {
    const known = this.#ids.get(node)
    if (known !== undefined) return known
    this.#ids.set(node, this.#ids.size)
    return this.#ids.size - 1
  }
}

export class TreeTooLarge extends Error {}

/** Every kind of dynamic (bag, array, primitive) is `dynamic`; binder names are KQL's. */
function scalarName(type: KustoType): KqlType | undefined {
  return isKqlType(type.Name) ? type.Name : undefined
}

function* each<T>(list: List<T> | undefined): Generator<T> {
  for (let index = 0; index < (list?.Count ?? 0); index += 1) {
    if (list) yield list.getItem(index)
  }
}
