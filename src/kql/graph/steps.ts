import type { Place } from '../diagnostic.ts'
import type { Column, Expression, NamedExpression, PlanNode } from '../plan.ts'
import { passThrough } from '../planner.ts'

/** Plan nodes of the operators that graphs are made of. */

export function columnNamed({ name, type }: Column, place: Place): Expression {
  return { kind: 'column', name, type, place }
}

export function called(
  name: string,
  args: readonly Expression[],
  type: Column['type'],
  place: Place,
): Expression {
  return { kind: 'call', name, args, type, place }
}

export function projected(input: PlanNode, items: readonly NamedExpression[], place: Place): PlanNode {
  const columns = items.map(({ name, expression }) => ({ name, type: expression.type }))
  return node({ kind: 'project', input, items, columns, place })
}

/** The same columns under other names. */
export function renamed(input: PlanNode, rename: (name: string) => string, place: Place): PlanNode {
  return projected(
    input,
    passThrough(input.columns, place).map((item) => ({ ...item, name: rename(item.name) })),
    place,
  )
}

export function filtered(input: PlanNode, predicate: Expression, place: Place): PlanNode {
  return node({ kind: 'where', input, predicate, columns: input.columns, place })
}

export function distinctOf(input: PlanNode, place: Place): PlanNode {
  return node({
    kind: 'distinct',
    input,
    items: passThrough(input.columns, place),
    columns: input.columns,
    place,
  })
}

/** Rows of plans with the same columns. */
export function together(inputs: readonly PlanNode[], place: Place): PlanNode {
  const [first] = inputs
  if (!first || inputs.length === 1) {
    if (!first) throw new Error('a union of nothing')
    return first
  }
  const names = first.columns.map(({ name }) => name)
  return node({
    kind: 'union',
    inputs,
    source: undefined,
    mapping: inputs.map(() => names),
    columns: first.columns,
    place,
  })
}

/** All columns of both sides, whose names differ. */
export function joined(
  left: PlanNode,
  right: PlanNode,
  keys: readonly { readonly left: string; readonly right: string }[],
  kind: 'inner' | 'fullouter',
  place: Place,
): PlanNode {
  const ofLeft = left.columns.map(({ name }) => ({ side: 'left' as const, name }))
  const ofRight = right.columns.map(({ name }) => ({ side: 'right' as const, name }))
  return node({
    kind: 'join',
    left,
    right,
    join: kind,
    keys,
    sources: [...ofLeft, ...ofRight],
    columns: [...left.columns, ...right.columns],
    place,
  })
}

/** One row for each value of a column; of the others any value. */
export function anyBy(input: PlanNode, key: Column, place: Place): PlanNode {
  const others = input.columns.filter(({ name }) => name !== key.name)
  return node({
    kind: 'summarize',
    input,
    keys: [{ name: key.name, expression: columnNamed(key, place) }],
    aggregates: others.map((column) => ({
      names: [column.name],
      expression: {
        kind: 'aggregate',
        name: 'take_any',
        args: [columnNamed(column, place)],
        type: column.type,
        place,
      },
    })),
    columns: [key, ...others],
    place,
  })
}

/** Fields beyond a node's own are those of its operator, which reads them. */
function node(fields: PlanNode & Readonly<Record<string, unknown>>): PlanNode {
  return fields
}
