import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { hashMember } from './hash-member.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

function memberOf(bytes: Buffer, chunkBytes: number) {
  return {
    async *open() {
      for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
    },
  }
}

test('one pass gives the hash of a member, and of its beginnings', async () => {
  const bytes = randomBytes(10_000)
  for (const chunk of [1, 7, 1000, 2 ** 20]) {
    const found = await hashMember(memberOf(bytes, chunk), { cutsAt: [10_000, 7, 0, 5000, 7, 10_001] })
    expect(found.sha256).toBe(sha256(bytes))
    expect(found.sizeBytes).toBe(10_000)
    expect(found.cuts).toEqual(
      [0, 7, 5000, 10_000].map((at) => ({ at, sha256: sha256(bytes.subarray(0, at)) })),
    )
  }
})

test('and counts the lines that hold anything', async () => {
  for (const chunk of [1, 2, 3, 100])
    for (const [text, lines] of [
      ['', 0],
      ['a', 1],
      ['a\n', 1],
      ['a\r\n\r\n \t\nb', 2],
      ['\n\n', 0],
      [' a\n b\n', 2],
    ] as const)
      expect((await hashMember(memberOf(Buffer.from(text), chunk))).lines, JSON.stringify(text)).toBe(lines)
})
