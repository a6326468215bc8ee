import { assertNever } from '../../error.ts'
import type { DatePart, Matcher } from './detection.ts'
import { kqlReal, kqlText } from './kql-text.ts'
import { patternRegex, plainText, type Pattern } from './pattern.ts'

/** Matchers that ask what a value is; `null` and `exists` ask whether there is one. */
export type ValueMatcher = Exclude<Matcher, { readonly kind: 'null' | 'exists' | 'field' }>

/** KQL that is true where a text is a value that the matcher fits. It is never null, and false for an empty text. */
export function matches(matcher: ValueMatcher, text: string): string {
  switch (matcher.kind) {
    case 'pattern':
      return matchesPattern(matcher.pattern, matcher.cased, text)
    case 'regex': {
      const flags = matcher.flags === '' ? '' : `(?${matcher.flags})`
      return `(isnotempty(${text}) and ${text} matches regex ${kqlText(flags + matcher.source)})`
    }
    case 'cidr':
      return inNetwork(matcher, text)
    case 'compare':
      return compares(isNumber(text), `todouble(${text})`, matcher.operator, matcher.value)
    case 'datePart': {
      const part = `toreal(${datePart(matcher.part, `todatetime(${text})`)})`
      return compares(`isnotnull(todatetime(${text}))`, part, matcher.operator, matcher.value)
    }
    default:
      return assertNever(matcher)
  }
}

/** The literal texts of matchers that compare whole values, case apart, or nothing where one does more. */
export function wholeTexts(matchers: readonly Matcher[]): readonly string[] | undefined {
  const texts = matchers.map((matcher) =>
    matcher.kind === 'pattern' && !matcher.cased ? plainText(matcher.pattern) : undefined,
  )
  return texts.some((text) => text === undefined || text === '') ? undefined : texts.map((text) => text ?? '')
}

/** Whether one text holds another in a place; both must have something in them. */
export function holds(
  text: string,
  where: 'whole' | 'start' | 'end' | 'inside',
  cased: boolean,
  other: string,
): string {
  const operator = {
    whole: cased ? '==' : '=~',
    start: cased ? 'startswith_cs' : 'startswith',
    end: cased ? 'endswith_cs' : 'endswith',
    inside: cased ? 'contains_cs' : 'contains',
  }[where]
  return `${text} ${operator} ${other}`
}

function matchesPattern(pattern: Pattern, cased: boolean, text: string): string {
  const whole = plainText(pattern)
  if (whole !== undefined)
    return whole === '' ? `isempty(${text})` : holds(text, 'whole', cased, kqlText(whole))
  const isOpen = (index: number): boolean => pattern.at(index)?.kind === 'any'
  const inner = plainText(pattern.slice(isOpen(0) ? 1 : 0, isOpen(-1) ? -1 : undefined))
  if (inner === '' || inner === undefined)
    return inner === '' ? `isnotempty(${text})` : matchesWild(pattern, cased, text)
  const where = isOpen(0) ? (isOpen(-1) ? 'inside' : 'end') : 'start'
  return holds(text, where, cased, kqlText(inner))
}

function matchesWild(pattern: Pattern, cased: boolean, text: string): string {
  return `${text} matches regex ${kqlText(`(?${cased ? '' : 'i'}s)${patternRegex(pattern)}`)}`
}

/** An address may carry a port, brackets, or the mark of an IPv4 address in IPv6. */
function inNetwork({ network, version }: ValueMatcher & { readonly kind: 'cidr' }, text: string): string {
  if (version === 4) {
    const address = `extract(${kqlText(String.raw`^(?i:::ffff:)?(\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?$`)}, 1, ${text})`
    return `coalesce(ipv4_is_in_range(${address}, ${kqlText(network)}), false)`
  }
  const address = `extract(${kqlText(String.raw`^\[?([0-9a-fA-F.]*:[0-9a-fA-F:.]*)(?:\](?::\d+)?)?$`)}, 1, ${text})`
  return `coalesce(ipv6_is_in_range(${address}, ${kqlText(network)}), false)`
}

function isNumber(text: string): string {
  return `${text} matches regex ${kqlText(String.raw`^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)}`
}

const operators = { lt: '<', lte: '<=', gt: '>', gte: '>=', eq: '==' } as const

function compares(guard: string, left: string, operator: keyof typeof operators, value: number): string {
  return `coalesce(${guard} and ${left} ${operators[operator]} ${kqlReal(value)}, false)`
}

function datePart(part: DatePart, time: string): string {
  switch (part) {
    case 'minute':
      return `datetime_part("minute", ${time})`
    case 'hour':
      return `hourofday(${time})`
    case 'day':
      return `dayofmonth(${time})`
    case 'week':
      return `week_of_year(${time})`
    case 'month':
      return `monthofyear(${time})`
    case 'year':
      return `getyear(${time})`
    default:
      return assertNever(part)
  }
}
