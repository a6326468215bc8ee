import {
  and,
  call,
  cast,
  integer,
  lambda,
  nothing,
  or,
  text,
  when,
  type SqlExpression,
} from '../../sql/node.ts'
import { convert, jsonElements, quoteJson, toText } from '../convert.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import { operand, type Operand } from '../operand.ts'
import { patternOf, unless } from './pattern.ts'

/** Removes one match of a pattern from the start, the end or both. */
function trimmed(ends: 'start' | 'end' | 'both', args: readonly Operand[], site: CallSite): SqlExpression {
  const pattern = patternOf(args, 0, site, (source) => {
    const group = `(?:${source})`
    return { start: `^${group}`, end: `${group}$`, both: `^${group}|${group}$` }[ends]
  })
  const subject = toText(argument(args, 1))
  return pattern.guarded(subject, call('replaceRegexpAll', subject, pattern.sql, ''), text(''))
}

/** The groups that are asked for, by position from 1; 0 is the whole match. */
function wantedGroups(
  names: readonly (string | undefined)[],
  list: Operand | undefined,
  site: CallSite,
): readonly number[] {
  if (!list) return names.map((_, index) => index + 1)
  const source = list.literal?.value
  const parsed: unknown = typeof source === 'string' && source !== '' ? JSON.parse(source) : undefined
  if (!Array.isArray(parsed))
    return site.refuse('not-constant', `the groups of ${site.name} must be a literal array`)
  const wanted: readonly unknown[] = parsed
  return wanted.map((item) => {
    const index = typeof item === 'string' ? names.indexOf(item) + 1 : item
    if (
      typeof index === 'number' &&
      Number.isInteger(index) &&
      index >= 0 &&
      index <= names.length &&
      item !== ''
    ) {
      if (typeof item !== 'string' || index > 0) return index
    }
    return site.refuse('bad-argument', `the pattern has no group ${String(item)}`)
  })
}

function extractAll(args: readonly Operand[], site: CallSite): SqlExpression {
  // The whole pattern is made a group, so that it can be asked for as group 0.
  const pattern = patternOf(args, 0, site, (source) => `(${source})`)
  if (!pattern.groups) return site.refuse('not-constant', `the pattern of ${site.name} must be a literal`)
  if (pattern.groups.length === 0)
    return site.refuse('bad-argument', `${site.name} needs a pattern with a group`, 'put it in brackets: (…)')
  const wanted = wantedGroups(pattern.groups, args.length > 2 ? args[1] : undefined, site)
  const subject = toText(args.at(-1) ?? argument(args, 1))
  const matches = call('extractAllGroupsVertical', subject, pattern.sql)
  const group = (found: SqlExpression, index: number): SqlExpression =>
    quoteJson(call('arrayElement', found, index + 1))
  const [only] = wanted
  const printed = lambda(['m'], (found) =>
    wanted.length === 1 && only !== undefined
      ? group(found, only)
      : call(
          'concat',
          '[',
          ...wanted.flatMap((index, place) =>
            place === 0 ? [group(found, index)] : [',', group(found, index)],
          ),
          ']',
        ),
  )
  const list = call('concat', '[', call('arrayStringConcat', call('arrayMap', printed, matches), ','), ']')
  return pattern.guarded(subject, when(call('equals', list, '[]'), text(''), list), text(''))
}

/** Whether a text can overlap with itself, as `aa` does in `aaa`. */
function overlapsItself(value: string): boolean {
  return Array.from({ length: value.length }, (_, size) => size).some(
    (size) => size > 0 && value.endsWith(value.slice(0, size)),
  )
}

