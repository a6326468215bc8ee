import { call, integer, or, text, when, type SqlExpression } from '../../sql/node.ts'
import { toText } from '../convert.ts'
import { argument, type CallSite } from '../function.ts'
import type { Operand } from '../operand.ts'

/** Kusto's white space and word characters: Unicode's, where RE2 knows ASCII's only. */
const space =
  '\\t\\n\\x0B\\f\\r \\x{85}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}'
const word =
  '\\p{L}\\p{M}\\p{Nl}\\p{Nd}\\p{Pc}\\x{200C}\\x{200D}\\x{24B6}-\\x{24E9}\\x{1F130}-\\x{1F149}\\x{1F150}-\\x{1F169}\\x{1F170}-\\x{1F189}'

const classes: Readonly<Record<string, string>> = {
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  s: `[${space}]`,
  S: `[^${space}]`,
  w: `[${word}]`,
  W: `[^${word}]`,
}
const members: Readonly<Record<string, string>> = { d: '\\p{Nd}', D: '\\P{Nd}', s: space, w: word }

/** A regular expression of Kusto's (Rust's syntax) for the engine (RE2's). */
export interface Pattern {
  readonly sql: SqlExpression
  /** The names of its groups in order, where they have one; unknown where the pattern is no literal. */
  readonly groups: readonly (string | undefined)[] | undefined
  readonly literal: string | undefined
  /** Fails the query on the texts for which the two engines may differ. */
  readonly guarded: (subject: SqlExpression, value: SqlExpression, otherwise: SqlExpression) => SqlExpression
}

/** Fails the query where the condition holds, and is the value elsewhere. */
export function unless(
  condition: SqlExpression,
  message: string,
  value: SqlExpression,
  otherwise: SqlExpression,
): SqlExpression {
  return when(
    call('equals', call('throwIf', call('ifNull', condition, integer(0)), message), 0),
    value,
    otherwise,
  )
}

/** The pattern at a position; `around` puts it between other text, as in `^(?:` and `)`. */
export function patternOf(
  args: readonly Operand[],
  index: number,
  site: CallSite,
  around: (pattern: string) => string = same,
): Pattern {
  const value = argument(args, index)
  if (typeof value.literal?.value === 'string') {
    const { pattern, groups, hasBoundary } = translate(value.literal.value, site)
    const message = `${site.name}: a word boundary beside letters that are not ASCII`
    const isUnsafe = (subject: SqlExpression): SqlExpression =>
      call('match', call('replaceRegexpAll', subject, '[\\x00-\\x7F]+', ''), `[${word}]`)
    return {
      sql: text(around(pattern)),
      literal: value.literal.value,
      groups,
      guarded: (subject, result, otherwise) =>
        hasBoundary ? unless(isUnsafe(subject), message, result, otherwise) : result,
    }
  }
  const [before = '', after = ''] = around('\n').split('\n')
  const source = toText(value)
  const message = `${site.name}: a pattern from data is for ASCII text, and without sets in sets`
  const isUnsafe = (subject: SqlExpression): SqlExpression =>
    or(call('match', subject, '[^\\x00-\\x0A\\x0C-\\x7F]'), call('match', source, '&&|--|~~|\\[[^\\]]*\\['))
  return {
    sql: call('concat', `(?-s)${before}`, source, after),
    literal: undefined,
    groups: undefined,
    guarded: (subject, result, otherwise) => unless(isUnsafe(subject), message, result, otherwise),
  }
}

function same(pattern: string): string {
  return pattern
}

interface Translation {
  readonly pattern: string
  readonly groups: readonly (string | undefined)[]
  readonly hasBoundary: boolean
}

function translate(source: string, site: CallSite): Translation {
  const groups: (string | undefined)[] = []
  let hasBoundary = false
  let hasDot = false
  let pattern = ''
  for (let index = 0; index < source.length;) {
    const rest = source.slice(index)
    const letter = rest.charAt(0)
    if (letter === '\\') {
      const part = escape(rest, site)
      hasBoundary ||= /^\\[bB]$/.test(part.source)
      pattern += classes[part.source.slice(1)] ?? part.target
      index += part.source.length
    } else if (letter === '[') {
      const part = characterClass(rest, site)
      pattern += part.target
      index += part.source.length
    } else if (letter === '(') {
      const part = groupStart(rest, groups, site)
      pattern += part.target
      index += part.source.length
    } else {
      hasDot ||= letter === '.'
      pattern += letter
      index += 1
    }
  }
  // Our engine lets a dot match line breaks unless it is told.
  return { pattern: hasDot ? `(?-s)${pattern}` : pattern, groups, hasBoundary }
}

