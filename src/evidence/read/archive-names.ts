import { isUtf8 } from 'node:buffer'

/** Decodes a name of bytes. Bytes that are not UTF-8 are shown as `\xNN`, so that different names stay different. */
export function decodeName(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8')
  return bytes
    .toString('latin1')
    .replaceAll(/[\u0080-\u00ff]/gu, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`)
}

/** Says why a member's name is refused: it leaves the archive, or could on some system. */
export function unsafeName(name: string): string | undefined {
  const slashed = name.replaceAll('\\', '/')
  if (name === '') return 'its name is empty'
  if (name.includes('\0')) return 'its name holds a zero byte'
  if (slashed.startsWith('/') || /^[A-Za-z]:\//u.test(slashed)) return 'its name is absolute'
  if (slashed.split('/').includes('..')) return 'its name leads out of the archive'
  return undefined
}

/** Tells members of one name apart: the second `x.json` of an archive becomes `x.json#2`. */
export class UniqueNames {
  readonly #seen = new Map<string, number>()

  next(name: string): string {
    const count = (this.#seen.get(name) ?? 0) + 1
    this.#seen.set(name, count)
    return count === 1 ? name : `${name}#${count}`
  }
}
