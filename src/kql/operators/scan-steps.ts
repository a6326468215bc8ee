import {
  columnsOf,
  type Column,
  type Expression,
  type LiteralExpression,
  type NamedExpression,
} from '../plan.ts'

export interface Declared extends Column {
  readonly initial: LiteralExpression
}

export interface ScanStep {
  readonly name: string
  readonly isShown: boolean
  readonly condition: Expression
  readonly assignments: readonly NamedExpression[]
}

export interface ScanMachine {
  readonly declared: readonly Declared[]
  readonly steps: readonly ScanStep[]
}

/** A value of a step's last row that some condition or assignment reads. */
export interface Field extends Column {
  /** The step's index. */
  readonly step: number
}

/** The fields of all steps, those of the first step first. */
export function fieldsOf({ steps }: ScanMachine): readonly Field[] {
  const fields = new Map<string, Field>()
  const expressions = steps.flatMap(({ condition, assignments }) => [
    condition,
    ...assignments.map(({ expression }) => expression),
  ])
  for (const { step, name, type } of expressions.flatMap((expression) => [...columnsOf(expression)])) {
    const index = steps.findIndex((item) => item.name === step)
    if (index >= 0) fields.set(JSON.stringify([index, name]), { step: index, name, type })
  }
  return [...fields.values()].toSorted((left, right) => left.step - right.step)
}
