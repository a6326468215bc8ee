import { operator } from '../operator.ts'
import { child, childItems, nameOf, type TreeNode } from '../parser/tree.ts'
import type { CallExpression, Column, Expression, LiteralExpression, PlanNode } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { anyColumn } from '../star.ts'
import { unionNode, type Member } from './union.ts'

/** Planned as a union of filtered tables, whose first column names the table. */
export const search = operator<PlanNode>({
  kind: 'search',
  syntax: ['SearchOperator'],
  doc: 'The rows in which a term occurs, in any column.',
  example: { query: 'datatable(s: string)["a b", "c"] | search "b"', rows: [['search_arg0', 'a b']] },
  plan: (node, input, planner) => {
    const condition = child(node, 'Condition')
    const kind = childItems(node, 'Parameters').find((item) => nameOf(child(item, 'Name')) === 'kind')
    const sensitive = kind !== undefined && /^case_?sensitive$/i.test(nameOf(child(kind, 'Expression')))
    const columns = planner.columns(node)
    const members = tables(node, input, planner).map(({ plan, label }): Member => {
      const predicate = searchPredicate(condition, plan.columns, sensitive, planner)
      return {
        plan: {
          kind: 'where',
          input: plan,
          predicate,
          columns: plan.columns,
          place: planner.place(node),
        } as PlanNode,
        label,
      }
    })
    return unionNode(members, columns, columns[0]?.name, planner, node)
  },
  emit: () => {
    throw new Error('search is planned as a union')
  },
})

function tables(node: TreeNode, input: PlanNode | undefined, planner: Planner): readonly Member[] {
  if (input) return [{ plan: input, label: 'search_arg0' }]
  const clause = node.children['InClause']
  if (!clause) return [...planner.views(), ...planner.everyTable(node)]
  return childItems(clause, 'Expressions').flatMap((item): Member[] => {
    if (item.kind === 'NameReference' && item.symbol?.kind === 'table')
      return [{ plan: planner.tabular(item), label: nameOf(item) }]
    return planner.wildcard(item).map((plan) => ({ plan, label: plan.table }))
  })
}

/** In a search, a text stands for "this term in any column", and `column:"text"` for one column. */
export function searchPredicate(
  node: TreeNode,
  columns: readonly Column[],
  sensitive: boolean,
  planner: Planner,
): Expression {
  const place = planner.place(node)
  const inner = (item: TreeNode): Expression => searchPredicate(item, columns, sensitive, planner)
  const both = (name: string, args: readonly Expression[]): CallExpression => ({
    kind: 'call',
    name,
    args,
    type: 'bool',
    place,
  })
  switch (node.kind) {
    case 'ParenthesizedExpression':
      return inner(child(node, 'Expression'))
    case 'AndExpression':
    case 'OrExpression':
      return both(node.kind === 'AndExpression' ? 'and' : 'or', [
        inner(child(node, 'Left')),
        inner(child(node, 'Right')),
      ])
    case 'StringLiteralExpression':
    case 'CompoundStringLiteralExpression': {
      const value = planner.scalar(node)
      if (value.kind !== 'literal') return planner.refuse('not-constant', 'a search needs a literal', node)
      const term: LiteralExpression = { ...value, type: 'string' }
      return anyColumn(columns, (column) => matches(column, term, sensitive))
    }
    case 'SearchExpression': {
      const value = planner.scalar(child(node, 'Right'))
      if (value.kind !== 'literal') return planner.refuse('not-constant', 'a search needs a literal', node)
      return matches(planner.scalar(child(node, 'Left')), value, sensitive)
    }
    case 'FunctionCallExpression':
      if (nameOf(child(node, 'Name')) === 'not') {
        return both(
          'not',
          childItems(child(node, 'ArgumentList'), 'Expressions').map((item) => inner(item)),
        )
      }
      return planner.withStar(columns).scalar(node)
    default:
      return planner.withStar(columns).scalar(node)
  }
}

/** `term`, `start*`, `*end` and `*part*`, in the text of the value. */
function matches(value: Expression, needle: LiteralExpression, sensitive: boolean): Expression {
  const pattern = String(needle.value ?? '')
  const [start, end] = [pattern.startsWith('*'), pattern.length > 1 && pattern.endsWith('*')]
  const name = start && end ? 'contains' : start ? 'hassuffix' : end ? 'hasprefix' : 'has'
  const text: LiteralExpression = { ...needle, value: pattern.slice(start ? 1 : 0, end ? -1 : undefined) }
  const { place } = needle
  const subject: Expression =
    value.type === 'string' || value.type === 'dynamic'
      ? value
      : { kind: 'call', name: 'tostring', args: [value], type: 'string', place }
  return { kind: 'call', name: sensitive ? `${name}_cs` : name, args: [subject, text], type: 'bool', place }
}
