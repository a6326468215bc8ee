import { closeSync, openSync, writeSync } from 'node:fs'
import { fixtures } from '../src/tables/fixtures.ts'

/** Writes a file of about so many bytes: a head, one text again and again with a mark between, a tail. */
export function writeRepeated(
  path: string,
  bytes: number,
  parts: {
    readonly head?: string
    readonly text: (index: number) => string
    readonly between?: string
    readonly tail?: string
  },
): number {
  const { head = '', text, between = '', tail = '' } = parts
  const file = openSync(path, 'w')
  let written = writeSync(file, head)
  let count = 0
  let pending = ''
  while (written < bytes) {
    pending += (count === 0 ? '' : between) + text(count)
    count += 1
    if (pending.length < 2 ** 20) continue
    written += writeSync(file, pending)
    pending = ''
  }
  writeSync(file, pending + tail)
  closeSync(file)
  return count
}

const signIn = JSON.stringify(fixtures.find(({ shape }) => shape === 'SigninLogs/diagnostic')?.record)

/** A sign-in whose id, time and correlation are its own. */
export function signInLine(index: number): string {
  const id = index.toString(16).padStart(12, '0')
  return signIn.replaceAll(/[0-9a-f]{12}(?=")/gu, id)
}
