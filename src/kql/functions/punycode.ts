import { bound, call, lambda, text, when, type SqlExpression } from '../../sql/node.ts'
import { toText } from '../convert.ts'
import { argument, type ScalarFunction } from '../function.ts'
import { decodedText, encodedText } from './punycode-rows.ts'

const base = 36
const digits = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** The bias after a delta, as RFC 3492 adapts it. */
function adapted(delta: number, count: number, isFirst: boolean): number {
  let rest = isFirst ? Math.floor(delta / 700) : Math.floor(delta / 2)
  rest += Math.floor(rest / count)
  let bias = 0
  for (; rest > 455; bias += base) rest = Math.floor(rest / 35)
  return bias + Math.floor((36 * rest) / (rest + 38))
}

function threshold(place: number, bias: number): number {
  return Math.min(Math.max(place - bias, 1), 26)
}

/** A delta as digits of varying weight. */
function printed(delta: number, bias: number): string {
  let [rest, result] = [delta, '']
  for (let place = base; ; place += base) {
    const limit = threshold(place, bias)
    if (rest < limit) return result + digits.charAt(rest)
    result += digits.charAt(limit + ((rest - limit) % (base - limit)))
    rest = Math.floor((rest - limit) / (base - limit))
  }
}

/** A text as RFC 3492 encodes it. */
export function encodePunycode(source: string): string {
  const codes = Array.from(source, (letter) => letter.codePointAt(0) ?? 0)
  const basic = codes.filter((code) => code < 128)
  const others = [...new Set(codes.filter((code) => code >= 128))].toSorted((a, b) => a - b)
  let result = basic.length > 0 ? `${String.fromCodePoint(...basic)}-` : ''
  let [last, delta, bias, done] = [128, 0, 72, basic.length]
  for (const next of others) {
    delta += (next - last) * (done + 1)
    last = next
    for (const code of codes) {
      if (code < next) delta += 1
      if (code !== next) continue
      result += printed(delta, bias)
      bias = adapted(delta, done + 1, done === basic.length)
      delta = 0
      done += 1
    }
    delta += 1
    last += 1
  }
  return result
}

/** The text that RFC 3492 encodes so; undefined where there is none. */
export function decodePunycode(source: string): string | undefined {
  const split = source.lastIndexOf('-')
  const codes = Array.from(source.slice(0, Math.max(split, 0)), (letter) => letter.codePointAt(0) ?? 0)
  if (codes.some((code) => code >= 128)) return undefined
  let [code, place, bias, start, weight, position] = [128, 0, 72, 0, 1, base]
  for (const letter of source.slice(split + 1).toLowerCase()) {
    const digit = digits.indexOf(letter)
    place += digit * weight
    if (digit < 0 || place > 0x7fff_ffff) return undefined
    const limit = threshold(position, bias)
    position += base
    weight *= base - limit
    if (digit >= limit) continue
    const count = codes.length + 1
    bias = adapted(place - start, count, start === 0)
    code += Math.floor(place / count)
    if (code > 0x10_ffff || (code >= 0xd800 && code < 0xe000)) return undefined
    codes.splice(place % count, 0, code)
    start = (place % count) + 1
    place = start
    weight = 1
    position = base
  }
  return position === base ? String.fromCodePoint(...codes) : undefined
}

const prefix = 'xn--'

/** A domain with each label in Punycode decoded. */
function decodedDomain(source: SqlExpression, name: string): SqlExpression {
  const label = lambda(['l'], (part) =>
    when(
      call('startsWith', part, prefix),
      decodedText(call('substring', part, prefix.length + 1), name),
      part,
    ),
  )
  return call('arrayStringConcat', call('arrayMap', label, call('splitByString', '.', source)), '.')
}

/** Punycode: literals at once, other texts by the engine. */
export const punycodeFunctions: readonly ScalarFunction[] = [
  {
    name: 'punycode_from_string',
    doc: 'A text in Punycode.',
    example: ['punycode_from_string("académie-française")', 'acadmie-franaise-npb1a'],
    total: true,
    emit: (args, site) => {
      const source = argument(args, 0)
      const value = source.literal?.value
      if (typeof value !== 'string') return bound(toText(source), (rows) => encodedText(rows, site.name))
      if (Array.from(value).some((letter) => letter > '\u007f')) return text(encodePunycode(value))
      return site.refuse('unsupported-argument', 'punycode_from_string of an ASCII text is not known')
    },
  },
  {
    name: 'punycode_to_string',
    doc: 'The text that is in Punycode.',
    example: ['punycode_to_string("acadmie-franaise-npb1a")', 'académie-française'],
    total: true,
    emit: (args, site) => {
      const source = argument(args, 0)
      const value = source.literal?.value
      if (typeof value !== 'string') return bound(toText(source), (rows) => decodedText(rows, site.name))
      const found = decodePunycode(value)
      return found === undefined ? site.refuse('bad-argument', 'a text that is no Punycode') : text(found)
    },
  },
  {
    name: 'punycode_domain_from_string',
    doc: 'The name that a domain with Punycode stands for.',
    example: ['punycode_domain_from_string("xn--Ge-mia.Bulg.edu")', 'Gáe.Bulg.edu'],
    total: true,
    emit: (args, site) => {
      const source = argument(args, 0)
      const value = source.literal?.value
      if (typeof value !== 'string') return decodedDomain(toText(source), site.name)
      const labels = value
        .split('.')
        .map((label) => (label.startsWith(prefix) ? decodePunycode(label.slice(prefix.length)) : label))
      if (labels.every((label) => label !== undefined)) return text(labels.join('.'))
      return site.refuse('bad-argument', 'a domain that is no Punycode')
    },
  },
]
