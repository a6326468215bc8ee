import { and, call, integer, text, when, type SqlExpression } from '../sql/node.ts'
import { convert, quoteJson } from './convert.ts'
import { compactJson } from './json-parts.ts'
import { operand, type Operand } from './operand.ts'
import { pathJson, pathRaw, withoutNull, type JsonPath } from './path-value.ts'

/** `target.key`, `target["key"]` or `target[index]`; null where there is none. */
export function memberOf(target: Operand, key: Operand): Operand {
  const base: JsonPath = target.path ?? { root: target.sql, keys: [], guards: [] }
  if (key.type === 'string') return fromPath({ ...base, keys: [...base.keys, key.sql] })
  const array = call('startsWith', pathRaw(base), '[')
  return fromPath({ ...base, keys: [...base.keys, indexOf(key)], guards: [...base.guards, array] })
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
function indexOf(key: Operand): SqlExpression {
  const value = key.literal?.value
  if (typeof value === 'string') {
    const index = BigInt(value)
    return integer(index < 0n ? index : index + 1n)
  }
  const index = call('ifNull', convert(key, 'long'), integer(1_000_000_000))
  return call('plus', index, call('greaterOrEquals', index, 0))
}
