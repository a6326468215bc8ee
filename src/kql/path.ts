import { and, array, bound, call, integer, lambda, text, when, type SqlExpression } from '../sql/node.ts'
import { convert, quoteJson, withoutNull } from './convert.ts'
import { operand, type Operand } from './operand.ts'

/** Where a dynamic value was taken from, so that a longer path reads the document once. */
export interface JsonPath {
  /** JSON text, not necessarily in compact form. */
  readonly root: SqlExpression
  readonly keys: readonly SqlExpression[]
  /** What must hold for the path to be real: an index is taken of arrays only. */
  readonly guards: readonly SqlExpression[]
}

/** `target.key`, `target["key"]` or `target[index]`; null where there is none. */
export function memberOf(target: Operand, key: Operand): Operand {
  const base: JsonPath = target.path ?? { root: target.sql, keys: [], guards: [] }
  if (key.type === 'string') return fromPath({ ...base, keys: [...base.keys, key.sql] })
  const array = call('startsWith', rawOf(base), '[')
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
    compact(source),
    call('empty', source),
    text(''),
    quoteJson(source),
  )
  return { ...operand(sql, 'dynamic'), path: { root: source, keys: [], guards: [] } }
}

/**
 * JSON text without the spaces between its parts. The engine's own printer makes `1` of the real `1.0`, so a text with
 * such a number only has its spaces taken out.
 */
function compact(source: SqlExpression): SqlExpression {
  const squeezed = call('replaceRegexpAll', source, '("(?:[^"\\\\]|\\\\.)*")|\\s+', '\\1')
  const hasWholeReal = call('match', source, '[0-9][.]0+(?:[^0-9eE]|$)')
  return when(hasWholeReal, squeezed, withoutNull(call('JSONExtractRaw', source)))
}

function fromPath(path: JsonPath): Operand {
  const value = withoutNull(withPoints(path))
  const sql = path.guards.length === 0 ? value : when(and(...path.guards), value, text(''))
  return { ...operand(sql, 'dynamic'), path }
}

/** No text that the rows bring is taken for one of ours: where the mark stands in a document, it is read as it is. */
const mark = '\u{E0A9}real:'

/** What ends a whole real. */
const endings = ['.0,', '.0}', '.0]', '.0 ', '.0\n', '.0\r', '.0\t', '.00']

/**
 * The value at a path. The engine's own printer makes `1` of the real `1.0` wherever it stands in a value, so in a
 * document that has such numbers they go through it as marked strings.
 */
function withPoints({ root, keys }: JsonPath): SqlExpression {
  return bound(root, (document) => pointed(document, keys))
}

function pointed(root: SqlExpression, keys: readonly SqlExpression[]): SqlExpression {
  const hasWholeReal = and(
    // Searches for words are many times faster than the pattern, which addresses (10.0.0.1) would set off.
    call('greater', call('position', root, '.0'), 0),
    call('multiSearchAny', root, array(endings.map((part) => text(part)))),
    call('match', root, '[:,\\[\\s]-?[0-9]+[.]0+\\s*[,\\]}]'),
    call('equals', call('position', root, mark), 0),
  )
  const tokens = call('extractAll', root, '"(?:[^"\\\\]|\\\\.)*"|[^"]+')
  const marked = lambda(['t'], (token) =>
    when(
      call('startsWith', token, '"'),
      token,
      call('replaceRegexpAll', token, '(-?[0-9]+[.]0)0*([,\\]}\\s])', `"${mark}\\1"\\2`),
    ),
  )
  const document = call('arrayStringConcat', call('arrayMap', marked, tokens))
  const kept = call(
    'replaceRegexpAll',
    call('JSONExtractRaw', document, ...keys),
    `"${mark}(-?[0-9]+[.]0)"`,
    '\\1',
  )
  return when(hasWholeReal, kept, call('JSONExtractRaw', root, ...keys))
}

function rawOf({ root, keys }: JsonPath): SqlExpression {
  return call('JSONExtractRaw', root, ...keys)
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
