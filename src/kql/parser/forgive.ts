import type { Problem } from './bind.ts'
import type { TreeNode } from './tree.ts'

/**
 * Where the official binder is stricter than the real engine: its complaint about an argument of these functions,
 * and about terms inside `search`, does not count.
 */
const stricter: readonly { readonly code: string; readonly call: string }[] = [
  { code: 'KS107', call: 'bag_unpack' },
  { code: 'KS107', call: 'count' },
  { code: 'KS107', call: 'series_fit_poly' },
  { code: 'KS119', call: 'bag_unpack' },
  { code: 'KS134', call: 'make_timespan' },
  { code: 'KS234', call: 'array_length' },
]

/** The problems that the real engine has with the query too. */
export function withoutForgiven(problems: readonly Problem[], tree: TreeNode): readonly Problem[] {
  const forgivable = problems.filter(({ code }) => stricter.some((item) => item.code === code))
  if (forgivable.length === 0) return problems
  const forgiven = new Set(forgivable.filter((problem) => isForgiven(problem, tree)))
  return problems.filter((problem) => !forgiven.has(problem))
}

function isForgiven(problem: Problem, tree: TreeNode): boolean {
  const path = pathTo(problem, tree)
  const call = path.findLast(({ kind }) => kind === 'FunctionCallExpression')
  const name = call?.children['Name']?.symbol?.name ?? ''
  if (stricter.some((item) => item.code === problem.code && item.call === name)) return true
  return (
    problem.code === 'KS107' &&
    path.at(-1)?.kind === 'StringLiteralExpression' &&
    path.some(({ kind }) => kind === 'SearchOperator')
  )
}

/** The nodes around the place, outermost first. */
function pathTo(problem: Problem, tree: TreeNode): readonly TreeNode[] {
  const path: TreeNode[] = []
  let node: TreeNode | undefined = tree
  while (node) {
    path.push(node)
    const inner: readonly TreeNode[] = [...Object.values(node.children), ...(node.items ?? [])]
    node = inner.find(
      (item) => item.text === undefined && item.start <= problem.start && item.end >= problem.end,
    )
  }
  return path
}
