import { assertNever } from '../../error.ts'
import { dateParts, type Comparison, type DatePart, type Item, type Matcher } from './detection.ts'
import { encodeBase64, encodeBase64Offsets, encodings, type Encoding } from './encode.ts'
import {
  joinParts,
  parsePattern,
  plainPattern,
  plainText,
  type Pattern,
  type PatternPart,
} from './pattern.ts'
import { SigmaProblem, type Position } from './problem.ts'
import type { YamlScalar } from './yaml-node.ts'

/** The values that stand for `%name%`; nothing where no list has the name. */
export type Placeholders = (name: string) => readonly string[] | undefined

/** A value on its way through the modifiers. */
type Value =
  | { readonly kind: 'pattern'; readonly pattern: Pattern }
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'plain'; readonly value: null | boolean }

interface Chain {
  readonly names: readonly string[]
  readonly position: Position
}

const dashes = '-/\u2013\u2014\u2015'
const flagWords: Readonly<Record<string, string>> = {
  i: 'i',
  ignorecase: 'i',
  m: 'm',
  multiline: 'm',
  s: 's',
  dotall: 's',
}
const places = ['contains', 'startswith', 'endswith'] as const
const comparisons = ['lt', 'lte', 'gt', 'gte'] as const
const known = new Set<string>([
  ...['all', 'cased', 'neq', 'exists', 're', 'cidr', 'fieldref', 'expand', 'windash'],
  ...['base64', 'base64offset', ...Object.keys(encodings), ...Object.keys(flagWords)],
  ...[...places, ...comparisons, ...dateParts],
])
/** Of one item. */
export const mostValues = 10_000

/** `field|modifier|modifier` and its values → what they match. */
export function readItem(
  key: string,
  scalars: readonly YamlScalar[],
  position: Position,
  placeholders: Placeholders,
): Item {
  const [field = '', ...written] = key.split('|').map((part) => part.trim())
  const names = written.map((name) => name.toLowerCase())
  const chain: Chain = { names, position }
  checkNames(chain)
  if (scalars.length === 0) throw new SigmaProblem('a list without values matches nothing', position)
  const isRaw = names.includes('re')
  const values = scalars.flatMap((scalar) => expanded(scalar, chain, isRaw, placeholders))
  if (values.length > mostValues) throw new SigmaProblem(`more than ${mostValues} values`, position)
  const quantifier = names.includes('all') ? 'all' : 'any'
  const encoded = values.map((value) => encodedValues(value, chain))
  // The offsets of one value are alternatives, even where all values are asked for.
  if (quantifier === 'all' && encoded.some((group) => group.length > 1)) {
    throw new SigmaProblem('all does not go with base64offset', position, 'write a search for each value')
  }
  return {
    ...(field === '' ? {} : { field }),
    matchers: encoded.flat().map((value) => matcher(value, chain)),
    quantifier,
    negated: names.includes('neq'),
    position,
  }
}

function checkNames({ names, position }: Chain): void {
  const unknown = names.find((name) => !known.has(name))
  if (unknown !== undefined)
    throw new SigmaProblem(
      `there is no modifier ${unknown}`,
      position,
      `modifiers are ${[...known].join(', ')}`,
    )
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined) throw new SigmaProblem(`the modifier ${repeated} stands twice`, position)
  const kinds = [
    ['re', ...Object.keys(flagWords)],
    ['cidr'],
    ['exists'],
    ['fieldref', 'cased', ...places],
    [...dateParts, ...comparisons],
    ['expand', 'windash', 'cased', 'base64', 'base64offset', ...Object.keys(encodings), ...places],
  ]
  const own = names.filter((name) => !['all', 'neq'].includes(name))
  if (!kinds.some((kind) => own.every((name) => kind.includes(name))))
    throw new SigmaProblem(`the modifiers ${own.join(', ')} do not go together`, position)
  for (const alternatives of [places, comparisons, dateParts, ['base64', 'base64offset']]) {
    const both = own.filter((name) => (alternatives as readonly string[]).includes(name))
    if (both.length > 1) throw new SigmaProblem(`${both.join(' and ')} do not go together`, position)
  }
  if (own.some((name) => name in flagWords) && !own.includes('re'))
    throw new SigmaProblem('i, m and s come after re', position)
}

