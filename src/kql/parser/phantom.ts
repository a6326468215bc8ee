import type { Problem } from './bind.ts'
import type { BoundType, TreeNode } from './tree.ts'

const phantom = 'match_id'

/**
 * The official binder gives each `scan` a column `match_id`, the real engine only where `with_match_id` asks for one:
 * takes it out of all types, or tells why that cannot be done.
 */
export function withoutPhantom(tree: TreeNode, isColumn: (name: string) => boolean): TreeNode | Problem {
  const nodes = [...walk(tree)]
  const scan = nodes.find((node) => node.kind === 'ScanOperator' && !namesMatchId(node))
  if (!scan) return tree
  const isUsed = nodes.some(({ text, value }) => text === phantom || value === phantom)
  if (!isUsed && !isColumn(phantom)) return cleaned(tree)
  const message = `${phantom} cannot be used beside a scan without with_match_id`
  return { code: 'unsupported-syntax', severity: 'error', message, start: scan.start, end: scan.end }
}

function namesMatchId(scan: TreeNode): boolean {
  return (scan.children['Parameters']?.items ?? []).length > 0
}

function* walk(node: TreeNode): Generator<TreeNode> {
  yield node
  for (const inner of Object.values(node.children)) yield* walk(inner)
  for (const item of node.items ?? []) yield* walk(item)
  if (node.body) yield* walk(node.body)
}

function cleaned(node: TreeNode): TreeNode {
  const children = Object.fromEntries(
    Object.entries(node.children).map(([name, inner]) => [name, cleaned(inner)]),
  )
  return {
    ...node,
    children,
    ...(node.type ? { type: cleanedType(node.type) } : {}),
    ...(node.items ? { items: node.items.map((item) => cleaned(item)) } : {}),
    ...(node.body ? { body: cleaned(node.body) } : {}),
  }
}

/** A join numbers the names that both sides have: `match_id1`. */
function cleanedType(type: BoundType): BoundType {
  if (type.kind !== 'table') return type
  return { ...type, columns: type.columns.filter(({ name }) => !/^match_id\d*$/.test(name)) }
}
