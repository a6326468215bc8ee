import { statSync } from 'node:fs'

/** What changes when a file is written to or replaced; nothing for what is not a plain file. */
export function stampOf(plainFile: string | undefined): string | undefined {
  if (plainFile === undefined) return undefined
  try {
    const { ino, dev, size, mtimeNs, ctimeNs } = statSync(plainFile, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join(':')
  } catch (error) {
    if (error instanceof Error && 'code' in error) return `gone: ${String(error.code)}`
    throw error
  }
}
