import { and, array, bound, call, lambda, text, when, type SqlExpression } from '../sql/node.ts'

/** Where a dynamic value was taken from, so that a longer path reads the document once. */
export interface JsonPath {
  /** JSON text, not necessarily in compact form. */
  readonly root: SqlExpression
  readonly keys: readonly SqlExpression[]
  /** What must hold for the path to be real: an index is taken of arrays only. */
  readonly guards: readonly SqlExpression[]
}

/** The JSON text at a path as the engine prints it: whole reals have lost their points. */
export function pathRaw({ root, keys }: JsonPath): SqlExpression {
  return call('JSONExtractRaw', root, ...keys)
}

/** The JSON text at a path; `null` where it says so. */
export function pathJson(path: JsonPath): SqlExpression {
  return bound(path.root, (root) =>
    forWholeReals(root, (document) => markedJson({ ...path, root: document }), pathRaw({ ...path, root })),
  )
}

/** JSON's `null` becomes the missing value. */
export function withoutNull(json: SqlExpression): SqlExpression {
  return bound(json, (value) => when(call('equals', value, 'null'), text(''), value))
}

/** The text of a dynamic value: a string's content, the JSON text of anything else. */
export function jsonText(json: SqlExpression, path: JsonPath | undefined): SqlExpression {
  return bound(json, (value) =>
    when(call('startsWith', value, '"'), call('JSONExtractString', value), numberText(value, path)),
  )
}

/** As `jsonText` of what a path in a column leads to, but read at one go unless the document has whole reals. */
export function columnPathText(path: JsonPath): SqlExpression {
  const exact = (document: SqlExpression): SqlExpression => {
    const inner = { ...path, root: document }
    return jsonText(withoutNull(markedJson(inner)), inner)
  }
  return forWholeReals(path.root, exact, call('JSONExtractString', path.root, ...path.keys))
}

/**
 * The engine's printer makes `1` of the real `1.0` wherever it stands in a value, so documents with such numbers are read
 * with more care. They go through an array that is empty for all others, because the engine may compute both branches
 * of a condition for every row.
 */
function forWholeReals(
  root: SqlExpression,
  careful: (document: SqlExpression) => SqlExpression,
  plain: SqlExpression,
): SqlExpression {
  const rare = call('arrayMap', lambda(['d'], careful), when(hasWholeReal(root), array([root]), array([])))
  return when(hasWholeReal(root), call('arrayElement', rare, 1), plain)
}

/** What ends a whole real. */
const pointed = ['.0,', '.0}', '.0]', '.0 ', '.0\n', '.0\r', '.0\t', '.00']

function hasWholeReal(document: SqlExpression): SqlExpression {
  return and(
    // Searches for words are many times faster than the pattern, which addresses (10.0.0.1) would set off.
    call('greater', call('position', document, '.0'), 0),
    call('multiSearchAny', document, array(pointed.map((part) => text(part)))),
    call('match', document, '[:,\\[\\s]-?[0-9]+[.]0+\\s*[,\\]}]'),
  )
}

/** No text that the rows bring is taken for one of ours: where the mark stands in a document, it is read as it is. */
const mark = '\u{E0A9}real:'

/** Whole reals pass the engine's printer as marked strings. */
function markedJson(path: JsonPath): SqlExpression {
  const { root, keys } = path
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
  return when(call('equals', call('position', root, mark), 0), kept, pathRaw(path))
}

/** JSON functions print the real 1.0 as 1; the document's own type tells the two apart. */
function numberText(json: SqlExpression, path: JsonPath | undefined): SqlExpression {
  if (!path || path.keys.length === 0) return json
  const isReal = call('equals', call('JSONType', path.root, ...path.keys), 'Double')
  return when(and(call('match', json, '^-?[0-9]+$'), isReal), call('concat', json, '.0'), json)
}
