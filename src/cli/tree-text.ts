import type { BoundType, TreeNode } from '../kql/parser/tree.ts'

const mostLines = 2000
const longestSource = 60

/** The bound tree, a node a line: its kind, its type and its text. Tokens and lists stand for themselves. */
export function treeText(tree: TreeNode, query: string): string {
  const lines = [...treeLines(tree, query, 0)]
  const shown = lines.slice(0, mostLines)
  const rest = lines.length - shown.length
  return [...shown, ...(rest > 0 ? [`… ${rest} more`] : [])].join('\n')
}

function* treeLines(node: TreeNode, query: string, depth: number): Generator<string> {
  const isShown = node.text === undefined && node.items === undefined
  if (isShown) {
    const source = query.slice(node.start, node.end).replaceAll(/\s+/g, ' ').trim()
    const text = source.length > longestSource ? `${source.slice(0, longestSource)}…` : source
    yield `${'  '.repeat(depth)}${node.kind}${typeText(node.type)} ${text}`.trimEnd()
  }
  for (const inner of [...Object.values(node.children), ...(node.items ?? [])])
    yield* treeLines(inner, query, isShown ? depth + 1 : depth)
}

function typeText(type: BoundType | undefined): string {
  if (type === undefined || type.kind === 'other') return ''
  return type.kind === 'scalar' ? `: ${type.type}` : `: table of ${type.columns.length}`
}
