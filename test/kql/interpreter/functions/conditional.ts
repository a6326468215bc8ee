import { emptyOf } from '../convert.ts'
import { fitted } from '../arguments.ts'
import { not } from '../binary.ts'
import type { Call, Meaning } from '../scope.ts'
import { compare, type Value } from '../value.ts'

function chosen(call: Call, index: number): Value {
  const type = call.types[index] ?? call.type
  return fitted(call.values[index] ?? null, type, call.type)
}

function iff(call: Call): Value {
  return chosen(call, call.values[0] === true ? 1 : 2)
}

function isMissing(value: Value | undefined, type: string | undefined): boolean {
  return value === null || value === undefined || ((type === 'string' || type === 'dynamic') && value === '')
}

function outermost(call: Call, direction: number): Value {
  let best: Value = null
  for (const [index, value] of call.values.entries()) {
    const fit = value === null ? null : fitted(value, call.types[index] ?? call.type, call.type)
    if (typeof fit === 'number' && Number.isNaN(fit)) return NaN
    if (fit !== null && (best === null || compare(fit, best) * direction > 0)) best = fit
  }
  return best ?? emptyOf(call.type)
}

export const conditionalFunctions: Readonly<Record<string, Meaning>> = {
  iff,
  iif: iff,
  case: (call) => {
    for (let index = 0; index + 1 < call.values.length; index += 2) {
      if (call.values[index] === true) return chosen(call, index + 1)
    }
    return chosen(call, call.values.length - 1)
  },
  coalesce: (call) => {
    const found = call.values.findIndex((value, index) => !isMissing(value, call.types[index]))
    return found < 0 ? emptyOf(call.type) : chosen(call, found)
  },
  not: ({ values: [value = null] }) => not(value),
  isnull: ({ values: [value], types: [type] }) => type !== 'string' && value === null,
  isnotnull: ({ values: [value], types: [type] }) => type === 'string' || value !== null,
  notnull: ({ values: [value], types: [type] }) => type === 'string' || value !== null,
  isempty: ({ values: [value], types: [type] }) => isMissing(value, type),
  isnotempty: ({ values: [value], types: [type] }) => !isMissing(value, type),
  notempty: ({ values: [value], types: [type] }) => !isMissing(value, type),
  max_of: (call) => outermost(call, 1),
  min_of: (call) => outermost(call, -1),
  assert: ({ values: [value = null] }) => value,
  column_ifexists: (call) => (call.values[0] === null ? null : chosen(call, 1)),
}