interface Part {
  readonly source: string
  readonly target: string
}

function escape(rest: string, site: CallSite): Part {
  const code =
    /^\\(?:u|U)(?:\{([0-9A-Fa-f]+)\})/.exec(rest) ??
    /^\\u([0-9A-Fa-f]{4})/.exec(rest) ??
    /^\\U([0-9A-Fa-f]{8})/.exec(rest)
  if (code?.[1] !== undefined) return { source: code[0], target: `\\x{${code[1]}}` }
  const named =
    /^\\[pP](?:\{[^}]*\}|[A-Za-z])/.exec(rest) ?? /^\\x(?:\{[0-9A-Fa-f]+\}|[0-9A-Fa-f]{2})/.exec(rest)
  if (named) return { source: named[0], target: named[0] }
  const letter = /^\\(.)/su.exec(rest)?.[1] ?? ''
  if (letter === '') return site.refuse('bad-argument', 'a pattern ends in a backslash')
  if (rest.startsWith('\\b{') || letter === '<' || letter === '>') {
    return site.refuse('unsupported-argument', 'the boundaries \\b{…}, \\< and \\> in a pattern', 'use \\b')
  }
  if (/^[A-Za-z0-9]$/.test(letter) && !/^[dDsSwWbBAzaftnrv]$/.test(letter)) {
    return site.refuse(
      'bad-argument',
      `\\${letter} has no meaning in a pattern`,
      'patterns have the syntax of RE2 and Rust: no look-around, no back-references',
    )
  }
  return { source: `\\${letter}`, target: letter === 'v' ? '\\x0B' : letter === '_' ? '_' : `\\${letter}` }
}

function characterClass(rest: string, site: CallSite): Part {
  const everything = /^\[(?:\\s\\S|\\S\\s|\\d\\D|\\D\\d|\\w\\W|\\W\\w)\]/.exec(rest)
  if (everything) return { source: everything[0], target: '(?s:.)' }
  const start = /^\[\^?\]?/.exec(rest)?.[0] ?? '['
  let target = start.endsWith(']') ? `${start.slice(0, -1)}\\]` : start
  for (let index = start.length; index < rest.length;) {
    const tail = rest.slice(index)
    const letter = tail.charAt(0)
    const posix = /^\[:\^?[a-z]+:\]/.exec(tail)
    if (letter === ']') return { source: rest.slice(0, index + 1), target: `${target}]` }
    if (posix) {
      target += posix[0]
      index += posix[0].length
    } else if (letter === '[' || /^(?:&&|--|~~)/.test(tail)) {
      return site.refuse(
        'unsupported-argument',
        'a set in a set of a pattern',
        'write \\[ for a bracket, \\- for a hyphen',
      )
    } else if (letter === '\\') {
      const part = escape(tail, site)
      const name = part.source.slice(1)
      if (/^[SWbB]$/.test(name))
        return site.refuse('unsupported-argument', `${part.source} in a set of a pattern`)
      target += members[name] ?? part.target
      index += part.source.length
    } else {
      target += letter
      index += 1
    }
  }
  return site.refuse('bad-argument', 'a set of a pattern has no end')
}

function groupStart(rest: string, groups: (string | undefined)[], site: CallSite): Part {
  const named = /^\(\?P?<([A-Za-z_][A-Za-z0-9_]*)>/.exec(rest)
  if (named) {
    groups.push(named[1])
    return { source: named[0], target: `(?P<${named[1]}>` }
  }
  const flags = /^\(\?[imsU]*(?:-[imsU]+)?[:)]/.exec(rest)
  if (flags) return { source: flags[0], target: flags[0] }
  if (rest.startsWith('(?')) {
    return site.refuse(
      'unsupported-argument',
      `${rest.slice(0, 4)} in a pattern`,
      'patterns have no look-around; flags are i, m, s and U',
    )
  }
  groups.push(undefined)
  return { source: '(', target: '(' }
}
