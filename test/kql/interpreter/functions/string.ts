import { array, count, has, text, whole } from '../arguments.ts'
import { characters, regex } from '../matching.ts'
import type { Call, Meaning } from '../scope.ts'
import { textOf } from '../text.ts'
import { Unknown, compareText, isArray, type Value } from '../value.ts'

function substring(call: Call): Value {
  const all = characters(text(call, 0))
  const start = count(call, 1)
  const from = start < 0 ? all.length + start : start
  const length = has(call, 2) ? count(call, 2) : Infinity
  return length < 0 ? '' : all.slice(Math.max(0, from), Math.max(0, from + length)).join('')
}

function indexOf(call: Call): Value {
  const [whole, part] = [characters(text(call, 0)), characters(text(call, 1))]
  const start = count(call, 2)
  const from = start < 0 ? Math.max(0, whole.length + start) : start
  const length = has(call, 3) ? count(call, 3) : -1
  const occurrence = has(call, 4) ? count(call, 4) : 1
  if (occurrence < 1 || length < -1) return null
  // The length bounds where the part may begin.
  const end = length < 0 ? whole.length : Math.min(whole.length, from + length)
  let seen = 0
  for (let at = from; at <= end && at + part.length <= whole.length; at += 1) {
    if (part.every((character, index) => whole[at + index] === character)) seen += 1
    if (seen === occurrence) return BigInt(at)
  }
  return -1n
}

function trimmed(call: Call, start: boolean, end: boolean): Value {
  const pattern = text(call, 0)
  let rest = text(call, 1)
  if (start) rest = rest.replace(regex(`^(?:${pattern})`), '')
  if (end) rest = rest.replace(regex(`(?:${pattern})$`), '')
  return rest
}

function extract(call: Call): Value {
  const found = regex(text(call, 0)).exec(text(call, 2))
  return found?.[count(call, 1)] ?? ''
}

function extractAll(call: Call): Value {
  const isSelected = call.values.length === 3
  const source = text(call, isSelected ? 2 : 1)
  const wanted = isSelected ? array(call, 1) : null
  if (wanted?.some((group) => typeof group === 'string')) throw new Unknown('groups by name')
  const found = [...source.matchAll(regex(text(call, 0), 'g'))].map((match) => {
    const groups = wanted
      ? wanted.map((group) => match[Number(group)] ?? '')
      : match.slice(1).map((group) => group ?? '')
    return groups.length === 1 ? (groups[0] ?? '') : groups
  })
  return found.length === 0 ? null : found
}

function replaceRegex(call: Call): Value {
  const replacement = text(call, 2)
    .replaceAll('$', '$$$$')
    .replaceAll(/\\(\d)/g, (_all, group: string) => (group === '0' ? '$&' : `$${group}`))
  return text(call, 0).replace(regex(text(call, 1), 'g'), replacement)
}

function split(call: Call): Value {
  const [source, delimiter] = [text(call, 0), text(call, 1)]
  const parts = delimiter === '' ? [source] : source.split(delimiter)
  if (!has(call, 2)) return parts
  const index = whole(call, 2)
  const part = index === null ? undefined : parts[Number(index)]
  return part === undefined ? null : [part]
}

function countOf(call: Call): Value {
  const [source, sought] = [text(call, 0), text(call, 1)]
  if (text(call, 2) === 'regex') return BigInt([...source.matchAll(regex(sought, 'g'))].length)
  if (sought === '') return 0n
  let seen = 0n
  let at = source.indexOf(sought)
  while (at >= 0) {
    seen += 1n
    at = source.indexOf(sought, at + 1)
  }
  return seen
}

export const stringFunctions: Readonly<Record<string, Meaning>> = {
  strlen: (call) => BigInt(characters(text(call, 0)).length),
  string_size: (call) => BigInt(Buffer.byteLength(text(call, 0))),
  tolower: (call) => text(call, 0).toLowerCase(),
  toupper: (call) => text(call, 0).toUpperCase(),
  reverse: (call) => characters(text(call, 0)).toReversed().join(''),
  strcat: (call) => call.values.map((_value, index) => text(call, index)).join(''),
  strcat_delim: (call) =>
    call.values
      .slice(1)
      .map((_value, index) => text(call, index + 1))
      .join(text(call, 0)),
  strcat_array: joinArray,
  array_strcat: joinArray,
  strcmp: (call) => BigInt(compareText(text(call, 0), text(call, 1))),
  strrep: (call) =>
    Array.from({ length: Math.max(0, count(call, 1)) }, () => text(call, 0)).join(text(call, 2)),
  substring,
  indexof: indexOf,
  trim: (call) => trimmed(call, true, true),
  trim_start: (call) => trimmed(call, true, false),
  trim_end: (call) => trimmed(call, false, true),
  extract,
  extract_all: extractAll,
  extractall: extractAll,
  replace_string: (call) =>
    text(call, 1) === '' ? text(call, 0) : text(call, 0).replaceAll(text(call, 1), () => text(call, 2)),
  replace: (call) =>
    replaceRegex({
      ...call,
      values: [call.values[2] ?? null, call.values[0] ?? null, call.values[1] ?? null],
      types: ['string', 'string', 'string'],
    }),
  replace_regex: replaceRegex,
  split,
  countof: countOf,
  translate: (call) => {
    const [from, to] = [characters(text(call, 0)), characters(text(call, 1))]
    if (to.length === 0) throw new Unknown('translate to nothing')
    return characters(text(call, 2))
      .map((character) => {
        const at = from.indexOf(character)
        return at < 0 ? character : (to[Math.min(at, to.length - 1)] ?? '')
      })
      .join('')
  },
  isascii: (call) => characters(text(call, 0)).every((character) => (character.codePointAt(0) ?? 0) < 128),
  isutf8: () => true,
  to_utf8: codePoints,
  unicode_codepoints_from_string: codePoints,
  make_string: fromCodePoints,
  unicode_codepoints_to_string: fromCodePoints,
  regex_quote: (call) => text(call, 0).replaceAll(/[\\^$.|?*+()[\]{}]/g, (character) => `\\${character}`),
  base64_encode_tostring: (call) => Buffer.from(text(call, 0)).toString('base64'),
  base64_encodestring: (call) => Buffer.from(text(call, 0)).toString('base64'),
  url_encode_component: (call) => percent(text(call, 0)),
  url_encode: (call) => percent(text(call, 0)).replaceAll('%20', '+'),
}

function percent(source: string): string {
  return encodeURIComponent(source)
    .replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)
}

function joinArray(call: Call): Value {
  return (array(call, 0) ?? []).map((item) => textOf(item, 'dynamic')).join(text(call, 1))
}

function codePoints(call: Call): Value {
  return characters(text(call, 0)).map((character) => BigInt(character.codePointAt(0) ?? 0))
}

function fromCodePoints(call: Call): Value {
  const all = call.values.flatMap((value) => (isArray(value) ? value : [value]))
  return all.map((point) => (point === null ? '' : String.fromCodePoint(Number(point)))).join('')
}
