import { array, bound, call, cast, integer, lambda, when, type SqlExpression } from '../../sql/node.ts'
import { convert } from '../convert.ts'
import { literalOperand, type Emitter } from '../emitter.ts'
import { operand } from '../operand.ts'
import {
  columnsOf,
  type Column,
  type Expression,
  type LiteralExpression,
  type NamedExpression,
} from '../plan.ts'
import type { Relation, Scope } from '../relation.ts'
import { nullOf, physicalTypes } from '../types.ts'

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
interface Field extends Column {
  /** The step's index. */
  readonly step: number
}

/**
 * What each row matches, as an array of arrays: an element for each match, of the match id and the declared columns.
 *
 * The fold carries a tuple: a state for each step, the next match id, and the result so far. A step's state is a tuple:
 * whether a sequence has reached it, that sequence's match id, and the fields of this step and those before.
 */
export function foldRows(
  machine: ScanMachine,
  rows: SqlExpression,
  row: Relation,
  emitter: Emitter,
): SqlExpression {
  return new Fold(machine, row, emitter).over(rows)
}

class Fold {
  readonly #machine: ScanMachine
  readonly #row: Relation
  readonly #emitter: Emitter
  readonly #fields: readonly Field[]
  readonly #matchType: string

  constructor(machine: ScanMachine, row: Relation, emitter: Emitter) {
    this.#machine = machine
    this.#row = row
    this.#emitter = emitter
    this.#fields = fieldsOf(machine)
    this.#matchType = `Array(Tuple(${['Int64', ...machine.declared.map(({ type }) => physicalTypes[type])].join(', ')}))`
  }

  over(rows: SqlExpression): SqlExpression {
    const { steps } = this.#machine
    const nextId = steps.length + 1
    const result = steps.length + 2
    const initial = call(
      'tuple',
      ...steps.map((_step, index) => this.#inactive(index)),
      integerOf(0),
      cast(array([]), `Array(${this.#matchType})`),
    )
    const walk = lambda(['all', 'row'], (all, row) => {
      const kept = [...steps.keys()].map((index) => element(all, index + 1))
      const before = call('tuple', ...kept, element(all, nextId), cast(array([]), this.#matchType))
      // A row meets the last step first.
      let after = (states: SqlExpression): SqlExpression =>
        call(
          'tuple',
          ...[...steps.keys()].map((index) => element(states, index + 1)),
          element(states, nextId),
          call('arrayPushBack', element(all, result), element(states, result)),
        )
      for (const index of steps.keys()) {
        const next = after
        after = (states) => bound(this.#step(index, states, row), next)
      }
      return bound(before, after)
    })
    return element(call('arrayFold', walk, rows, initial), result)
  }

  /** The states after this step has met the row. */
  #step(index: number, states: SqlExpression, row: SqlExpression): SqlExpression {
    const { steps } = this.#machine
    const step = steps[index]
    if (!step) throw new Error(`no step ${index}`)
    const own = element(states, index + 1)
    const before = index === 0 ? undefined : element(states, index)
    const nextId = element(states, steps.length + 1)
    const meets = (state: SqlExpression): SqlExpression =>
      call('ifNull', this.#emitter.expression(step.condition, this.#scope(index, state, row)).sql, 0)
    const goesOn = before ? call('and', element(own, 1), meets(own)) : meets(own)
    const outcome = before
      ? when(
          bound(this.#promoted(index, before), (state) => call('and', element(state, 1), meets(state))),
          integer(2),
          when(goesOn, integer(1), integer(0)),
        )
      : when(goesOn, integer(1), integer(0))
    return bound(outcome, (how) => {
      const isPromoted = call('equals', how, 2)
      const state = before ? when(isPromoted, this.#promoted(index, before), own) : own
      const isMatch = call('notEquals', how, 0)
      const id = before ? element(state, 2) : when(element(own, 1), element(own, 2), nextId)
      return bound(this.#match(step, index, id, state, row), (match) => {
        const updated = steps.map((_step, at) => {
          if (at === index) return when(isMatch, this.#entered(index, match, state, row), own)
          const unchanged = element(states, at + 1)
          return at === index - 1 ? when(isPromoted, this.#inactive(at), unchanged) : unchanged
        })
        const begins = call('and', isMatch, call('not', element(own, 1)))
        const id = before ? nextId : call('plus', nextId, call('toInt64', begins))
        const found = element(states, steps.length + 2)
        const shown = step.isShown ? when(isMatch, call('arrayPushBack', found, match), found) : found
        return call('tuple', ...updated, id, shown)
      })
    })
  }

  /** The match id and the declared columns as this step sets them. */
  #match(
    step: ScanStep,
    index: number,
    id: SqlExpression,
    state: SqlExpression,
    row: SqlExpression,
  ): SqlExpression {
    const scope = this.#scope(index, state, row)
    const values = this.#machine.declared.map(({ name, type, initial }) => {
      const assigned = step.assignments.find((item) => item.name === name)
      const value = assigned ? this.#emitter.expression(assigned.expression, scope) : literalOperand(initial)
      return cast(convert(value, type), physicalTypes[type])
    })
    return call('tuple', id, ...values)
  }

  /** The state of a step that has matched the row. */
  #entered(index: number, match: SqlExpression, state: SqlExpression, row: SqlExpression): SqlExpression {
    const fields = this.#fieldsUpTo(index).map(({ step, name, type }, position) => {
      if (step < index) return element(state, position + 3)
      const declared = this.#machine.declared.findIndex((item) => item.name === name)
      if (declared >= 0) return element(match, declared + 2)
      return cast(this.#rowValue(name, row).sql, physicalTypes[type])
    })
    return call('tuple', cast(integer(1), 'UInt8'), element(match, 1), ...fields)
  }

  /** The state of the step before, as the one of this step. */
  #promoted(index: number, before: SqlExpression): SqlExpression {
    const fields = this.#fieldsUpTo(index).map((field, position) =>
      field.step < index ? element(before, position + 3) : this.#missing(field),
    )
    return call('tuple', element(before, 1), element(before, 2), ...fields)
  }