function countOf(args: readonly Operand[], site: CallSite): SqlExpression {
  const subject = toText(argument(args, 0))
  const kind = args[2]?.literal?.value ?? (args[2] ? undefined : 'normal')
  if (kind === 'regex') {
    const pattern = patternOf(args, 1, site)
    const count = call('toInt64', call('countMatches', subject, pattern.sql))
    const found = unless(
      call('match', '', pattern.sql),
      'countof: the pattern matches the empty text',
      count,
      integer(0),
    )
    return pattern.guarded(subject, found, integer(0))
  }
  if (kind !== 'normal') return site.refuse('bad-argument', 'the kind of countof is "normal" or "regex"')
  const needle = argument(args, 1)
  const value = needle.literal?.value
  if (value === '') return site.refuse('unsupported-argument', 'countof of an empty text')
  if (typeof value === 'string' && !overlapsItself(value))
    return call('toInt64', call('countSubstrings', subject, value))
  const search = toText(needle)
  const places = call('range', 1, call('plus', call('length', subject), 1))
  const isHere = lambda(['i'], (place) =>
    call('equals', call('substring', subject, place, call('length', search)), search),
  )
  const count = call('toInt64', call('arrayCount', isHere, places))
  return unless(call('empty', search), 'countof: an empty text to search for', count, integer(0))
}

/** Where the search ends; a match that the two readings of a length would treat differently fails the query. */
function withinLength(
  args: readonly Operand[],
  start: SqlExpression,
  found: SqlExpression,
  end: SqlExpression,
  site: CallSite,
): SqlExpression {
  const length = args[3]
  if (!length || length.literal?.value === '-1') return found
  const limit = convert(length, 'long')
  const isBeyond = and(
    call('greaterOrEquals', found, 0),
    call('greater', end, call('plus', start, limit)),
    call('notEquals', limit, -1),
  )
  return unless(isBeyond, `${site.name}: a match beyond the length to examine`, found, integer(-1))
}

function occurrence(args: readonly Operand[], site: CallSite): SqlExpression {
  if (!args[4]) return integer(1)
  const count = args[4].literal?.value
  if (typeof count === 'string' && BigInt(count) > 0n) return integer(BigInt(count))
  return site.refuse('unsupported-argument', `the occurrence of ${site.name} must be a literal from 1`)
}

function indexOf(args: readonly Operand[], site: CallSite): SqlExpression {
  const [subject, needle] = [toText(argument(args, 0)), toText(argument(args, 1))]
  if (args.length === 2) return call('minus', call('toInt64', call('positionUTF8', subject, needle)), 1)
  const search = args[1]?.literal?.value
  const count = occurrence(args, site)
  const isFirst = count.kind === 'integer' && count.value === 1n
  if (search === '' || (!isFirst && (typeof search !== 'string' || overlapsItself(search)))) {
    return site.refuse(
      'unsupported-argument',
      'indexof with a start of a text that is empty or overlaps itself',
    )
  }
  const size = call('toInt64', call('lengthUTF8', subject))
  const given = convert(argument(args, 2), 'long')
  const start = when(call('less', given, 0), call('plus', size, given), given)
  const parts = call(
    'splitByString',
    needle,
    call('substringUTF8', subject, call('plus', call('greatest', start, 0), 1)),
  )
  const before = call('arraySlice', parts, 1, count)
  const width = call('toInt64', call('lengthUTF8', needle))
  const skipped = call(
    'plus',
    call(
      'toInt64',
      call(
        'arraySum',
        call(
          'arrayMap',
          lambda(['p'], (part) => call('lengthUTF8', part)),
          before,
        ),
      ),
    ),
    call('multiply', width, call('minus', count, 1)),
  )
  const found = when(call('greater', call('length', parts), count), call('plus', start, skipped), integer(-1))
  // The real engine finds a match that begins within the length, wherever it ends.
  const bounded = withinLength(args, start, found, call('plus', found, 1), site)
  const isOutside = or(call('less', start, 0), call('empty', needle))
  return unless(isOutside, 'indexof: a start before the text, or an empty text', bounded, integer(-1))
}

