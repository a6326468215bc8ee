/** How characters become bytes before base64. */
export const encodings = {
  utf16le: (text: string): Buffer => Buffer.from(text, 'utf16le'),
  wide: (text: string): Buffer => Buffer.from(text, 'utf16le'),
  utf16be: (text: string): Buffer => Buffer.from(text, 'utf16le').swap16(),
  utf16: (text: string): Buffer => Buffer.from(`\uFEFF${text}`, 'utf16le'),
} as const

export type Encoding = keyof typeof encodings

export function encodeBase64(bytes: Buffer): readonly string[] {
  return [bytes.toString('base64')]
}

/**
 * The characters of base64 that bytes give wherever they begin in what is encoded: one text for each remainder of their
 * place by three, without the characters that depend on the neighbours.
 */
export function encodeBase64Offsets(bytes: Buffer): readonly string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replaceAll('=', '')
    const bits = (offset + bytes.length) * 8
    return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(bits / 6))
  })
}