  #inactive(index: number): SqlExpression {
    return call(
      'tuple',
      cast(integer(0), 'UInt8'),
      integerOf(0),
      ...this.#fieldsUpTo(index).map((field) => this.#missing(field)),
    )
  }

  #missing({ name, type }: Field): SqlExpression {
    const declared = this.#machine.declared.find((item) => item.name === name)
    return declared ? cast(literalOperand(declared.initial).sql, physicalTypes[type]) : nullOf(type)
  }

  /** Fields are ordered by their steps, so that those of a step stay where they are in the states of later ones. */
  #fieldsUpTo(index: number): readonly Field[] {
    return this.#fields.filter(({ step }) => step <= index)
  }

  #scope(index: number, state: SqlExpression, row: SqlExpression): Scope {
    const fields = this.#fieldsUpTo(index)
    return (name, step) => {
      if (step === undefined) return this.#rowValue(name, row)
      const position = fields.findIndex(
        (field) => field.name === name && this.#machine.steps[field.step]?.name === step,
      )
      const field = fields[position]
      if (!field) throw new Error(`the step ${step} keeps no ${name}`)
      return operand(element(state, position + 3), field.type)
    }
  }

  /** A column of the row itself; declared ones have their initial value. */
  #rowValue(name: string, row: SqlExpression): ReturnType<Scope> {
    const declared = this.#machine.declared.find((item) => item.name === name)
    if (declared) return literalOperand(declared.initial)
    const position = this.#row.columns.findIndex((item) => item.name === name)
    const found = this.#row.columns[position]
    if (!found) throw new Error(`no column ${name}`)
    return operand(element(row, position + 2), found.type, found.nullable)
  }
}

function fieldsOf({ steps }: ScanMachine): readonly Field[] {
  const fields = new Map<string, Field>()
  for (const { condition, assignments } of steps) {
    for (const { step, name, type } of [
      condition,
      ...assignments.map(({ expression }) => expression),
    ].flatMap((item) => [...columnsOf(item)])) {
      const index = steps.findIndex((item) => item.name === step)
      if (index >= 0) fields.set(JSON.stringify([index, name]), { step: index, name, type })
    }
  }
  return [...fields.values()].sort((left, right) => left.step - right.step)
}

function element(tuple: SqlExpression, position: number): SqlExpression {
  return call('tupleElement', tuple, position)
}

function integerOf(value: number): SqlExpression {
  return call('toInt64', value)
}
