import { aggregate, call, column, integer, type SqlExpression, type Window } from '../sql/node.ts'
import { convert } from './convert.ts'
import { Refusal } from './diagnostic.ts'
import type { Emitter } from './emitter.ts'
import type { Operand } from './operand.ts'
import type { CallExpression, Expression } from './plan.ts'
import { innerScope, naturalOrder, orderItems, type Relation, type Scope } from './relation.ts'
import { isText, physicalTypes } from './types.ts'
import { withSessions } from './window-session.ts'

/** A function over the rows before and after, in the order that the rows have. */
interface RowFunction {
  readonly name: string
  readonly doc: string
  /** The argument that begins anew where it is true. */
  readonly restart?: number
  /** Whether it needs to know where the value differs from the row before. */
  readonly changes?: true
  /** One value for each row, over the window; a function that remembers more than a window can has `walk`. */
  readonly emit?: (args: readonly Operand[], rows: Rows) => SqlExpression
  readonly walk?: (input: Relation, call: CallExpression, emitter: Emitter) => RowColumn
}

/** The relation with the column that a row function has filled. */
interface RowColumn {
  readonly relation: Relation
  readonly name: string
}

interface Rows {
  readonly window: (from: 'start' | 'here', partitioned: boolean) => Window
  readonly call: CallExpression
  /** 1 where the value differs from that of the row before, and in the first row. */
  readonly changed: SqlExpression
}

function neighbour(name: 'lagInFrame' | 'leadInFrame'): NonNullable<RowFunction['emit']> {
  return ([value, distance, fallback], rows) => {
    if (!value) throw new Error('a neighbour needs a value')
    const offset = distance?.literal?.value ?? '1'
    if (!/^[1-9]\d*$/.test(String(offset))) {
      throw new Refusal(
        'not-constant',
        `the distance of ${rows.call.name} must be a literal of at least 1`,
        rows.call.place,
      )
    }
    const type = physicalTypes[value.type]
    const sql = isText(value.type) ? value.sql : call('toNullable', value.sql)
    const rest = fallback ? [{ kind: 'cast', value: convert(fallback, value.type), type } as const] : []
    const window = rows.window(name === 'lagInFrame' ? 'start' : 'here', false)
    return { kind: 'window', call: aggregate(name, [sql, integer(BigInt(offset)), ...rest]), window }
  }
}

function over(name: string, args: readonly SqlExpression[], window: Window): SqlExpression {
  return { kind: 'window', call: aggregate(name, args), window }
}

/** Functions that need serialized rows. */
export const rowFunctions: readonly RowFunction[] = [
  { name: 'prev', doc: 'A value of an earlier row.', emit: neighbour('lagInFrame') },
  { name: 'next', doc: 'A value of a later row.', emit: neighbour('leadInFrame') },
  {
    name: 'row_number',
    doc: 'The number of the row, from 1 or from a start.',
    restart: 1,
    emit: ([start], rows) => {
      const number = call('toInt64', over('row_number', [], rows.window('start', true)))
      return start ? call('minus', call('plus', number, convert(start, 'long')), 1) : number
    },
  },
  {
    name: 'row_cumsum',
    doc: 'The sum of the values so far.',
    restart: 1,
    emit: ([value], rows) => {
      if (!value) throw new Error('a sum needs a value')
      return call('ifNull', over('sum', [convert(value, rows.call.type)], rows.window('start', true)), 0)
    },
  },
  {
    name: 'row_rank_dense',
    doc: 'How often the value has changed so far, from 1; equal neighbours share a rank.',
    restart: 1,
    changes: true,
    emit: (_args, { changed, window }) => call('toInt64', over('sum', [changed], window('start', true))),
  },
  {
    name: 'row_rank_min',
    doc: 'The number of the first row with this value.',
    restart: 1,
    emit: ([value], rows) => {
      if (!value) throw new Error('a rank needs a value')
      const window = rows.window('start', true)
      const partitionBy = [...window.partitionBy, value.sql]
      const number = over('row_number', [], window)
      const within = over('row_number', [], { ...window, partitionBy })
      return call('plus', call('minus', call('toInt64', number), call('toInt64', within)), 1)
    },
  },
  {
    name: 'row_window_session',
    doc: 'The first value of the session that the row belongs to, by the greatest distances within one.',
    walk: withSessions,
  },
]

/** NULL counts as a value of its own. */
function rankKey(value: Operand): SqlExpression {
  return call('tuple', call('ifNull', call('toString', value.sql), ''), call('isNull', value.sql))
}

const byName = new Map(rowFunctions.map((definition) => [definition.name, definition]))

export function isRowFunction(name: string): boolean {
  return byName.has(name)
}

/** Computes the row functions in expressions as private columns, innermost first, and puts those in their place. */
export function stageRowFunctions(
  input: Relation,
  expressions: readonly Expression[],
  emitter: Emitter,
): { readonly relation: Relation; readonly expressions: readonly Expression[] } {
  if (!expressions.some((expression) => hasRowFunction(expression))) return { relation: input, expressions }
  let relation = numbered(input, emitter)
  const stage = (expression: Expression): Expression => {
    if (expression.kind !== 'call') return expression
    const staged: CallExpression = { ...expression, args: expression.args.map((argument) => stage(argument)) }
    const definition = byName.get(expression.name)
    if (!definition) return staged
    const result = addRowColumn(relation, staged, definition, emitter)
    relation = result.relation
    return { kind: 'column', name: result.name, type: expression.type, place: expression.place }
  }
  const staged = expressions.map((expression) => stage(expression))
  return { relation, expressions: staged }
}

