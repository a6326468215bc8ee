/** A line of a list of checksums. */
export interface ListedSum {
  readonly algorithm: 'md5' | 'sha1' | 'sha256' | 'sha512'
  readonly expected: string
  /** As written; `undefined` where the list is a single sum, of the file that it is named after. */
  readonly path: string | undefined
}

const byLength: ReadonlyMap<number, ListedSum['algorithm']> = new Map([
  [32, 'md5'],
  [40, 'sha1'],
  [64, 'sha256'],
  [128, 'sha512'],
])

/** Reads the lines of `sha256sum`, `md5sum`, `shasum`, BSD tools and BagIt manifests; `undefined` if any is another. */
export function readChecksumList(text: string): readonly ListedSum[] | undefined {
  const lines = text.replace(/^\uFEFF/u, '').split(/\r?\n/u)
  const sums: ListedSum[] = []
  for (const line of lines) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const sum = readLine(line)
    if (!sum) return undefined
    sums.push(sum)
  }
  return sums.length > 0 ? sums : undefined
}

function readLine(line: string): ListedSum | undefined {
  const bsd = /^\\?(?:MD5|SHA1|SHA256|SHA512) ?\((.+)\) ?= ?([\da-f]+)$/iu.exec(line)
  const plain = /^(\\?)([\da-f]+)(?:\s+\*?(.+))?$/iu.exec(line)
  const expected = (bsd?.[2] ?? plain?.[2])?.toLowerCase()
  const algorithm = byLength.get(expected?.length ?? 0)
  if (expected === undefined || !algorithm) return undefined
  const path = bsd ? bsd[1] : plain?.[3]
  return { algorithm, expected, path: plain?.[1] === '\\' && path !== undefined ? unescapeGnu(path) : path }
}

/** GNU writes line ends and backslashes in names as `\n` and `\\`, and marks such lines by a leading backslash. */
function unescapeGnu(path: string): string {
  return path.replaceAll(/\\(n|r|\\)/gu, (_, character: string) =>
    character === 'n' ? '\n' : character === 'r' ? '\r' : '\\',
  )
}