function indexOfRegex(args: readonly Operand[], site: CallSite): SqlExpression {
  const pattern = patternOf(args, 1, site)
  const subject = toText(argument(args, 0))
  const start = args[2] ? convert(args[2], 'long') : integer(0)
  const isFromStart = args[2] === undefined || args[2].literal?.value === '0'
  if (!isFromStart && (pattern.literal === undefined || /[\^]|\\[bBA]/.test(pattern.literal))) {
    return site.refuse(
      'unsupported-argument',
      'indexof_regex with a start of a pattern that is bound to a place',
    )
  }
  const from = call('substringUTF8', subject, call('plus', call('greatest', start, 0), 1))
  const place = (option: number): SqlExpression =>
    call('regexpPosition', from, pattern.sql, 1, occurrence(args, site), option)
  const letters = (bytes: SqlExpression): SqlExpression =>
    call(
      'plus',
      start,
      call('toInt64', call('lengthUTF8', call('substring', from, 1, call('minus', bytes, 1)))),
    )
  const found = when(call('greater', place(0), 0), letters(place(0)), integer(-1))
  const bounded = withinLength(args, start, found, letters(place(1)), site)
  return pattern.guarded(
    subject,
    when(call('less', start, 0), cast(nothing, 'Nullable(Int64)'), bounded),
    integer(-1),
  )
}

function literalArray(value: Operand, site: CallSite): readonly unknown[] {
  const source = value.literal?.value
  const parsed: unknown = typeof source === 'string' && source !== '' ? JSON.parse(source) : undefined
  if (Array.isArray(parsed)) return parsed
  return site.refuse('not-constant', `${site.name} takes literal arrays`)
}

/** Every text in turn replaces what the texts before it have left. */
function replaceStrings(args: readonly Operand[], site: CallSite): SqlExpression {
  const lookups = literalArray(argument(args, 1), site)
  const rewrites = literalArray(argument(args, 2), site)
  if (lookups.length !== rewrites.length)
    return site.refuse('bad-argument', 'replace_strings needs as many replacements as texts')
  const replaced = (source: SqlExpression, index: number): SqlExpression => {
    if (index === lookups.length) return source
    const [lookup, rewrite] = [lookups[index], rewrites[index]]
    if (typeof lookup !== 'string' || lookup === '')
      return site.refuse('unsupported-argument', 'replace_strings of what is no text')
    const parts = call('splitByString', lookup, source)
    const inner =
      index + 1 === lookups.length
        ? parts
        : call(
            'arrayMap',
            lambda(['p'], (part) => replaced(part, index + 1)),
            parts,
          )
    // A replacement that is no text leaves what was found as it is.
    return call('arrayStringConcat', inner, typeof rewrite === 'string' ? rewrite : lookup)
  }
  return replaced(toText(argument(args, 0)), 0)
}

/** The position of the first listed value whose term the text has; -1 where it has none. */
function hasAnyIndex(args: readonly Operand[], site: CallSite): SqlExpression {
  const subject = operand(toText(argument(args, 0)), 'string')
  const list = argument(args, 1)
  const test = lambda(['n'], (element) => {
    const needle = operand(toText(operand(element, 'dynamic')), 'string')
    return call('toUInt8', site.call('has', [subject, needle], 'bool').sql)
  })
  return call('minus', call('toInt64', call('arrayFirstIndex', test, jsonElements(list.sql))), 1)
}

