// Letters, marks, numbers, punctuation, symbols and the plain space stand for themselves; what a terminal obeys, hides or
// takes for the end of a line does not.
const unsafe = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|[\u115f\u1160\u3164\uffa0]/gu

/**
 * A term as a line of a list of terms: itself, or a JSON string where it would not come back as it is (spaces at its ends, a
 * beginning that means something else, characters that are not seen).
 */
export function termLine(term: string): string {
  const isPlain = term === term.trim() && term !== '' && !/^[#"]/.test(term) && term.search(unsafe) === -1
  if (isPlain) return term
  return JSON.stringify(term).replaceAll(unsafe, (character) =>
    // Of a pair of surrogates, both.
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
  )
}

/** The term of a line; nothing where the line is empty or a comment. */
export function readTermLine(line: string): string | undefined {
  const text = line.trim()
  if (text === '' || text.startsWith('#')) return undefined
  return quotedTerm(text) ?? text
}

/** What a JSON string says; a line that only looks like one is the term itself. */
function quotedTerm(text: string): string | undefined {
  if (!/^".*"$/.test(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
