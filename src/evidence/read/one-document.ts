import type { Member } from './member.ts'

const key = Buffer.from('"records"')

/**
 * Whether a file is a single `{"records": [...]}` on one line and nothing more, so that the engine may read it whole.
 * Anything doubtful, such as the word `"records"` a second time, is left to the splitter.
 */
export async function oneDocument(member: Member): Promise<boolean> {
  let keys = 0
  let tail: Buffer = Buffer.alloc(0)
  let isFirst = true
  let isEnded = false
  for await (const { buffer, byteOffset, length } of member.open({ passing: true })) {
    const bytes = Buffer.from(buffer, byteOffset, length)
    if (isFirst && !/^\{\s*"records"\s*:\s*\[/u.test(bytes.toString('latin1', 0, 100))) return false
    isFirst = false
    const seam = Buffer.concat([tail, bytes.subarray(0, key.length - 1)])
    keys += countKeys(seam) + countKeys(bytes)
    if (isEnded && bytes.some(isNoLineEnd)) return false
    const end = bytes.indexOf(10)
    isEnded ||= end !== -1
    if (keys > 1 || (end !== -1 && bytes.subarray(end).some(isNoLineEnd))) return false
    tail = Buffer.concat([tail, bytes.subarray(-tailBytes)]).subarray(-tailBytes)
  }
  return keys === 1 && /\]\}[\r\n]*$/u.test(tail.toString('latin1'))
}

/** Too short for a key, so that no key is counted both in a chunk and at its seam. */
const tailBytes = key.length - 1

function countKeys(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(key); at !== -1; at = bytes.indexOf(key, at + 1)) count += 1
  return count
}

function isNoLineEnd(byte: number): boolean {
  return byte !== 10 && byte !== 13
}
