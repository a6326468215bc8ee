import type { Member } from './member.ts'

const key = Buffer.from('"records"')

/**
 * Whether a file is a single `{"records": [...]}` on one line and nothing more, so that the engine may read it whole.
 * Anything doubtful, such as the word `"records"` a second time, is left to the splitter.
 */
export async function oneDocument(member: Member): Promise<boolean> {
  let keys = 0
  let tail = ''
  let isFirst = true
  let hasLineEnd = false
  for await (const chunk of member.open()) {
    const bytes = Buffer.concat([Buffer.from(tail, 'latin1'), chunk])
    if (isFirst && !/^\{\s*"records"\s*:\s*\[/u.test(bytes.toString('latin1', 0, 100))) return false
    isFirst = false
    for (let at = bytes.indexOf(key); at !== -1; at = bytes.indexOf(key, at + 1)) keys += 1
    const end = bytes.indexOf(10)
    hasLineEnd ||= end !== -1 && bytes.subarray(end).some((byte) => byte !== 10 && byte !== 13)
    if (keys > 1 || hasLineEnd) return false
    tail = bytes.toString('latin1', Math.max(0, bytes.length - key.length + 1))
  }
  return keys === 1 && /\]\}[\r\n]*$/u.test(tail)
}
