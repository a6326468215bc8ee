/** A piece of SQL that was built from literal text of ours, quoted names and quoted values. Nothing else becomes SQL. */
export interface Sql {
  readonly kind: 'sql'
  readonly text: string
}

export type SqlPart = Sql | string | number | bigint | boolean | null | readonly SqlPart[]

/**
 * Builds SQL from a template. Strings, numbers, bigints, booleans and null become literals, arrays become lists
 * joined by commas, `Sql` stands as it is.
 */
export function sql(strings: TemplateStringsArray, ...parts: readonly SqlPart[]): Sql {
  let text = strings[0] ?? ''
  for (const [index, part] of parts.entries()) text += printPart(part) + (strings[index + 1] ?? '')
  return { kind: 'sql', text }
}

/** Quotes a name (table, column, user) with backticks, whatever its content. */
export function identifier(name: string): Sql {
  const escaped = name.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('\0', '\\0')
  return { kind: 'sql', text: `\`${escaped}\`` }
}

/** Joins pieces with a separator that is itself SQL, a comma by default. */
export function join(parts: readonly Sql[], separator: Sql = sql`, `): Sql {
  return { kind: 'sql', text: parts.map((part) => part.text).join(separator.text) }
}

/** Quotes a string as a ClickHouse literal, whatever its content. */
export function quoteString(value: string): string {
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('\0', '\\0')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
  return `'${escaped}'`
}

function printPart(part: SqlPart): string {
  if (part === null) return 'NULL'
  switch (typeof part) {
    case 'string':
      return quoteString(part)
    case 'bigint':
      return part.toString()
    case 'boolean':
      return part ? 'true' : 'false'
    case 'number':
      if (!Number.isFinite(part)) throw new Error(`no SQL literal for ${part}`)
      return String(part)
    default:
      return 'kind' in part ? part.text : part.map((element) => printPart(element)).join(', ')
  }
}
