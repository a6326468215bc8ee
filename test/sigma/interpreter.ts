/**
 * Sigma as its specification says it, in the slowest and plainest way: one event, one rule, no plan. It shares no code with
 * `src/hunt/sigma`, which the property tests compare with it.
 */
export type Event = Readonly<Record<string, unknown>>
export type Detection = Readonly<Record<string, unknown>>

/** The texts that a field has in an event. */
export type ValuesOf = (event: Event, field: string) => readonly string[]

export interface World {
  readonly values: ValuesOf
  /** Every text of the event, for keywords. */
  readonly texts: (event: Event) => readonly string[]
  readonly placeholders: Readonly<Record<string, readonly string[]>>
}

export function detects(detection: Detection, event: Event, world: World): boolean {
  const conditions = [detection['condition']].flat().map((each) => said(each))
  return conditions.some((condition) => holds(condition, detection, event, world))
}

/** A value of the rule as text. */
function said(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Names become true or false, then brackets are worked off from the inside. */
function holds(condition: string, detection: Detection, event: Event, world: World): boolean {
  const names = Object.keys(detection).filter((name) => name !== 'condition')
  const truth = new Map(names.map((name) => [name, searchHolds(detection[name], event, world)]))
  let words = condition.replaceAll('(', ' ( ').replaceAll(')', ' ) ').trim().split(/\s+/)
  const quantified: string[] = []
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? ''
    if (['1', 'all', 'any'].includes(word.toLowerCase()) && words[index + 1]?.toLowerCase() === 'of') {
      const pattern = words[index + 2] ?? ''
      const meant = names.filter((name) =>
        pattern === 'them' ? !name.startsWith('_') : wildcards(pattern, name, true, false),
      )
      const truths = new Set(meant.map((name) => truth.get(name) ?? false))
      quantified.push(String(word.toLowerCase() === 'all' ? !truths.has(false) : truths.has(true)))
      index += 2
    } else quantified.push(truth.has(word) ? String(truth.get(word)) : word.toLowerCase())
  }
  words = quantified
  while (words.length > 1) {
    const close = words.indexOf(')')
    const open = close < 0 ? -1 : words.lastIndexOf('(', close)
    const inner = words.slice(open + 1, close < 0 ? undefined : close)
    const value = String(flat(inner))
    words = close < 0 ? [value] : [...words.slice(0, open), value, ...words.slice(close + 1)]
  }
  return words[0] === 'true'
}

function flat(words: readonly string[]): boolean {
  const or = words.lastIndexOf('or')
  if (or >= 0) return flat(words.slice(0, or)) || flat(words.slice(or + 1))
  const and = words.lastIndexOf('and')
  if (and >= 0) return flat(words.slice(0, and)) && flat(words.slice(and + 1))
  if (words[0] === 'not') return !flat(words.slice(1))
  return words[0] === 'true'
}

function searchHolds(search: unknown, event: Event, world: World): boolean {
  if (Array.isArray(search)) {
    return search.some((each: unknown) =>
      typeof each === 'object' && each !== null
        ? searchHolds(each, event, world)
        : itemHolds('', [each], event, world),
    )
  }
  if (typeof search !== 'object' || search === null) return itemHolds('', [search], event, world)
  return Object.entries(search).every(([key, value]) => itemHolds(key, [value].flat(), event, world))
}

function itemHolds(key: string, given: readonly unknown[], event: Event, world: World): boolean {
  const [field = '', ...modifiers] = key.split('|')
  const has = (name: string): boolean => modifiers.includes(name)
  const one = (value: unknown): boolean => valueHolds(field, value, modifiers, event, world)
  const all = has('all') ? given.every(one) : given.some(one)
  return has('neq') ? !all : all
}

function valueHolds(
  field: string,
  value: unknown,
  modifiers: readonly string[],
  event: Event,
  world: World,
): boolean {
  const has = (name: string): boolean => modifiers.includes(name)
  const texts = field === '' ? world.texts(event) : world.values(event, field)
  if (has('exists')) return value === texts.length > 0
  const isPlaced = ['contains', 'startswith', 'endswith'].some((name) => has(name))
  if (value === null || (value === '' && !isPlaced)) return texts.length === 0
  const cased = has('cased')
  if (has('fieldref')) {
    return world
      .values(event, said(value))
      .some((other) => texts.some((text) => placedIn(text, other, modifiers, cased)))
  }
  if (has('re')) {
    const flags = ['i', 'm', 's'].filter((flag) => has(flag)).join('')
    return texts.some((text) => new RegExp(said(value), `${flags}u`).test(text))
  }
  if (has('cidr')) return texts.some((text) => inNetwork(text, said(value)))
  const part = ['minute', 'hour', 'day', 'month', 'year'].find((name) => has(name))
  const operator = ['lt', 'lte', 'gt', 'gte'].find((name) => has(name))
  if (part !== undefined)
    return texts.some((text) => {
      const time = Date.parse(text)
      return Number.isFinite(time) && compare(partOf(new Date(time), part), operator ?? 'eq', Number(value))
    })
  if (operator !== undefined)
    return texts.some(
      (text) =>
        /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) && compare(Number(text), operator, Number(value)),
    )
  return wanted(value, modifiers, world).some(({ pattern, isPlain }) => {
    const whole = field === '' || has('contains')
    const before = whole || has('endswith') ? '*' : ''
    const after = whole || has('startswith') ? '*' : ''
    const plain = isPlain ? escapeAll(pattern) : pattern
    return texts.some((text) => wildcards(before + plain + after, text, cased, has('windash')))
  })
}

interface Wanted {
  readonly pattern: string
  readonly isPlain: boolean
}