function expanded(
  { value, position }: YamlScalar,
  { names }: Chain,
  isRaw: boolean,
  placeholders: Placeholders,
): readonly Value[] {
  if (value === null || typeof value === 'boolean') return [{ kind: 'plain', value }]
  const text = typeof value === 'string' ? value : numberText(value)
  if (isRaw || names.includes('cidr') || names.includes('fieldref'))
    return [{ kind: 'pattern', pattern: plainPattern(text) }]
  const pattern = parsePattern(text, names.includes('expand'))
  return fill(pattern, placeholders, position).map((filled) => ({ kind: 'pattern', pattern: filled }))
}

function numberText(value: number | bigint): string {
  return typeof value === 'number' && Object.is(value, -0) ? '0' : String(value)
}

/** Every combination of the values that the placeholders stand for. */
function fill(pattern: Pattern, placeholders: Placeholders, position: Position): readonly Pattern[] {
  let filled: readonly Pattern[] = [[]]
  for (const part of pattern) {
    const choices = part.kind === 'placeholder' ? listOf(part.name, placeholders, position) : [[part]]
    filled = filled.flatMap((before) => choices.map((choice) => [...before, ...choice]))
    if (filled.length > mostValues)
      throw new SigmaProblem(`the placeholders give more than ${mostValues} values`, position)
  }
  return filled.map((parts) => joinParts(parts))
}

function listOf(name: string, placeholders: Placeholders, position: Position): readonly Pattern[] {
  const values = placeholders(name)
  if (!values || values.length === 0) {
    const hint = `azimuth watchlist add ${name} FILE.csv`
    const why = values ? 'the watchlist has none' : `there is no watchlist ${name}`
    throw new SigmaProblem(`the placeholder %${name}% has no values: ${why}`, position, hint)
  }
  return values.map((value) => parsePattern(value))
}

function encodedValues(value: Value, { names, position }: Chain): readonly Value[] {
  let values: readonly Value[] = [value]
  for (const name of names) {
    if (name === 'windash') values = values.map((each) => withDashes(each, position))
    else if (name in encodings) {
      values = values.map((each) => ({
        kind: 'bytes',
        bytes: encodings[name as Encoding](textOf(each, name, position)),
      }))
    } else if (name === 'base64' || name === 'base64offset')
      values = values.flatMap((each) => inBase64(each, name, position))
  }
  if (values.some(({ kind }) => kind === 'bytes')) {
    throw new SigmaProblem('an encoding of characters stands before base64 or base64offset', position)
  }
  return values
}

function inBase64(value: Value, name: 'base64' | 'base64offset', position: Position): readonly Value[] {
  const bytes = value.kind === 'bytes' ? value.bytes : Buffer.from(textOf(value, name, position), 'utf8')
  const texts = name === 'base64' ? encodeBase64(bytes) : encodeBase64Offsets(bytes)
  if (texts.includes(''))
    throw new SigmaProblem('one byte leaves nothing to find at every offset', position, 'take a longer text')
  return texts.map((text) => ({ kind: 'pattern', pattern: plainPattern(text) }))
}

function withDashes(value: Value, position: Position): Value {
  if (value.kind !== 'pattern') throw new SigmaProblem('windash needs a text', position)
  const parts = value.pattern.flatMap((part): readonly PatternPart[] =>
    part.kind === 'text'
      ? Array.from(part.text, (character): PatternPart =>
          dashes.includes(character)
            ? { kind: 'oneOf', characters: dashes }
            : { kind: 'text', text: character },
        )
      : [part],
  )
  return { kind: 'pattern', pattern: joinParts(parts) }
}

function textOf(value: Value, name: string, position: Position): string {
  const text = value.kind === 'pattern' ? plainText(value.pattern) : undefined
  if (text === undefined || text === '')
    throw new SigmaProblem(
      `${name} needs a text without wildcards`,
      position,
      'put a backslash before * and ?',
    )
  return text
}

