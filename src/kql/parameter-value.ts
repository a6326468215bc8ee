import type { Place } from './diagnostic.ts'
import { textLiteral } from './expressions.ts'
import type { Expression } from './plan.ts'
import type { KqlType } from './types.ts'

/** The value of a query parameter that was given as text, as KQL's literal of its type would read it. Nothing where it is none. */
export function parameterValue(type: KqlType, text: string, place: Place): Expression | undefined {
  if (type === 'string') return { kind: 'literal', type, value: text, place }
  if (type !== 'dynamic') {
    const value = textLiteral(type, text.trim())
    return value === undefined ? undefined : { kind: 'literal', type, value, place }
  }
  if (!isJson(text)) return undefined
  const json: Expression = { kind: 'literal', type: 'string', value: text, place }
  return { kind: 'call', name: 'parse_json', args: [json], type, place }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}
