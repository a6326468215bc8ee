import { aggregate, call, column, integer, lambda, type Select, type SqlExpression } from '../../sql/node.ts'
import type { Emitter } from '../emitter.ts'
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
import { naturalOrder, physicalName, type Relation, type RelationColumn } from '../relation.ts'
import { kqlTypeOf } from '../types.ts'
import { numbered } from '../window.ts'
import { foldRows, type Declared, type ScanMachine, type ScanStep } from './scan-machine.ts'
import { groupParts } from './summarize.ts'

interface ScanNode extends PlanNode, ScanMachine {
  readonly kind: 'scan'
  readonly input: PlanNode
  readonly matchId: string | undefined
}

const limits = { rows: 100_000, steps: 16 }

export const scan = operator<ScanNode>({
  kind: 'scan',
  syntax: ['ScanOperator'],
  doc: 'Walks over ordered rows with steps that remember the rows which they matched last; at most 100,000 rows in each part.',
  example: {
    query:
      'range x from 1 to 3 step 1 | scan declare (total: long = 0) with (step s: true => total = x + s.total)',
    rows: [
      [1, 1],
      [2, 3],
      [3, 6],
    ],
  },
  plan: (node, input, planner): ScanNode => {
    const from = required(input)
    const declared = childItems(node.children['DeclareClause'] ?? node, 'Declarations').map((item) =>
      planDeclared(item, planner),
    )
    const parameters = new Map(
      childItems(node, 'Parameters').map((item) => [
        nameOf(child(item, 'Name')),
        nameOf(child(item, 'Expression')),
      ]),
    )
    const matchId = parameters.get('with_match_id')
    if (parameters.size > (matchId === undefined ? 0 : 1))
      planner.refuse('unsupported-argument', 'scan takes with_match_id only', node)
    const steps = planSteps(node, declared, planner)
    const columns: Column[] = [
      ...from.columns,
      ...declared,
      ...(matchId === undefined ? [] : [{ name: matchId, type: 'long' } as const]),
    ]
    if (new Set(columns.map(({ name }) => name)).size < columns.length) {
      planner.refuse('bad-argument', 'scan declares a column that is there already', node)
    }
    return {
      kind: 'scan',
      input: from,
      declared,
      steps,
      matchId,
      columns: columns.map(({ name, type }) => ({ name, type })),
      place: planner.place(node),
    }
  },
  emit: (node, emitter) => {
    const gathered = gather(numbered(emitter.relation(node.input), emitter), emitter)
    return spread(node, withMatches(node, gathered, emitter), gathered.row, emitter)
  },
})

function planDeclared(item: TreeNode, planner: Planner): Declared {
  const declaration = child(item, 'NameAndType')
  const type = kqlTypeOf(child(declaration, 'Type').children['Type']?.text ?? '')
  if (!type) return planner.refuse('unsupported-type', 'the type of this column is not supported', item)
  const fallback = item.children['DefaultValue']
  const value = fallback ? planner.scalar(child(fallback, 'Value')) : undefined
  if (value && (value.kind !== 'literal' || value.type !== type))
    planner.refuse('not-constant', `the default must be a literal of type ${type}`, item)
  const missing: LiteralExpression = {
    kind: 'literal',
    type,
    value: type === 'string' ? '' : null,
    place: planner.place(item),
  }
  return {
    name: nameOf(child(declaration, 'Name')),
    type,
    initial: value?.kind === 'literal' ? value : missing,
  }
}

function planSteps(node: TreeNode, declared: readonly Declared[], planner: Planner): ScanStep[] {
  const items = childItems(node, 'Steps')
  const names = items.map((item) => nameOf(child(item, 'Name')))
  if (new Set(names).size < names.length)
    planner.refuse('bad-argument', 'each step of a scan needs a name of its own', node)
  if (items.length > limits.steps)
    planner.refuse('too-large', `a scan takes at most ${limits.steps} steps`, node)
  return items.map((item, index) => {
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
      'use output=all, and arg_max by the match id',
    )
  }
  const condition = planner.scalar(child(item, 'Condition'))
  if (condition.type !== 'bool')
    planner.refuse('bad-argument', 'the condition of a step must be a bool', item)
  const assignments: NamedExpression[] = []
  const clause = item.children['ComputationClause']
  for (const assignment of clause ? childItems(clause, 'Assignments') : []) {
    const name = nameOf(child(assignment, 'Name'))
    const expression = planner.scalar(child(assignment, 'Expression'))
    const target = declared.find((known) => known.name === name)
    if (!target)
      return planner.refuse(
        'bad-argument',
        `a step sets declared columns only, and ${name} is none`,
        assignment,
      )
    if (expression.type !== target.type) {
      planner.refuse(
        'bad-argument',
        `${name} is a ${target.type}, its value is a ${expression.type}`,
        assignment,
        `convert it: to${target.type}(…)`,
      )
    }
    const earlier = [...columnsOf(expression)].find(
      (item) => item.step === undefined && assignments.some((known) => known.name === item.name),
    )
    if (earlier)
      planner.refuse(
        'unsupported-syntax',
        `${earlier.name} is set in the same step`,
        assignment,
        'repeat its expression',
      )
    assignments.push({ name, expression })
  }
  return { name: nameOf(child(item, 'Name')), isShown: output === 'all', condition, assignments }
}