function hasRowFunction(expression: Expression): boolean {
  return (
    expression.kind === 'call' &&
    (byName.has(expression.name) || expression.args.some((item) => hasRowFunction(item)))
  )
}

/** Gives every row a number in the order of rows, which then is the order. */
function numbered(input: Relation, emitter: Emitter): Relation {
  const base = emitter.bracket(input)
  const name = emitter.hidden('row')
  const alias = base.select.from.kind === 'select' ? base.select.from.alias : undefined
  const orderBy = orderItems(base, alias)
  const number = over('row_number', [], { partitionBy: [], orderBy })
  const columns = [...base.select.columns, { name, expression: number }]
  return emitter.bracket({
    ...base,
    select: { ...base.select, columns },
    order: [naturalOrder(name)],
    sealed: true,
  })
}

function addRowColumn(
  input: Relation,
  expression: CallExpression,
  definition: RowFunction,
  emitter: Emitter,
): RowColumn {
  if (definition.walk) return definition.walk(input, expression, emitter)
  const restart = definition.restart === undefined ? undefined : expression.args[definition.restart]
  const segmented = restart && !isFalse(restart) ? withSegments(input, restart, emitter) : undefined
  const segments = segmented?.name
  const compared = definition.changes
    ? withChanges(segmented?.relation ?? input, expression, segments, emitter)
    : undefined
  const base = compared?.relation ?? segmented?.relation ?? emitter.bracket(input)
  const alias = base.select.from.kind === 'select' ? base.select.from.alias : undefined
  const orderBy = orderItems(base, alias)
  const parts = base.partition ? [column(base.partition.key, alias)] : []
  const partitionBy = segments === undefined ? parts : [...parts, column(segments, alias)]
  const scope: Scope = innerScope(base)
  const args = expression.args.map((argument) => emitter.expression(argument, scope))
  const window = (from: 'start' | 'here', partitioned: boolean): Window => ({
    partitionBy: partitioned ? partitionBy : parts,
    orderBy,
    rows: from === 'start' ? ['unbounded preceding', 'current row'] : ['current row', 'unbounded following'],
  })
  if (!definition.emit) throw new Error(`${definition.name} has no translation`)
  const changed = column(compared?.name ?? '', alias)
  const sql = definition.emit(args, { window, call: expression, changed })
  const name = emitter.hidden('value')
  const columns = [...base.select.columns, { name, expression: sql }]
  const known = [...base.columns, { name, type: expression.type, physical: name }]
  const relation = emitter.bracket({
    ...base,
    columns: known,
    select: { ...base.select, columns },
    sealed: true,
  })
  return { relation, name }
}

/** Marks the rows whose value differs from that of the row before, within parts and runs of rows. */
function withChanges(
  input: Relation,
  expression: CallExpression,
  segments: string | undefined,
  emitter: Emitter,
): RowColumn {
  const base = emitter.bracket(input)
  const alias = base.select.from.kind === 'select' ? base.select.from.alias : undefined
  const [argument] = expression.args
  if (!argument) throw new Error('a rank needs a value')
  const key = rankKey(emitter.expression(argument, innerScope(base)))
  const window: Window = {
    partitionBy: [
      ...(base.partition ? [column(base.partition.key, alias)] : []),
      ...(segments === undefined ? [] : [column(segments, alias)]),
    ],
    orderBy: orderItems(base, alias),
    rows: ['unbounded preceding', 'current row'],
  }
  const isFirst = call('equals', over('row_number', [], window), 1)
  const differs = call('notEquals', over('lagInFrame', [key], window), key)
  const name = emitter.hidden('changed')
  const columns = [
    ...base.select.columns,
    { name, expression: call('toInt64', call('or', isFirst, differs)) },
  ]
  return { relation: emitter.bracket({ ...base, select: { ...base.select, columns }, sealed: true }), name }
}

/** Numbers the runs of rows: one begins where the condition is true. */
function withSegments(input: Relation, restart: Expression, emitter: Emitter): RowColumn {
  const base = emitter.bracket(input)
  const alias = base.select.from.kind === 'select' ? base.select.from.alias : undefined
  const begins = call('ifNull', convert(emitter.expression(restart, innerScope(base)), 'bool'), 0)
  const parts = base.partition ? [column(base.partition.key, alias)] : []
  const window: Window = {
    partitionBy: parts,
    orderBy: orderItems(base, alias),
    rows: ['unbounded preceding', 'current row'],
  }
  const name = emitter.hidden('segment')
  const columns = [
    ...base.select.columns,
    { name, expression: over('sum', [call('toInt64', begins)], window) },
  ]
  return { relation: emitter.bracket({ ...base, select: { ...base.select, columns }, sealed: true }), name }
}

function isFalse(expression: Expression): boolean {
  return expression.kind === 'literal' && expression.value === false
}
