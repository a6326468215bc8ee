/** Numbers that a seed decides (xorshift). */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = (seed ^ 0x9e37_79b9) | 1
  }

  /** A whole number from 0 up to, but without, the limit. */
  below(limit: number): number {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return (this.#state >>> 0) % limit
  }

  of<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new Error('a choice of nothing')
    return item
  }
}

/** Texts that end, open or imitate something. */
export const hostile = [
  "'",
  '"',
  '`',
  '\\',
  '\\\\',
  '\0',
  '\u0001',
  '\u001B[2J',
  '\u202E',
  '\u200B',
  '\uFEFF',
  '\uD800',
  '\uDC00',
  '\u2028',
  'e\u0301',
  '😀',
  'İ',
  'ß',
  "'); DROP TABLE logs.SigninLogs; --",
  '/*',
  '*/',
  '--',
  ';',
  '#',
  '{now:Int64}',
  '{x:Identifier}',
  '${1}',
  '%s',
  '$$',
  '@@version',
  '?',
  ' FORMAT JSON ',
  ' SETTINGS readonly = 0 ',
  " INTO OUTFILE '/tmp/x' ",
  ' UNION ALL SELECT 1 ',
  "file('/etc/passwd')",
  "url('http://127.0.0.1')",
  'system.users',
  "['`']",
  "['\\'']",
  "['system'].['users']",
  'print',
  '|',
  '| count',
  'let f = (x: long) { f(x) };',
  'let T = T;',
  '*',
  '()',
  '[]',
  '{}',
  '-1',
  '1e999',
  '0x',
  '9223372036854775808',
  '-9223372036854775808',
  '1d',
  '99999999999d',
  'datetime(10000-01-01)',
  'datetime(null)',
  'dynamic(null)',
  "dynamic({'a':",
  'real(nan)',
  'guid(0)',
  'int(99999999999)',
  'long(null)',
  'typeof(long)',
  '@"\\"',
  'h"secret"',
  "h'",
  '```',
  '~~~',
  '\r',
  '\t',
  'true',
  'null',
  '$left',
  '$right',
  'by',
  'on',
  'kind=',
  'asc',
  'evaluate',
  'invoke',
  'materialize(',
  'toscalar(',
  'union *',
  'search *',
] as const

const wrappers = [
  ['(', ')'],
  ['abs(', ')'],
  ['not(', ')'],
  ['tostring(', ')'],
  ['bin(', ', 3)'],
  ['iff(true, ', ', 1)'],
  ['strcat(', ', "a")'],
  ['dynamic([', '])'],
  ['-', ''],
  ['toscalar(print ', ')'],
  ['parse_json(tostring(', ')).a'],
  ['(print x = ', ')'],
] as const
const chains = [
  ' | where 1 == 1',
  ' | extend x = 1',
  ' | union (print x = 1)',
  ' + 1',
  ' and true',
  ' or a == 1',
  ' | summarize count() by x = 1',
  ' | mv-expand x',
  ' | join kind=inner (print x = 1) on x',
  '.a',
  '[0]',
  ', 1',
  '; let y = 1',
] as const

type Mutation = (tokens: string[], dice: Dice, other: readonly string[]) => void

const mutations: readonly Mutation[] = [
  (tokens, dice) => void tokens.splice(dice.below(tokens.length), 1 + dice.below(6)),
  (tokens, dice, other) => {
    const from = dice.below(other.length)
    tokens.splice(dice.below(tokens.length), dice.below(4), ...other.slice(from, from + 1 + dice.below(20)))
  },
  (tokens, dice) => {
    const from = dice.below(tokens.length)
    const span = tokens.slice(from, from + 1 + dice.below(8))
    const times = dice.of([1, 2, 2, 5, 20])
    tokens.splice(from, 0, ...Array.from({ length: times }, () => span).flat())
  },
  (tokens, dice) => {
    const [a, b] = [dice.below(tokens.length), dice.below(tokens.length)]
    const [first = '', second = ''] = [tokens[a], tokens[b]]
    tokens[a] = second
    tokens[b] = first
  },
  (tokens, dice) => void tokens.splice(dice.below(tokens.length + 1), 0, dice.of(hostile)),
  (tokens, dice) => void tokens.splice(dice.below(tokens.length), 1, dice.of(hostile)),
  (tokens, dice) => {
    const at = dice.below(tokens.length)
    const [open, close] = dice.of(wrappers)
    const depth = dice.of([1, 2, 3, 10, 40, dice.below(20) === 0 ? 400 : 5])
    tokens[at] = open.repeat(depth) + tokens[at] + close.repeat(depth)
  },
  (tokens, dice) =>
    void tokens.splice(
      dice.below(tokens.length + 1),
      0,
      dice.of(chains).repeat(dice.of([1, 2, 5, 20, dice.below(20) === 0 ? 300 : 10])),
    ),
  (tokens, dice) => {
    const at = dice.below(tokens.length)
    const size = dice.of([10, 100, 1000, dice.below(10) === 0 ? 100_000 : 20])
    tokens[at] = dice.of([
      '9'.repeat(size),
      `'${'x'.repeat(size)}'`,
      `0.${'1'.repeat(size)}`,
      `dynamic([${'1,'.repeat(size)}1])`,
      'x'.repeat(size),
    ])
  },
  (tokens, dice) => {
    const at = dice.below(tokens.length)
    const letters = Array.from(tokens[at] ?? '')
    letters.splice(
      dice.below(letters.length + 1),
      dice.below(2),
      String.fromCodePoint(dice.of([dice.below(128), dice.below(0x800), dice.below(0xd800)])),
    )
    tokens[at] = letters.join('')
  },
]

/** A query that one to four mutations made of one of the given ones. */
export function mutatedQuery(queries: readonly string[], dice: Dice): string {
  const tokens = tokensOf(dice.of(queries))
  for (let left = 1 + dice.below(4); left > 0 && tokens.length > 0; left -= 1)
    dice.of(mutations)(tokens, dice, tokensOf(dice.of(queries)))
  return tokens.join('')
}

function tokensOf(query: string): string[] {
  const tokens = query.match(/"[^"\n]*"|'[^'\n]*'|\w+|\s+|[^\w\s]/g) ?? []
  return tokens.length > 0 ? tokens : ['print']
}