/** Regular expressions and searches that need them. */
export const regexFunctions: readonly ScalarFunction[] = [
  ...(
    [
      ['trim', 'both', 'both ends', 'xabcx'],
      ['trim_start', 'start', 'the start', 'xabcxx'],
      ['trim_end', 'end', 'the end', 'xxabcx'],
    ] as const
  ).map(([name, ends, doc, value]): ScalarFunction => ({
    name,
    doc: `Removes one match of a pattern from ${doc}.`,
    example: [`${name}("x", "xxabcxx")`, value],
    emit: (args, site) => trimmed(ends, args, site),
  })),
  ...(['extract_all', 'extractall'] as const).map((name): ScalarFunction => ({
    name,
    doc: 'The groups of every match, as an array; null where there is none.',
    example: [
      `${name}(@"([a-z])(\\d)", "a1 b2")`,
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    emit: extractAll,
  })),
  {
    name: 'countof',
    doc: 'How often a text occurs, overlaps included, or a pattern, overlaps left out.',
    example: ['countof("ababa", "aba")', 2],
    total: true,
    emit: countOf,
  },
  {
    name: 'indexof',
    doc: 'Where a text begins in another, from 0; -1 where it does not occur.',
    example: ['indexof("abcabc", "a", 2)', 3],
    emit: indexOf,
  },
  {
    name: 'indexof_regex',
    doc: 'Where the match of a pattern begins, from 0; -1 where there is none.',
    example: ['indexof_regex("éabcabc", @"a.c", 0, -1, 2)', 4],
    emit: indexOfRegex,
  },
  {
    name: 'replace_strings',
    doc: 'Replaces listed texts by others; a replacement is not replaced again.',
    example: [
      'replace_strings("a cat and a dog", dynamic(["cat", "dog"]), dynamic(["dog", "cow"]))',
      'a dog and a cow',
    ],
    emit: replaceStrings,
  },
  {
    name: 'has_any_index',
    doc: 'The position of the first listed term that the text has; -1 where it has none.',
    example: ['has_any_index("a b c", dynamic(["x", "B"]))', 1],
    total: true,
    emit: hasAnyIndex,
  },
  {
    name: 'matches regex',
    doc: 'Whether a part of the text matches a regular expression.',
    example: ['"abc" matches regex "b."', true],
    total: true,
    emit: (args, site) => {
      const pattern = patternOf(args, 1, site)
      const subject = toText(argument(args, 0))
      return pattern.guarded(subject, call('match', subject, pattern.sql), integer(0))
    },
  },
  {
    name: 'extract',
    doc: 'A group of the first match of a regular expression; empty where there is none.',
    example: ['extract("b(.)", 1, "abc")', 'c'],
    emit: extract,
  },
  ...(['replace_regex', 'replace'] as const).map((name): ScalarFunction => ({
    name,
    doc: 'Replaces every match of a regular expression; `\\1` is the first group.',
    example:
      name === 'replace'
        ? ['replace("b", "x", "abc")', 'axc']
        : ['replace_regex("a1b2", "[0-9]", "#")', 'a#b#'],
    emit: (args, site) => {
      const [source, pattern, rewrite] = name === 'replace' ? [2, 0, 1] : [0, 1, 2]
      const subject = toText(argument(args, source))
      const found = patternOf(args, pattern, site)
      const replaced = call('replaceRegexpAll', subject, found.sql, toText(argument(args, rewrite)))
      return found.guarded(subject, replaced, text(''))
    },
  })),
  {
    name: 'regex_quote',
    doc: 'Puts a backslash before what has a meaning in a pattern.',
    example: ['regex_quote("(so$me.Te^xt)")', '\\(so\\$me\\.Te\\^xt\\)'],
    emit: (args, site) => {
      const source = toText(argument(args, 0))
      const quoted = call('replaceRegexpAll', source, '([\\\\.+*?()|\\[\\]{}^$])', '\\\\\\1')
      const isUnsure = call('match', source, '[^A-Za-z0-9_\\\\.+*?()|\\[\\]{}^$\\x{80}-\\x{10FFFF}]')
      return unless(
        isUnsure,
        `${site.name}: only for letters, digits and characters that patterns use`,
        quoted,
        text(''),
      )
    },
  },
]

function extract(args: readonly Operand[], site: CallSite): SqlExpression {
  const pattern = patternOf(args, 0, site)
  const subject = toText(argument(args, 2))
  const wanted = Number(argument(args, 1).literal?.value ?? 0)
  if (pattern.groups && wanted > pattern.groups.length)
    site.refuse('bad-argument', `the pattern has no group ${wanted}`, 'put the part in brackets: (…)')
  const group = call('ifNull', convert(argument(args, 1), 'long'), integer(0))
  const found = pattern.guarded(subject, call('regexpExtract', subject, pattern.sql, group), text(''))
  const type = args[3]?.literal?.value
  if (type === undefined || type === 'string') return found
  return site.call(`to${String(type)}`, [operand(found, 'string')], site.type).sql
}
