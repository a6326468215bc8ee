import { aggregate, column, type SelectColumn } from '../../sql/node.ts'
import type { Emitter } from '../emitter.ts'
import { columnsOf, type Expression, type LiteralExpression } from '../plan.ts'
import { innerScope, naturalOrder, orderItems, type Relation } from '../relation.ts'
import type { ScanMachine } from './scan-steps.ts'

/** Numbers the rows of each part, and computes what does not depend on the steps as private columns of the row. */
export function prepared(
  machine: ScanMachine,
  input: Relation,
  emitter: Emitter,
): { readonly machine: ScanMachine; readonly rows: Relation } {
  const base = emitter.bracket(input)
  const scope = innerScope(base)
  const columns = [...base.columns]
  const selected: SelectColumn[] = [...base.select.columns]
  const taken = new Set(columns.map(({ name }) => name))
  const hoisted = (expression: Expression): Expression => {
    if (expression.kind !== 'call') return expression
    const used = [...columnsOf(expression)]
    if (used.length === 0 || used.some(({ step }) => step !== undefined)) {
      return { ...expression, args: expression.args.map((argument) => hoisted(argument)) }
    }
    let name = emitter.hidden('value')
    while (taken.has(name)) name = emitter.hidden('value')
    const value = emitter.expression(expression, scope)
    selected.push({ name, expression: value.sql })
    columns.push({ name, type: value.type, physical: name, nullable: value.nullable })
    return { kind: 'column', name, type: value.type, place: expression.place }
  }
  const initial = new Map(machine.declared.map((item) => [item.name, item.initial]))
  const settled = (expression: Expression): Expression => hoisted(withInitial(expression, initial))
  const steps = machine.steps.map((step) => ({
    ...step,
    condition: settled(step.condition),
    assignments: step.assignments.map(({ name, expression }) => ({ name, expression: settled(expression) })),
  }))
  const number = emitter.hidden('row')
  const alias = base.select.from.kind === 'select' ? base.select.from.alias : undefined
  const partitionBy = base.partition ? [column(base.partition.key, alias)] : []
  const window = { partitionBy, orderBy: orderItems(base, alias) }
  selected.push({ name: number, expression: { kind: 'window', call: aggregate('row_number', []), window } })
  const rows: Relation = {
    ...base,
    columns,
    select: { ...base.select, columns: selected },
    order: [naturalOrder(number)],
    sealed: true,
  }
  return { machine: { declared: machine.declared, steps }, rows: emitter.bracket(rows) }
}

/** A declared column that no step is named with has its initial value. */
function withInitial(expression: Expression, initial: ReadonlyMap<string, LiteralExpression>): Expression {
  if (expression.kind === 'column')
    return (expression.step === undefined ? initial.get(expression.name) : undefined) ?? expression
  if (expression.kind !== 'call') return expression
  return { ...expression, args: expression.args.map((argument) => withInitial(argument, initial)) }
}