function wanted(value: unknown, modifiers: readonly string[], { placeholders }: World): readonly Wanted[] {
  let patterns: readonly string[] = [said(value)]
  if (modifiers.includes('expand')) {
    for (const [name, values] of Object.entries(placeholders)) {
      patterns = patterns.flatMap((pattern) =>
        pattern.includes(`%${name}%`)
          ? values.map((each) => pattern.replaceAll(`%${name}%`, each))
          : [pattern],
      )
    }
  }
  const encoding = modifiers.find((name) => ['wide', 'utf16le', 'utf16be', 'utf16'].includes(name))
  const bytes = (text: string): Buffer => {
    if (encoding === undefined) return Buffer.from(text, 'utf8')
    const units = [...Array(text.length).keys()].map((index) => text.charCodeAt(index))
    const marked = encoding === 'utf16' ? [0xfeff, ...units] : units
    return Buffer.from(
      marked.flatMap((unit) => {
        const [low, high] = [unit % 256, Math.floor(unit / 256)]
        return encoding === 'utf16be' ? [high, low] : [low, high]
      }),
    )
  }
  if (modifiers.includes('base64'))
    return patterns.map((text) => ({ pattern: bytes(unescape(text)).toString('base64'), isPlain: true }))
  if (modifiers.includes('base64offset')) {
    return patterns.flatMap((text) =>
      [0, 1, 2].map((offset) => ({ pattern: stable(bytes(unescape(text)), offset), isPlain: true })),
    )
  }
  return patterns.map((pattern) => ({ pattern, isPlain: false }))
}

/** What base64 has in common whatever stands around the bytes: found by trying neighbours. */
function stable(bytes: Buffer, offset: number): string {
  const encode = (before: number, after: number): string =>
    Buffer.concat([Buffer.alloc(offset, before), bytes, Buffer.alloc(3, after)]).toString('base64')
  const samples = [encode(0, 0), encode(255, 255), encode(0, 255), encode(255, 0)]
  const [first = ''] = samples
  const same = Array.from(first, (character, index) =>
    samples.every((sample) => sample.charAt(index) === character),
  )
  const from = same.indexOf(true)
  const broken = same.indexOf(false, from)
  return first.slice(from, broken < 0 ? undefined : broken)
}

function unescape(text: string): string {
  return text.replaceAll(/\\([*?\\])/g, '$1')
}

function escapeAll(text: string): string {
  return text.replaceAll(/[*?\\]/g, (character) => `\\${character}`)
}

const dashes = new Set(['-', '/', '\u2013', '\u2014', '\u2015'])

/** Matches character by character, trying every length for `*`. */
function wildcards(pattern: string, text: string, cased: boolean, dashed: boolean): boolean {
  const parts = tokens(pattern)
  const characters = Array.from(text)
  const memory = new Map<string, boolean>()
  const from = (part: number, place: number): boolean => {
    const key = `${part} ${place}`
    const known = memory.get(key)
    if (known !== undefined) return known
    const result = tried(part, place)
    memory.set(key, result)
    return result
  }
  const tried = (part: number, place: number): boolean => {
    const token = parts[part]
    if (!token) return place === characters.length
    if (token.wild && token.text === '*')
      return from(part + 1, place) || (place < characters.length && from(part, place + 1))
    const character = characters[place]
    if (character === undefined) return false
    const fits = token.wild || sameCharacter(token.text, character, cased, dashed)
    return fits && from(part + 1, place + 1)
  }
  return from(0, 0)
}

function tokens(pattern: string): readonly { readonly text: string; readonly wild: boolean }[] {
  const found: { readonly text: string; readonly wild: boolean }[] = []
  const characters = Array.from(pattern)
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index] ?? ''
    const next = characters[index + 1]
    if (character === '\\' && next !== undefined && ['*', '?', '\\'].includes(next)) {
      found.push({ text: next, wild: false })
      index += 1
    } else found.push({ text: character, wild: character === '*' || character === '?' })
  }
  return found
}

function sameCharacter(wantedCharacter: string, character: string, cased: boolean, dashed: boolean): boolean {
  if (dashed && dashes.has(wantedCharacter)) return dashes.has(character)
  return cased ? wantedCharacter === character : wantedCharacter.toLowerCase() === character.toLowerCase()
}

function placedIn(text: string, other: string, modifiers: readonly string[], cased: boolean): boolean {
  const [left, right] = cased ? [text, other] : [text.toLowerCase(), other.toLowerCase()]
  if (modifiers.includes('contains')) return left.includes(right)
  if (modifiers.includes('startswith')) return left.startsWith(right)
  if (modifiers.includes('endswith')) return left.endsWith(right)
  return left === right
}

function compare(left: number, operator: string, right: number): boolean {
  if (operator === 'lt') return left < right
  if (operator === 'lte') return left <= right
  if (operator === 'gt') return left > right
  if (operator === 'gte') return left >= right
  return left === right
}

function partOf(time: Date, part: string): number {
  if (part === 'minute') return time.getUTCMinutes()
  if (part === 'hour') return time.getUTCHours()
  if (part === 'day') return time.getUTCDate()
  return part === 'month' ? time.getUTCMonth() + 1 : time.getUTCFullYear()
}

function inNetwork(text: string, network: string): boolean {
  const [base = '', prefix = '32'] = network.split('/')
  const address = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)(?::\d+)?$/.exec(text)?.[1]
  const bits = (dotted: string): string | undefined => {
    const octets = dotted.split('.').map(Number)
    return octets.some((octet) => octet > 255)
      ? undefined
      : octets.map((octet) => octet.toString(2).padStart(8, '0')).join('')
  }
  const [left, right] = [address === undefined ? undefined : bits(address), bits(base)]
  return left !== undefined && left.slice(0, Number(prefix)) === right?.slice(0, Number(prefix))
}
