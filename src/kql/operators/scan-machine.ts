import { array, bound, call, cast, integer, lambda, when, type SqlExpression } from '../../sql/node.ts'
import { literalOperand, type Emitter } from '../emitter.ts'
import { operand, type Operand } from '../operand.ts'
import type { Relation, Scope } from '../relation.ts'
import { nullOf, physicalTypes } from '../types.ts'
import { fieldsOf, type Field, type ScanMachine, type ScanStep } from './scan-steps.ts'

/**
 * What each row matches: an array for each portion of rows, with an array for each row, with a tuple for each match
 * (the declared columns, and the match id).
 *
 * The fold carries a tuple: a state for each step, the next match id, and the result so far. A step's state is a tuple:
 * whether a sequence has reached it, that sequence's match id, and the fields of this step and of those before.
 */
export function foldRows(
  machine: ScanMachine,
  chunks: SqlExpression,
  rows: Relation,
  emitter: Emitter,
): SqlExpression {
  return new Fold(machine, rows, emitter).over(chunks)
}

class Fold {
  readonly #machine: ScanMachine
  readonly #rows: Relation
  readonly #emitter: Emitter
  readonly #fields: readonly Field[]
  readonly #matchesType: string
  /** Places in the fold's tuple. */
  readonly #nextId: number
  readonly #result: number

  constructor(machine: ScanMachine, rows: Relation, emitter: Emitter) {
    this.#machine = machine
    this.#rows = rows
    this.#emitter = emitter
    this.#fields = fieldsOf(machine)
    this.#matchesType = `Array(Tuple(${[...machine.declared.map(({ type }) => physicalTypes[type]), 'Int64'].join(', ')}))`
    this.#nextId = machine.steps.length + 1
    this.#result = machine.steps.length + 2
  }

