import { Environment } from '../environment.ts'
import { operator, required } from '../operator.ts'
import { child, childItems, nameOf, type TreeNode } from '../parser/tree.ts'
import {
  columnsOf,
  type Column,
  type LiteralExpression,
  type NamedExpression,
  type PlanNode,
} from '../plan.ts'
import type { Planner } from '../planner.ts'
import { kqlTypeOf, type KqlType } from '../types.ts'
import { foldRows } from './scan-machine.ts'
import { prepared } from './scan-prepare.ts'
import { chunked, mostRows, spread } from './scan-rows.ts'
import type { Declared, ScanMachine, ScanStep } from './scan-steps.ts'

export interface ScanNode extends PlanNode, ScanMachine {
  readonly kind: 'scan'
  readonly input: PlanNode
  readonly matchId: string | undefined
}

const mostSteps = 16

export const scan = operator<ScanNode>({
  kind: 'scan',
  syntax: ['ScanOperator'],
  doc: `Walks over ordered rows with steps that remember what they matched; up to ${mostRows.toLocaleString('en')} rows in each part.`,
  example: {
    query:
      'range x from 1 to 3 step 1 | scan declare (total: long = 0) with (step s: true => total = x + s.total;)',
    rows: [
      [1, 1],
      [2, 3],
      [3, 6],
    ],
  },
  plan: (node, input, planner): ScanNode => {
    const from = required(input)
    if (!planner.isSerialized)
      planner.refuse('bad-argument', 'scan needs rows in an order', node, 'add | sort by … before it')
    const clause = node.children['DeclareClause']
    const declared = clause
      ? childItems(clause, 'Declarations').map((item) => planDeclared(item, planner))
      : []
    const matchId = planMatchId(node, planner)
    const steps = planSteps(node, declared, planner)
    const added = [...declared, ...(matchId === undefined ? [] : [{ name: matchId, type: 'long' } as const])]
    const columns = [...from.columns, ...added].map(({ name, type }): Column => ({ name, type }))
    if (new Set(columns.map(({ name }) => name)).size < columns.length) {
      planner.refuse('bad-argument', 'scan adds a column that is there already', node)
    }
    return { kind: 'scan', input: from, declared, steps, matchId, columns, place: planner.place(node) }
  },
  emit: (node, emitter) => {
    const input = emitter.relation(node.input)
    const { machine, rows } = prepared(node, input, emitter)
    const chunks = chunked(rows, emitter)
    const matches = foldRows(machine, chunks.chunks, rows, emitter)
    const own = [
      ...node.declared,
      ...(node.matchId === undefined ? [] : [{ name: node.matchId, type: 'long' } as const]),
    ]
    return spread(chunks, matches, rows, input.columns.length, own, emitter)
  },
})

function planMatchId(node: TreeNode, planner: Planner): string | undefined {
  const parameters = new Map(
    childItems(node, 'Parameters').map((item) => [
      nameOf(child(item, 'Name')),
      nameOf(child(item, 'Expression')),
    ]),
  )
  const unknown = [...parameters.keys()].find((name) => name !== 'with_match_id')
  if (unknown !== undefined)
    planner.refuse('unsupported-argument', `scan with ${unknown} is not supported`, node)
  return parameters.get('with_match_id')
}

function planDeclared(item: TreeNode, planner: Planner): Declared {
  const declaration = child(item, 'NameAndType')
  const type = kqlTypeOf(child(declaration, 'Type').children['Type']?.text ?? '')
  if (!type) return planner.refuse('unsupported-type', 'the type of this column is not supported', item)
  const given = item.children['DefaultValue']
  const missing: LiteralExpression = {
    kind: 'literal',
    type,
    value: type === 'string' ? '' : null,
    place: planner.place(item),
  }
  const value = given ? planner.scalar(child(given, 'Value')) : missing
  const initial = value.kind === 'literal' ? literalAs(value, type) : undefined
  if (!initial)
    return planner.refuse('not-constant', `the initial value must be a literal of type ${type}`, item)
  return { name: nameOf(child(declaration, 'Name')), type, initial }
}

/** A whole number is the initial value of an int and of a real too. */
function literalAs(literal: LiteralExpression, type: KqlType): LiteralExpression | undefined {
  if (literal.type === type) return literal
  if (literal.type !== 'long' || literal.value === null) return undefined
  const value = Number(literal.value)
  if (type === 'int' && Math.abs(value) < 2 ** 31) return { ...literal, type }
  return type === 'real' ? { ...literal, type, value } : undefined
}

function planSteps(node: TreeNode, declared: readonly Declared[], planner: Planner): ScanStep[] {
  const items = childItems(node, 'Steps')
  const names = items.map((item) => nameOf(child(item, 'Name')))
  if (new Set(names).size < names.length)
    planner.refuse('bad-argument', 'each step of a scan needs a name of its own', node)
  if (items.length > mostSteps) planner.refuse('too-large', `a scan takes at most ${mostSteps} steps`, node)
  return items.map((item, index) => {
    // A step knows itself and those before.
    const scope = new Environment(planner.environment)
    for (const name of names.slice(0, index + 1)) scope.define(name, { kind: 'step' })
    return planStep(item, declared, planner.inner(scope))
  })
}

function planStep(item: TreeNode, declared: readonly Declared[], planner: Planner): ScanStep {
  const output = item.children['ScanStepOutput']?.children['OutputKind']?.text ?? 'all'
  if (output !== 'all' && output !== 'none') {
    return planner.refuse(
      'unsupported-argument',
      `output=${output} is not supported`,
      item,
      'use output=all, then arg_max by the match id',
    )
  }
  const condition = planner.scalar(child(item, 'Condition'))
  if (condition.type !== 'bool')
    planner.refuse('bad-argument', 'the condition of a step must be a bool', item)
  const clause = item.children['ComputationClause']
  const assignments: NamedExpression[] = []
  for (const assignment of clause ? childItems(clause, 'Assignments') : []) {
    assignments.push(planAssignment(assignment, assignments, declared, planner))
  }
  return { name: nameOf(child(item, 'Name')), isShown: output === 'all', condition, assignments }
}

function planAssignment(
  item: TreeNode,
  earlier: readonly NamedExpression[],
  declared: readonly Declared[],
  planner: Planner,
): NamedExpression {
  const name = nameOf(child(item, 'Name'))
  const expression = planner.scalar(child(item, 'Expression'))
  const target = declared.find((column) => column.name === name)
  if (!target)
    return planner.refuse('bad-argument', `a step sets declared columns only; ${name} is none`, item)
  if (expression.type !== target.type) {
    planner.refuse(
      'bad-argument',
      `${name} is a ${target.type}, its value a ${expression.type}`,
      item,
      `convert it with to${target.type}`,
    )
  }
  if (earlier.some((known) => known.name === name))
    planner.refuse('bad-argument', `the step sets ${name} twice`, item)
  const isSet = (column: Column & { readonly step?: string }): boolean =>
    column.step === undefined && earlier.some((known) => known.name === column.name)
  const used = [...columnsOf(expression)].find(isSet)
  if (used)
    planner.refuse(
      'unsupported-syntax',
      `${used.name} is set by the same step`,
      item,
      'repeat its expression',
    )
  return { name, expression }
}
