import { and, boolean, call, lambda, not, or, text, when, type SqlExpression } from '../../sql/node.ts'
import { jsonElements, toText } from '../convert.ts'
import { argument, type ScalarFunction } from '../function.ts'
import { operand, type Operand } from '../operand.ts'

const letter = '[\\p{L}\\p{N}]'
const boundary = '[^\\p{L}\\p{N}]'
const ascii = /^\p{ASCII}*$/u

interface Match {
  readonly caseSensitive: boolean
  /** Which ends of the needle must lie at a term's boundary. */
  readonly start: boolean
  readonly end: boolean
}

/** The value of a literal text argument, in the forms that a needle takes. */
function literalText(value: Operand): string | undefined {
  return value.literal && value.type === 'string' ? String(value.literal.value ?? '') : undefined
}

/**
 * Whether a term of the text is the needle. Terms are runs of Unicode letters and digits, so `_` separates; where
 * the needle's own end is a separator, that end lies at a boundary anyway.
 */
function hasTerm(subject: SqlExpression, needle: Operand, match: Match): SqlExpression {
  const value = literalText(needle)
  if (value === '') return boolean(true)
  const found = contains(subject, needle, match.caseSensitive)
  if (value !== undefined) return and(found, call('match', subject, pattern(value, match)))
  const sql = toText(needle)
  const edge = (position: 'left' | 'right', anchor: string): SqlExpression =>
    when(call('match', call(`${position}UTF8`, sql, 1), letter), text(anchor), text(''))
  const built = call(
    'concat',
    match.caseSensitive ? '' : '(?i)',
    match.start ? edge('left', `(?:^|${boundary})`) : '',
    call('regexpQuoteMeta', sql),
    match.end ? edge('right', `(?:$|${boundary})`) : '',
  )
  return or(call('empty', sql), call('match', subject, built))
}

function pattern(value: string, match: Match): string {
  const letters = Array.from(value)
  const isLetter = (character: string | undefined): boolean => /^[\p{L}\p{N}]$/u.test(character ?? '')
  const start = match.start && isLetter(letters[0]) ? `(?:^|${boundary})` : ''
  const end = match.end && isLetter(letters.at(-1)) ? `(?:$|${boundary})` : ''
  return `${match.caseSensitive ? '' : '(?i)'}${start}${quotePattern(value)}${end}`
}

/** Quotes every character that RE2 could read as more than itself. */
export function quotePattern(value: string): string {
  return value.replaceAll(/[\\^$.|?*+()[\]{}-]/g, (character) => `\\${character}`)
}

function contains(subject: SqlExpression, needle: Operand, caseSensitive: boolean): SqlExpression {
  const value = literalText(needle)
  if (value === '') return boolean(true)
  const name = caseSensitive
    ? 'position'
    : value !== undefined && ascii.test(value)
      ? 'positionCaseInsensitive'
      : 'positionCaseInsensitiveUTF8'
  const found = call('greater', call(name, subject, toText(needle)), 0)
  return value === undefined ? or(call('empty', toText(needle)), found) : found
}

function startsOrEnds(
  name: 'startsWith' | 'endsWith',
  subject: SqlExpression,
  needle: Operand,
  caseSensitive: boolean,
): SqlExpression {
  if (caseSensitive) return call(name, subject, toText(needle))
  return call(name, call('lowerUTF8', subject), call('lowerUTF8', toText(needle)))
}

type Test = (subject: SqlExpression, needle: Operand, caseSensitive: boolean) => SqlExpression

const tests: readonly (readonly [string, string, string, Test])[] = [
  [
    'has',
    'Contains the term',
    '"a-Beta_c" has "beta"',
    (s, n, c) => hasTerm(s, n, { caseSensitive: c, start: true, end: true }),
  ],
  [
    'hasprefix',
    'Contains a term that begins with',
    '"a-Beta" hasprefix "be"',
    (s, n, c) => hasTerm(s, n, { caseSensitive: c, start: true, end: false }),
  ],
  [
    'hassuffix',
    'Contains a term that ends with',
    '"a-Beta" hassuffix "ta"',
    (s, n, c) => hasTerm(s, n, { caseSensitive: c, start: false, end: true }),
  ],
  ['contains', 'Contains the text', '"Alpha" contains "PH"', contains],
  [
    'startswith',
    'Begins with the text',
    '"Alpha" startswith "al"',
    (s, n, c) => startsOrEnds('startsWith', s, n, c),
  ],
  ['endswith', 'Ends with the text', '"Alpha" endswith "HA"', (s, n, c) => startsOrEnds('endsWith', s, n, c)],
]

/** `has_any` and `has_all`: needles listed, or the elements of dynamic arrays. */
function several(args: readonly Operand[], all: boolean): SqlExpression {
  const subject = toText(argument(args, 0))
  const match: Match = { caseSensitive: false, start: true, end: true }
  const conditions = args.slice(1).map((needle) => {
    if (needle.type !== 'dynamic') return hasTerm(subject, needle, match)
    const listed = literalElements(needle)
    if (listed) {
      const terms = listed.map((value) => hasTerm(subject, literalNeedle(value), match))
      if (terms.length === 0) return boolean(all)
      return all ? and(...terms) : or(...terms)
    }
    const test = lambda(['n'], (element) =>
      hasTerm(subject, operand(toText(operand(element, 'dynamic')), 'string'), match),
    )
    return call(all ? 'arrayAll' : 'arrayExists', test, jsonElements(needle.sql))
  })
  return all ? and(...conditions) : or(...conditions)
}

function literalNeedle(value: string): Operand {
  const place = { start: 0, end: 0 }
  return { ...operand(text(value), 'string'), literal: { kind: 'literal', type: 'string', value, place } }
}

/** Elements of a literal dynamic array, where all of them are strings. */
function literalElements(value: Operand): readonly string[] | undefined {
  if (typeof value.literal?.value !== 'string' || value.literal.value === '') return undefined
  const parsed: unknown = JSON.parse(value.literal.value)
  if (!Array.isArray(parsed)) return undefined
  const elements: readonly unknown[] = parsed
  return elements.every((element) => typeof element === 'string') ? elements : undefined
}

/** Searches for terms and texts in strings. */
export const termFunctions: readonly ScalarFunction[] = [
  ...tests.flatMap(([name, doc, example, test]) =>
    [false, true].flatMap((caseSensitive): ScalarFunction[] => {
      const full = caseSensitive ? `${name}_cs` : name
      const emit = (args: readonly Operand[]): SqlExpression =>
        test(toText(argument(args, 0)), argument(args, 1), caseSensitive)
      const expression = example.replace(` ${name} `, ` ${full} `)
      const ending = caseSensitive ? 'in the same case' : 'in any case'
      return [
        {
          name: full,
          doc: `${doc}, ${ending}.`,
          example: [expression, !caseSensitive || name.startsWith('hassuf')],
          total: true,
          emit,
        },
        {
          name: `!${full}`,
          doc: `The opposite of ${full}.`,
          example: [
            expression.replace(` ${full} `, ` !${full} `),
            caseSensitive && !name.startsWith('hassuf'),
          ],
          total: true,
          emit: (args) => not(emit(args)),
        },
      ]
    }),
  ),
  {
    name: 'has_any',
    doc: 'Contains one of the terms, in any case.',
    example: ['"a b" has_any ("x", "B")', true],
    total: true,
    emit: (args) => several(args, false),
  },
  {
    name: 'has_all',
    doc: 'Contains all of the terms, in any case.',
    example: ['"a b" has_all ("x", "B")', false],
    total: true,
    emit: (args) => several(args, true),
  },
]