  over(chunks: SqlExpression): SqlExpression {
    const { steps } = this.#machine
    const row = lambda(['all', 'row'], (all, item) => {
      // A row meets the last step first.
      let after = (states: SqlExpression): SqlExpression =>
        this.#extended(states, all, element(states, this.#result))
      for (const index of steps.keys()) {
        const next = after
        after = (states) => bound(this.#step(index, states, item), next)
      }
      return bound(this.#restarted(all, this.#matchesType), after)
    })
    const chunk = lambda(['all', 'chunk'], (all, item) => {
      const states = this.#restarted(all, `Array(${this.#matchesType})`)
      return bound(call('arrayFold', row, element(item, 2), states), (ended) =>
        this.#extended(ended, all, element(ended, this.#result)),
      )
    })
    const inactive = steps.map((_step, index) => this.#inactive(index))
    const initial = call(
      'tuple',
      ...inactive,
      call('toInt64', 0),
      cast(array([]), `Array(Array(${this.#matchesType}))`),
    )
    return element(call('arrayFold', chunk, chunks, initial), this.#result)
  }

  /** The states as they are, with an empty result. */
  #restarted(states: SqlExpression, type: string): SqlExpression {
    return call('tuple', ...this.#states(states), cast(array([]), type))
  }

  /** The states as they are, with the result of before and one element more. */
  #extended(states: SqlExpression, before: SqlExpression, result: SqlExpression): SqlExpression {
    return call(
      'tuple',
      ...this.#states(states),
      call('arrayPushBack', element(before, this.#result), result),
    )
  }

  #states(states: SqlExpression): readonly SqlExpression[] {
    return Array.from({ length: this.#nextId }, (_unused, index) => element(states, index + 1))
  }

  /** The fold's tuple after this step has met the row. */
  #step(index: number, states: SqlExpression, row: SqlExpression): SqlExpression {
    const step = this.#machine.steps[index]
    if (!step) throw new Error(`no step ${index}`)
    const own = element(states, index + 1)
    return bound(this.#candidate(index, step, states, row), (candidate) => {
      const isMatch = call('notEquals', element(candidate, 1), 0)
      const isPromoted = call('equals', element(candidate, 1), 2)
      const state = element(candidate, 2)
      const id =
        index === 0
          ? when(element(own, 1), element(own, 2), element(states, this.#nextId))
          : element(state, 2)
      return bound(this.#match(step, index, id, state, row), (match) => {
        const updated = this.#machine.steps.map((_step, at) => {
          if (at === index) return when(isMatch, this.#entered(index, match, state, row), own)
          const other = element(states, at + 1)
          return at === index - 1 ? when(isPromoted, this.#inactive(at), other) : other
        })
        const begins = call('and', isMatch, call('not', element(own, 1)))
        const nextId = element(states, this.#nextId)
        const found = element(states, this.#result)
        return call(
          'tuple',
          ...updated,
          index === 0 ? call('plus', nextId, call('toInt64', begins)) : nextId,
          step.isShown ? when(isMatch, call('arrayPushBack', found, match), found) : found,
        )
      })
    })
  }

  /** How the row meets the step (2: promotes a sequence to it, 1: goes on in it, 0: not at all), and in which state. */
  #candidate(index: number, step: ScanStep, states: SqlExpression, row: SqlExpression): SqlExpression {
    const own = element(states, index + 1)
    const meets = (state: SqlExpression): SqlExpression =>
      call('ifNull', this.#emitter.expression(step.condition, this.#scope(index, state, row)).sql, 0)
    const outcome = (value: number): SqlExpression => cast(integer(value), 'UInt8')
    if (index === 0) return call('tuple', when(meets(own), outcome(1), outcome(0)), own)
    const goesOn = call('tuple', when(call('and', element(own, 1), meets(own)), outcome(1), outcome(0)), own)
    return bound(this.#promoted(index, element(states, index)), (promoted) =>
      when(call('and', element(promoted, 1), meets(promoted)), call('tuple', outcome(2), promoted), goesOn),
    )
  }

  /** The declared columns as this step sets them, and the match id. */
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
      return cast(value.sql, physicalTypes[type])
    })
    return call('tuple', ...values, id)
  }

  /** The state of a step that has matched the row. */
  #entered(index: number, match: SqlExpression, state: SqlExpression, row: SqlExpression): SqlExpression {
    const { declared } = this.#machine
    const fields = this.#fieldsUpTo(index).map(({ step, name, type }, position) => {
      if (step < index) return element(state, position + 3)
      const found = declared.findIndex((item) => item.name === name)
      return found >= 0 ? element(match, found + 1) : cast(this.#rowValue(name, row).sql, physicalTypes[type])
    })
    return call('tuple', cast(integer(1), 'UInt8'), element(match, declared.length + 1), ...fields)
  }

  /** The state of the step before, as one of this step. */
  #promoted(index: number, before: SqlExpression): SqlExpression {
    const fields = this.#fieldsUpTo(index).map((field, position) =>
      field.step < index ? element(before, position + 3) : this.#missing(field),
    )
    return call('tuple', element(before, 1), element(before, 2), ...fields)
  }

  #inactive(index: number): SqlExpression {
    const fields = this.#fieldsUpTo(index).map((field) => this.#missing(field))
    return call('tuple', cast(integer(0), 'UInt8'), call('toInt64', 0), ...fields)
  }

  #missing({ name, type }: Field): SqlExpression {
    const declared = this.#machine.declared.find((item) => item.name === name)
    return declared ? cast(literalOperand(declared.initial).sql, physicalTypes[type]) : nullOf(type)
  }

  /** Fields are ordered by their steps, so that those of a step lie alike in the states of later ones. */
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

  #rowValue(name: string, row: SqlExpression): Operand {
    const position = this.#rows.columns.findIndex((item) => item.name === name)
    const found = this.#rows.columns[position]
    if (!found) throw new Error(`no column ${name}`)
    return operand(element(row, position + 2), found.type, found.nullable)
  }
}

function element(tuple: SqlExpression, position: number): SqlExpression {
  return call('tupleElement', tuple, position)
}
