import { and, array, bound, call, lambda, not, text, when, type SqlExpression } from '../sql/node.ts'
import { rarely } from './rarely.ts'
import { realText } from './real-text.ts'

/**
 * JSON texts taken apart. The engine's printer makes `1` of the real `1.0` wherever it stands in a value, so documents with
 * such numbers are read with more care: their whole reals pass the printer as marked strings.
 */

/** An array's elements as JSON texts, `null` included; none where it is no array. */
export function arrayElements(json: SqlExpression): SqlExpression {
  return exactly(
    json,
    (document) => call('JSONExtractArrayRaw', document),
    (elements) =>
      call(
        'arrayMap',
        lambda(['e'], (element) => unmarked(element)),
        elements,
      ),
  )
}

/** A bag's keys and the JSON texts of its values. */
export function bagPairs(json: SqlExpression): SqlExpression {
  const part = (pair: SqlExpression, index: number): SqlExpression => call('tupleElement', pair, index)
  return exactly(
    json,
    (document) => call('JSONExtractKeysAndValuesRaw', document),
    (pairs) =>
      call(
        'arrayMap',
        lambda(['p'], (pair) => call('tuple', part(pair, 1), unmarked(part(pair, 2)))),
        pairs,
      ),
  )
}

/** The JSON text at a path; `null` where it says so. */
export function jsonMember(json: SqlExpression, keys: readonly SqlExpression[]): SqlExpression {
  return exactly(json, (document) => call('JSONExtractRaw', document, ...keys), unmarked)
}

/** What `read` takes out of a JSON text, its whole reals as they were; `restore` takes the marks off what it has read. */
export function exactly(
  json: SqlExpression,
  read: (document: SqlExpression) => SqlExpression,
  restore: (result: SqlExpression) => SqlExpression,
): SqlExpression {
  return bound(json, (root) => forWholeReals(root, (document) => restore(read(marked(document))), read(root)))
}

/** Documents with whole reals are read in another way; so are few others. */
export function forWholeReals(
  root: SqlExpression,
  careful: (document: SqlExpression) => SqlExpression,
  plain: SqlExpression,
): SqlExpression {
  if (root.kind === 'string' && !new RegExp(wholeReal, 'u').test(root.value)) return plain
  return rarely(hasWholeReal(root), root, careful, plain)
}

/** JSON text without the spaces between its parts, its reals as they are printed: `1e3` is `1000.0`. */
export function compactJson(json: SqlExpression): SqlExpression {
  const written = '(?:^|[:,\\[\\s])-?[0-9]+(?:[.]0+|(?:[.][0-9]+)?[eE][-+]?[0-9]+)\\s*(?:[,\\]}]|$)'
  return bound(json, (root) =>
    rarely(call('match', root, written), root, printed, call('JSONExtractRaw', root)),
  )
}

function printed(document: SqlExpression): SqlExpression {
  const tokens = call('extractAll', document, '"(?:[^"\\\\]|\\\\.)*"|[-+.0-9eE]+|[^"\\s]')
  const part = lambda(['t'], (token) => {
    const number = call('toFloat64OrZero', token)
    const isReal = and(call('match', token, '^-?[0-9]+[.eE]'), call('isFinite', number))
    return when(isReal, realText(number), token)
  })
  return call('arrayStringConcat', call('arrayMap', part, tokens))
}

/** What ends a whole real. */
const pointed = ['.0,', '.0}', '.0]', '.0 ', '.0\n', '.0\r', '.0\t', '.00']

const wholeReal = '[:,\\[\\s]-?[0-9]+[.]0+\\s*[,\\]}]'

/** No text that the rows bring is taken for one of ours: a document with this character in any spelling is read as it is. */
const mark = '\u{E0A9}'
const markText = '\u{E0A9}|\\\\u[eE]0[aA]9'

function hasWholeReal(document: SqlExpression): SqlExpression {
  return and(
    // Searches for words are many times faster than the pattern, which addresses (10.0.0.1) would set off.
    call('greater', call('position', document, '.0'), 0),
    call('multiSearchAny', document, array(pointed.map((part) => text(part)))),
    call('match', document, wholeReal),
    not(call('match', document, markText)),
  )
}

/** The document with each whole real as a marked string. */
export function marked(document: SqlExpression): SqlExpression {
  const tokens = call('extractAll', document, '"(?:[^"\\\\]|\\\\.)*"|[^"]+')
  const mapped = lambda(['t'], (token) =>
    when(
      call('startsWith', token, '"'),
      token,
      call('replaceRegexpAll', token, '(-?[0-9]+[.]0)0*([,\\]}\\s])', `"${mark}\\1"\\2`),
    ),
  )
  return call('arrayStringConcat', call('arrayMap', mapped, tokens))
}

/** Marked strings as the reals that they were. */
export function unmarked(json: SqlExpression): SqlExpression {
  return call('replaceRegexpAll', json, `"${mark}(-?[0-9]+[.]0)"`, '\\1')
}
