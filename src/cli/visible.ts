const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}\u115f\u1160\u3164\uffa0]/gu

/**
 * Text of unknown origin made safe to print: control characters as their pictures (␛), invisible and
 * direction-changing ones by number (<U+202E>). Logs are hostile; a terminal obeys what it prints.
 */
export function visible(text: string): string {
  return text.replaceAll(hidden, (character) => {
    const code = character.codePointAt(0) ?? 0
    if (code < 0x20) return String.fromCodePoint(0x2400 + code)
    if (code === 0x7f) return '\u2421'
    return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
  })
}

/** The same for text of several lines of our own: line ends stay. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n')
}
