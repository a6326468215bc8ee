/** Code points, each as a text. */
export function characters(text: string): readonly string[] {
  return Array.from(text)
}

/** Lower case, character by character, so that lengths stay. */
export function fold(text: string): string {
  return text.toLowerCase()
}

const sides = {
  start: /[\p{L}\p{N}]$/u,
  end: /^[\p{L}\p{N}]/u,
}

function occurrences(text: string, part: string): readonly (readonly [before: string, after: string])[] {
  const found: (readonly [string, string])[] = []
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    found.push([text.slice(0, at), text.slice(at + part.length)])
    if (at >= text.length) break
  }
  return found
}

function term(text: string, part: string, isCaseSensitive: boolean, left: boolean, right: boolean): boolean {
  if (part === '') return true
  const [whole, sought] = isCaseSensitive ? [text, part] : [fold(text), fold(part)]
  // What itself begins or ends with a separator lies at a boundary there.
  const [needsLeft, needsRight] = [left && sides.end.test(sought), right && sides.start.test(sought)]
  return occurrences(whole, sought).some(
    ([before, after]) => (!needsLeft || !sides.start.test(before)) && (!needsRight || !sides.end.test(after)),
  )
}

/** Terms are runs of letters and digits; what is sought must begin and end where terms do. */
export function hasTerm(text: string, part: string, isCaseSensitive: boolean): boolean {
  return term(text, part, isCaseSensitive, true, true)
}

export function hasPrefix(text: string, part: string, isCaseSensitive: boolean): boolean {
  return term(text, part, isCaseSensitive, true, false)
}

export function hasSuffix(text: string, part: string, isCaseSensitive: boolean): boolean {
  return term(text, part, isCaseSensitive, false, true)
}

export function startsWith(text: string, part: string, isCaseSensitive: boolean): boolean {
  return isCaseSensitive ? text.startsWith(part) : fold(text).startsWith(fold(part))
}

export function endsWith(text: string, part: string, isCaseSensitive: boolean): boolean {
  return isCaseSensitive ? text.endsWith(part) : fold(text).endsWith(fold(part))
}

const word = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}`
const classes: Readonly<Record<string, string>> = { d: String.raw`\p{Nd}`, w: `[${word}]`, W: `[^${word}]` }

/** Kusto's digits and word characters are Unicode's; no pattern here has `\w` or `\W` in a set. */
export function regex(pattern: string, flags = ''): RegExp {
  const inline = /^\(\?([ims]+)\)/.exec(pattern)
  const rest = inline ? pattern.slice(inline[0].length) : pattern
  const translated = rest.replaceAll(/\\(.)/gu, (whole, letter: string) => classes[letter] ?? whole)
  return new RegExp(translated.replaceAll('(?P<', '(?<'), `u${flags}${inline?.[1] ?? ''}`)
}
