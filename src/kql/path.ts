import { and, call, integer, text, when, type SqlExpression } from '../sql/node.ts'
import { convert, quoteJson } from './convert.ts'
import { Refusal, type Place } from './diagnostic.ts'
import { compactJson } from './json-parts.ts'
import { operand, type Operand } from './operand.ts'
import { pathJson, pathRaw, withoutNull, type JsonPath } from './path-value.ts'

const notAnIndex = 'a member is named by a text or counted by a whole number'
const indexHint = 'use tostring() or tolong()'
const nowhere = 1_000_000_000

/**
 * `target.key`, `target["key"]` or `target[index]`; null where there is none. A dynamic is an index as long as it holds a
 * number: what else Kusto makes of it is not documented.
 */
export function memberOf(target: Operand, key: Operand, place: Place): Operand {
  const base: JsonPath = target.path ?? { root: target.sql, keys: [], guards: [] }
  if (key.type === 'string') return fromPath({ ...base, keys: [...base.keys, key.sql] })
  const array = call('startsWith', pathRaw(base), '[')
  return fromPath({ ...base, keys: [...base.keys, indexOf(key, place)], guards: [...base.guards, array] })
}

/** `parse_json()`: JSON text becomes its value, any other text a string. */
export function parsedJson(value: Operand): Operand {
  if (value.type === 'dynamic') return value
  const source = convert(value, 'string')
  if (value.type !== 'string') return operand(convert(value, 'dynamic'), 'dynamic')
  const sql = call(
    'multiIf',
    call('isValidJSON', source),
    withoutNull(compactJson(source)),
    call('empty', source),
    text(''),
    quoteJson(source),
  )
  return { ...operand(sql, 'dynamic'), path: { root: source, keys: [], guards: [] } }
}

function fromPath(path: JsonPath): Operand {
  const value = withoutNull(pathJson(path))
  const sql = path.guards.length === 0 ? value : when(and(...path.guards), value, text(''))
  return { ...operand(sql, 'dynamic'), path }
}

/** KQL counts from 0, JSONExtract from 1; negative numbers count from the end in both. */
function indexOf(key: Operand, place: Place): SqlExpression {
  const value = key.literal?.value
  if (typeof value === 'string' && /^-?\d+$/.test(value)) {
    const index = BigInt(value)
    return integer(index < 0n ? index : index + 1n)
  }
  if (typeof value === 'string') throw new Refusal('unsupported-type', notAnIndex, place, indexHint)
  const number = call('ifNull', convert(key, 'long'), integer(nowhere))
  const index =
    key.type === 'dynamic'
      ? when(
          call(
            'equals',
            call('throwIf', call('match', key.sql, '^[^-0-9n]'), `${notAnIndex}: ${indexHint}`),
            0,
          ),
          number,
          integer(nowhere),
        )
      : number
  return call('plus', index, call('greaterOrEquals', index, 0))
}
