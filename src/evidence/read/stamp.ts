import { lstatSync, type BigIntStats } from 'node:fs'

/** What changes when a file is written to or replaced. */
export function stampOf({ ino, dev, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':')
}

/** Whether a file has no longer the stamp that it had. */
export function hasChanged(plainFile: string, stamp: string): boolean {
  try {
    return stampOf(lstatSync(plainFile, { bigint: true })) !== stamp
  } catch (error) {
    if (error instanceof Error && 'code' in error) return true
    throw error
  }
}
