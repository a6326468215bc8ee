import { tarChecksumMatches } from './tar.ts'

/** What holds other bytes and can be opened here. Avro is one: its content is the bodies of its events. */
export type Container = 'gz' | 'zst' | 'zip' | 'tar' | 'avro'

/** A container that cannot be opened here, and the command that opens it. */
export interface ForeignContainer {
  readonly name: string
  readonly command: (path: string) => string
}

/** How many bytes from the beginning tell a container. */
export const containerHeadBytes = 512

const foreign: readonly (readonly [signature: string, name: string, command: (path: string) => string])[] = [
  ['377abcaf271c', '7z archive', (path) => `7z x ${quote(path)} -oevidence`],
  ['526172211a07', 'RAR archive', (path) => `unrar x ${quote(path)} evidence/`],
  ['425a68', 'bzip2 file', (path) => `bunzip2 --keep ${quote(path)}`],
  ['fd377a585a00', 'xz file', (path) => `unxz --keep ${quote(path)}`],
  ['04224d18', 'LZ4 file', (path) => `lz4 -d ${quote(path)}`],
  ['4d534346', 'cabinet file', (path) => `cabextract -d evidence ${quote(path)}`],
  ['50415231', 'Parquet file', (path) => `duckdb -c "COPY (FROM ${quote(path)}) TO 'evidence.json'"`],
]

/** Recognises a container by its first bytes; `undefined` is content. */
export function recogniseContainer(head: Buffer): Container | ForeignContainer | undefined {
  const hex = head.subarray(0, 8).toString('hex')
  if (hex.startsWith('1f8b08')) return 'gz'
  if (hex.startsWith('28b52ffd') || /^5.2a4d18/u.test(hex)) return 'zst'
  if (/^504b(?:0304|0506|0708)/u.test(hex)) return 'zip'
  if (hex.startsWith('4f626a01')) return 'avro'
  if (tarChecksumMatches(head)) return 'tar'
  for (const [signature, name, command] of foreign) if (hex.startsWith(signature)) return { name, command }
  return undefined
}

/** Quotes a path for a shell, control characters included. */
export function quote(path: string): string {
  const characters = Array.from(path, (character) => {
    const code = character.charCodeAt(0)
    if (code < 32 || code === 127) return `\\x${code.toString(16).padStart(2, '0')}`
    return character === "'" || character === '\\' ? `\\${character}` : character
  })
  const escaped = characters.join('')
  return escaped === path ? `'${path}'` : `$'${escaped}'`
}
