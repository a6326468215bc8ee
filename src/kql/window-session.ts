import type { Emitter } from './emitter.ts'
import { contextNode } from './operators/context.ts'
import type { ExtendNode } from './operators/extend.ts'
import type { ScanNode } from './operators/scan.ts'
import type { CallExpression, ColumnExpression, Expression, LiteralExpression } from './plan.ts'
import type { Relation } from './relation.ts'
import type { KqlType } from './types.ts'

/**
 * `row_window_session()` as a `scan`: a row begins a session where there is none yet, where it lies as far from the
 * session's first row or from the row before it as the distances allow, or where the restart is true.
 */
export function withSessions(
  input: Relation,
  { args, place }: CallExpression,
  emitter: Emitter,
): { readonly relation: Relation; readonly name: string } {
  const [value, fromFirst, fromLast, restart] = args
  if (!value || !fromFirst || !fromLast) throw new Error('a session needs a value and two distances')
  const step = 'row'
  const [moment, start] = [emitter.hidden('moment'), emitter.hidden('session')]
  const call = (name: string, type: KqlType, ...inner: readonly Expression[]): Expression => ({
    kind: 'call',
    name,
    args: inner,
    type,
    place,
  })
  const own: ColumnExpression = { kind: 'column', name: moment, type: value.type, place }
  const last: ColumnExpression = { ...own, step }
  const first: ColumnExpression = { ...own, name: start, step }
  const reaches = (from: Expression, distance: Expression): Expression =>
    call('>=', 'bool', own, call('+', value.type, from, distance))
  const begins = [
    call('isnull', 'bool', first),
    reaches(first, fromFirst),
    reaches(last, fromLast),
    ...(restart ? [restart] : []),
  ].reduce((left, right) => call('or', 'bool', left, right))
  const columns = input.columns.map(({ name, type }) => ({ name, type }))
  const number = -emitter.serial()
  emitter.inputs.set(number, input)
  const extended: ExtendNode = {
    kind: 'extend',
    input: contextNode(number, columns, place),
    items: [
      ...columns.map((item) => ({
        name: item.name,
        expression: { kind: 'column', ...item, place } as const,
      })),
      { name: moment, expression: value },
    ],
    columns: [...columns, { name: moment, type: value.type }],
    place,
  }
  const initial: LiteralExpression = { kind: 'literal', type: value.type, value: null, place }
  const walk: ScanNode = {
    kind: 'scan',
    input: extended,
    declared: [{ name: start, type: value.type, initial }],
    steps: [
      {
        name: step,
        isShown: true,
        condition: { kind: 'literal', type: 'bool', value: true, place },
        assignments: [{ name: start, expression: call('iff', value.type, begins, own, first) }],
      },
    ],
    matchId: undefined,
    columns: [...extended.columns, { name: start, type: value.type }],
    place,
  }
  return { relation: emitter.relation(walk), name: start }
}
