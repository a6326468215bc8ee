/** A text with wildcards, taken apart. Never two texts, nor two `any`, side by side. */
export type Pattern = readonly PatternPart[]

export type PatternPart =
  | { readonly kind: 'text'; readonly text: string }
  /** `*`: any number of characters. */
  | { readonly kind: 'any' }
  /** `?`: one character. */
  | { readonly kind: 'one' }
  /** One character of these. */
  | { readonly kind: 'oneOf'; readonly characters: string }
  /** `%name%`, to be replaced by the values of a watchlist. */
  | { readonly kind: 'placeholder'; readonly name: string }

/**
 * Sigma's escapes: a backslash takes the meaning of a wildcard or of a backslash that follows it; before anything else it
 * is a plain backslash. Where placeholders count, it takes the meaning of a per cent sign too.
 */
export function parsePattern(source: string, placeholders = false): Pattern {
  const parts: PatternPart[] = []
  const special = placeholders ? '*?\\%' : '*?\\'
  for (let index = 0; index < source.length; index += 1) {
    const character = source.charAt(index)
    const next = source.charAt(index + 1)
    const placeholder = placeholders && character === '%' ? /^%([\w.-]+)%/.exec(source.slice(index)) : null
    if (character === '\\' && next !== '' && special.includes(next)) {
      parts.push({ kind: 'text', text: next })
      index += 1
    } else if (character === '*') parts.push({ kind: 'any' })
    else if (character === '?') parts.push({ kind: 'one' })
    else if (placeholder) {
      parts.push({ kind: 'placeholder', name: placeholder[1] ?? '' })
      index += placeholder[0].length - 1
    } else parts.push({ kind: 'text', text: character })
  }
  return joinParts(parts)
}

/** Parts in their shortest form. */
export function joinParts(parts: Pattern): Pattern {
  const joined: PatternPart[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    if (part.kind === 'text' && part.text === '') continue
    if (part.kind === 'text' && last?.kind === 'text') {
      joined[joined.length - 1] = { kind: 'text', text: last.text + part.text }
    } else if (part.kind !== 'any' || last?.kind !== 'any') joined.push(part)
  }
  return joined
}

export function plainPattern(text: string): Pattern {
  return joinParts([{ kind: 'text', text }])
}

/** The text of a pattern without wildcards; nothing where it has any. */
export function plainText(pattern: Pattern): string | undefined {
  const texts = pattern.map((part) => (part.kind === 'text' ? part.text : undefined))
  return texts.includes(undefined) ? undefined : texts.join('')
}

/** A regular expression that matches what the pattern does, from start to end. */
export function patternRegex(pattern: Pattern): string {
  return `^${pattern.map((part) => partRegex(part)).join('')}$`
}

function partRegex(part: PatternPart): string {
  switch (part.kind) {
    case 'text':
      return escapeRegex(part.text)
    case 'any':
      return '.*'
    case 'one':
      return '.'
    case 'oneOf':
      return `(?:${Array.from(part.characters, (character) => escapeRegex(character)).join('|')})`
    case 'placeholder':
      throw new Error('a placeholder was not replaced')
    default:
      throw new Error(`unexpected part ${JSON.stringify(part satisfies never)}`)
  }
}

export function escapeRegex(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