function matcher(value: Value, { names, position }: Chain): Matcher {
  if (names.includes('exists')) {
    if (value.kind !== 'plain' || value.value === null)
      throw new SigmaProblem('exists is true or false', position)
    return { kind: 'exists', expected: value.value }
  }
  const part = names.find((name): name is DatePart => (dateParts as readonly string[]).includes(name))
  const operator = names.find((name): name is Comparison => (comparisons as readonly string[]).includes(name))
  if (part !== undefined)
    return { kind: 'datePart', part, operator: operator ?? 'eq', value: numberOf(value, position) }
  if (operator !== undefined) return { kind: 'compare', operator, value: numberOf(value, position) }
  if (value.kind === 'plain' && value.value === null) {
    if (names.some((name) => name !== 'neq'))
      throw new SigmaProblem('null takes no modifier but neq', position)
    return { kind: 'null' }
  }
  const cased = names.includes('cased')
  if (value.kind === 'bytes') throw new Error('bytes become texts before they are matched')
  const pattern = value.kind === 'pattern' ? value.pattern : plainPattern(String(value.value))
  if (names.includes('re')) return regexMatcher(plainText(pattern) ?? '', names, position)
  if (names.includes('cidr')) return cidrMatcher(plainText(pattern) ?? '', position)
  const place = places.find((name) => names.includes(name))
  if (names.includes('fieldref')) {
    const field = plainText(pattern) ?? ''
    if (field === '') throw new SigmaProblem('fieldref needs the name of a field', position)
    return { kind: 'field', field, where: whereOf(place), cased }
  }
  return { kind: 'pattern', pattern: placed(pattern, place), cased }
}

function placed(pattern: Pattern, place: (typeof places)[number] | undefined): Pattern {
  const any: Pattern = [{ kind: 'any' }]
  switch (place) {
    case undefined:
      return pattern
    case 'contains':
      return joinParts([...any, ...pattern, ...any])
    case 'startswith':
      return joinParts([...pattern, ...any])
    case 'endswith':
      return joinParts([...any, ...pattern])
    default:
      return assertNever(place)
  }
}

function whereOf(place: (typeof places)[number] | undefined): 'whole' | 'start' | 'end' | 'inside' {
  if (place === undefined) return 'whole'
  return ({ contains: 'inside', startswith: 'start', endswith: 'end' } as const)[place]
}

function numberOf(value: Value, position: Position): number {
  const text = value.kind === 'pattern' ? plainText(value.pattern) : undefined
  if (text === undefined || !/^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) || !Number.isFinite(Number(text)))
    throw new SigmaProblem('a comparison needs a number', position)
  return Number(text)
}

const beyondRegex = [
  [/\(\?(?:[=!>]|<[=!])/, 'looks around itself'],
  [/(?:^|[^\\])(?:\\\\)*\\(?:[1-9]|k<)/, 'refers back to a group'],
  [/(?:^|[^\\])(?:\\\\)*[*+?}]\+/, 'has a possessive quantifier'],
] as const

function regexMatcher(source: string, names: readonly string[], position: Position): Matcher {
  const found = beyondRegex.find(([pattern]) => pattern.test(source))
  if (found)
    throw new SigmaProblem(`the expression ${found[1]}`, position, 'Sigma leaves this out of its expressions')
  const flags = [...new Set(names.flatMap((name) => flagWords[name] ?? []))].toSorted().join('')
  return { kind: 'regex', source, flags }
}

function cidrMatcher(network: string, position: Position): Matcher {
  const [address = '', prefix] = network.split('/')
  const version = address.includes(':') ? 6 : 4
  const most = version === 6 ? 128 : 32
  const isAddress = version === 6 ? /^[0-9a-f:]+(\d+\.\d+\.\d+\.\d+)?$/i : /^(\d{1,3}\.){3}\d{1,3}$/
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= most)
  const octets = version === 4 ? address.split('.').every((octet) => Number(octet) <= 255) : true
  if (!isAddress.test(address) || !isPrefix || !octets || network.split('/').length > 2)
    throw new SigmaProblem('cidr needs a network', position, 'for instance 10.0.0.0/8 or fe80::/10')
  return { kind: 'cidr', network: `${address}/${prefix ?? most}`, version }
}
