import { expect, test } from 'vitest'
import { linesOf } from './lines.ts'

async function* pieces(...texts: readonly Uint8Array[]) {
  for (const text of texts) yield await Promise.resolve(text)
}

test('lines are split where they end, whatever pieces they come in', async () => {
  const bytes = Buffer.from('\ufeffone\r\n\n  \nzwölf\nlast')
  for (let cut = 0; cut <= bytes.length; cut++) {
    const lines = await Array.fromAsync(linesOf(pieces(bytes.subarray(0, cut), bytes.subarray(cut))))
    expect(lines).toEqual(['one', 'zwölf', 'last'])
  }
})
