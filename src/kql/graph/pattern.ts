import { child, childItems, nameOf, type TreeNode } from '../parser/tree.ts'
import type { Planner } from '../planner.ts'

/** An edge of a pattern between two nodes, as it is written: from left to right. */
export interface PatternEdge {
  readonly name: string
  readonly left: string
  readonly right: string
  readonly direction: 'forward' | 'backward' | 'any'
  /** How many edges stand for it, one after the other; nothing where it is one edge. */
  readonly range?: { readonly least: number; readonly most: number }
}

export interface Pattern {
  readonly edges: readonly PatternEdge[]
  /** All nodes, in the order in which they come. */
  readonly nodes: readonly string[]
}

export const mostHops = 12

/** Reads the patterns of `graph-match`. What has no name gets one that no name of KQL can be. */
export function readPatterns(node: TreeNode, planner: Planner): Pattern {
  const edges: PatternEdge[] = []
  const nodes = new Set<string>()
  let anonymous = 0
  const nameFor = (element: TreeNode): string => {
    const name = element.children['Name']
    anonymous += 1
    return name ? nameOf(name) : `\u0000${anonymous}`
  }
  for (const pattern of childItems(node, 'Patterns')) {
    const elements = childItems(pattern, 'PatternElements')
    const names = elements.map(nameFor)
    for (const [index, element] of elements.entries()) {
      const [name, left, right] = [names[index], names[index - 1], names[index + 1]]
      if (name === undefined) throw new Error('an element without a name')
      if (element.kind === 'GraphMatchPatternNode') nodes.add(name)
      else if (left === undefined || right === undefined)
        planner.refuse('unsupported-syntax', 'an edge stands between two nodes', element)
      else edges.push({ name, left, right, direction: directionOf(element), ...rangeOf(element, planner) })
    }
  }
  const repeated = edges.find(({ name }, index) => edges.findIndex((edge) => edge.name === name) !== index)
  if (repeated) planner.refuse('unsupported-syntax', `the edge ${repeated.name} stands twice`, node)
  return { edges, nodes: [...nodes] }
}

function directionOf(edge: TreeNode): PatternEdge['direction'] {
  const first = child(edge, 'FirstToken').text ?? ''
  const last = edge.children['LastToken']?.text ?? first
  if (last.endsWith('>')) return 'forward'
  return first.startsWith('<') ? 'backward' : 'any'
}

function rangeOf(edge: TreeNode, planner: Planner): Pick<PatternEdge, 'range'> {
  const range = edge.children['Range']
  if (!range) return {}
  const bound = (name: string): number | undefined => {
    const text = range.children[name]?.children['Token']?.text
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
  }
  const [least, most] = [bound('RangeStart'), bound('RangeEnd')]
  if (least === undefined || most === undefined || least < 1 || most < least || most > mostHops)
    return planner.refuse('unsupported-argument', `an edge of 1 to ${mostHops} hops is needed here`, range)
  return { range: { least, most } }
}