interface Gathered {
  readonly relation: Relation
  /** The array of the part's rows, in order; each is a tuple of the columns of `row`. */
  readonly rows: SqlExpression
  readonly row: Relation
}

/** One row for each part, with all its rows in an array; the first column of each is its number. */
function gather(input: Relation, emitter: Emitter): Gathered {
  const row = emitter.bracket(input)
  const [order] = row.order
  const place = row.select.columns.find(({ name }) => name === order?.physical)
  if (!place) throw new Error('rows without numbers')
  const parts = groupParts(row)
  const values = [place.expression, ...row.columns.map(({ physical }) => valueOf(row, physical))]
  const name = emitter.hidden('rows')
  const rows = call(
    'arraySort',
    lambda(['r'], (item) => call('tupleElement', item, 1)),
    aggregate('groupArray', [call('tuple', ...values)], [integer(limits.rows + 1)]),
  )
  const many = call(
    'throwIf',
    call('greater', aggregate('count', []), limits.rows),
    `scan over more than ${limits.rows} rows in one part`,
  )
  const select: Select = {
    columns: [{ name, expression: rows }, ...parts.columns],
    from: row.select.from,
    ...(parts.keys.length > 0 ? { groupBy: parts.keys } : {}),
    having: call('equals', many, 0),
  }
  const relation = emitter.bracket({ ...row, select, columns: [], order: [], sealed: true })
  return { relation, rows: valueOf(relation, name), row }
}

/** The gathered rows one by one again, each with the array of its matches. */
function withMatches(
  node: ScanNode,
  { relation, rows, row }: Gathered,
  emitter: Emitter,
): Relation & { readonly names: readonly [string, string] } {
  const outs = emitter.hidden('matches')
  const folded: Relation = {
    ...relation,
    select: {
      ...relation.select,
      columns: [...relation.select.columns, { name: outs, expression: foldRows(node, rows, row, emitter) }],
    },
  }
  const base = emitter.bracket({ ...folded, sealed: true })
  const names = [emitter.hidden('row'), emitter.hidden('match')] as const
  const gathered = rows.kind === 'column' ? rows.name : ''
  const arrayJoin = [gathered, outs].map((name, index) => ({
    name: names[index] ?? '',
    expression: valueOf(base, name),
  }))
  const kept = base.select.columns.filter(({ name }) => name !== gathered && name !== outs)
  const columns = [...kept, ...names.map((name) => ({ name, expression: column(name) }))]
  return {
    ...emitter.bracket({ ...base, select: { ...base.select, columns, arrayJoin }, sealed: true }),
    names,
  }
}

/** A row for each match, with the columns of its row and those that the steps set. */
function spread(
  node: ScanNode,
  rows: ReturnType<typeof withMatches>,
  row: Relation,
  emitter: Emitter,
): Relation {
  const [rowName, matchesName] = rows.names
  const [match, index] = [emitter.hidden('match'), emitter.hidden('index')]
  const matches = valueOf(rows, matchesName)
  const number = emitter.hidden('row')
  const own: RelationColumn[] = [
    ...node.declared,
    ...(node.matchId === undefined ? [] : [{ name: node.matchId, type: 'long' } as const]),
  ].map(({ name, type }) => ({ name, type, physical: physicalName(name) }))
  const pick = (tuple: SqlExpression, at: number): SqlExpression => call('tupleElement', tuple, at)
  const select: Select = {
    ...rows.select,
    columns: [
      ...rows.select.columns.filter(({ name }) => name !== rowName && name !== matchesName),
      ...row.columns.map(({ physical }, at) => ({
        name: physical,
        expression: pick(valueOf(rows, rowName), at + 2),
      })),
      ...own.map(({ name, physical }, at) => ({
        name: physical,
        expression: pick(column(match), name === node.matchId ? 1 : at + 2),
      })),
      { name: number, expression: pick(valueOf(rows, rowName), 1) },
      { name: index, expression: column(index) },
    ],
    arrayJoin: [
      { name: match, expression: matches },
      { name: index, expression: call('arrayEnumerate', matches) },
    ],
  }
  const { names: _names, ...rest } = rows
  return emitter.bracket({
    ...rest,
    select,
    columns: [...row.columns, ...own],
    order: [naturalOrder(number), naturalOrder(index)],
    sealed: true,
  })
}

function valueOf(relation: Relation, physical: string): SqlExpression {
  const found = relation.select.columns.find(({ name }) => name === physical)
  if (!found) throw new Error(`no column ${physical} in the SELECT`)
  return found.expression
}
