import { isListedAggregate, isListedFunction } from '../src/sql/functions.ts'

/** The words that compiled SQL is made of, beside names in backticks and listed functions. */
const words = new Set(
  `SELECT DISTINCT FROM AS WHERE GROUP BY HAVING ORDER ASC DESC NULLS FIRST LAST LIMIT UNION ALL ARRAY JOIN CROSS INNER LEFT RIGHT FULL
   SEMI ANTI ON AND OR NOT IN NULL true false OVER PARTITION ROWS BETWEEN PRECEDING FOLLOWING UNBOUNDED CURRENT ROW CAST IS`.split(
    /\s+/,
  ),
)

const token =
  /(?<space>\s+)|(?<text>'(?:[^'\\]|\\[^])*')|(?<name>`(?:[^`\\]|\\[^])*`)|(?<word>[A-Za-z_]\w*)|(?<number>\d+)|(?<sign>->|<=|>=|!=|\|\||[-+*/%<>=(),.[\]{}:])/y

/**
 * Why a text is not one SELECT of listed functions over the given tables; nothing where it is. Reads the text as ClickHouse's
 * lexer does and knows nothing of how it was made.
 */
export function faultOfSql(sql: string, tables: ReadonlySet<string>): string | undefined {
  const tokens = [...read(sql)]
  if (tokens.some((item) => item.kind === 'fault')) return `unreadable: ${tokens.at(-1)?.text}`
  if (tokens[0]?.text !== 'SELECT' && tokens[0]?.text !== '(') return `begins with ${tokens[0]?.text}`
  for (const [index, { kind, text }] of tokens.entries()) {
    const before = tokens[index - 1]
    const next = tokens[index + 1]
    if (kind === 'word') {
      const isCall = next?.text === '('
      const isKnown = words.has(text) || (isCall && (isListedFunction(text) || isListedAggregate(text)))
      const isSystemOne =
        tokens
          .slice(index - 1, index + 3)
          .map((item) => item.text)
          .join(' ') === 'FROM system . one'
      if (!isKnown && !isSystemOne && !(text === 'one' && before?.text === '.')) return `the word ${text}`
    }
    if (isSource(tokens, index - 1) && kind === 'name') {
      const table = tokens
        .slice(index, index + 3)
        .map((item) => item.text)
        .join('')
      if (!tables.has(table)) return `the table ${table}`
    }
  }
  return undefined
}

/** Whether a table or a SELECT comes next; ARRAY JOIN and IS NOT DISTINCT FROM name columns. */
function isSource(
  tokens: readonly { readonly kind: string; readonly text: string }[],
  index: number,
): boolean {
  const word = tokens[index]
  if (word?.kind !== 'word') return false
  const before = tokens[index - 1]?.text
  return (word.text === 'FROM' && before !== 'DISTINCT') || (word.text === 'JOIN' && before !== 'ARRAY')
}

function* read(sql: string): Generator<{ readonly kind: string; readonly text: string }> {
  token.lastIndex = 0
  while (token.lastIndex < sql.length) {
    const at = token.lastIndex
    const found = token.exec(sql)
    const kind = Object.entries(found?.groups ?? {}).find(([, text]) => text !== undefined)?.[0]
    if (!found || kind === undefined) {
      yield { kind: 'fault', text: sql.slice(at, at + 40) }
      return
    }
    // Two signs that would begin a comment.
    if (/^(?:--|\/\*|#)/.test(sql.slice(at))) yield { kind: 'fault', text: sql.slice(at, at + 40) }
    if (kind !== 'space') yield { kind, text: found[0] }
  }
}
