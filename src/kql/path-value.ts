import { and, bound, call, text, when, type SqlExpression } from '../sql/node.ts'
import { forWholeReals, jsonMember, marked, unmarked } from './json-parts.ts'

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
  return jsonMember(path.root, path.keys)
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
  const exact = (document: SqlExpression): SqlExpression =>
    jsonText(withoutNull(unmarked(pathRaw({ ...path, root: marked(document) }))), { ...path, root: document })
  return forWholeReals(path.root, exact, call('JSONExtractString', path.root, ...path.keys))
}

/** JSON functions print the real 1.0 as 1; the document's own type tells the two apart. */
function numberText(json: SqlExpression, path: JsonPath | undefined): SqlExpression {
  if (!path || path.keys.length === 0) return json
  const isReal = call('equals', call('JSONType', path.root, ...path.keys), 'Double')
  return when(and(call('match', json, '^-?[0-9]+$'), isReal), call('concat', json, '.0'), json)
}
