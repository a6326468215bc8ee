import { stat } from 'node:fs/promises'

/** What changes when a file is written to or replaced; nothing for what is not a plain file. */
export async function stampOf(plainFile: string | undefined): Promise<string | undefined> {
  if (plainFile === undefined) return undefined
  try {
    const { ino, dev, size, mtimeNs, ctimeNs } = await stat(plainFile, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join(':')
  } catch (error) {
    if (error instanceof Error && 'code' in error) return `gone: ${String(error.code)}`
    throw error
  }
}
