import { isUtf8 } from 'node:buffer'
import type { ByteRange } from './bytes.ts'
import type { Member } from './member.ts'
import { problem } from './problem.ts'
import type { Problem } from './problem.ts'

export type Encoding = 'utf-8' | 'utf-8-bom' | 'utf-16le' | 'utf-16be'

const orderMarks: readonly (readonly [mark: string, encoding: Encoding | 'utf-32'])[] = [
  ['fffe0000', 'utf-32'],
  ['0000feff', 'utf-32'],
  ['efbbbf', 'utf-8-bom'],
  ['fffe', 'utf-16le'],
  ['feff', 'utf-16be'],
]

/** Recognises how text is encoded by its byte-order mark, or by where its zero bytes lie. */
export function recogniseEncoding(head: Buffer): Encoding | Problem {
  const hex = head.subarray(0, 4).toString('hex')
  for (const [mark, encoding] of orderMarks) {
    if (!hex.startsWith(mark)) continue
    return encoding === 'utf-32' ? problem('encoding', 'it is UTF-32 text', 'Save it as UTF-8.') : encoding
  }
  const sample = head.subarray(0, Math.min(4096, endOfText(head)))
  const zeros = { even: 0, odd: 0 }
  for (let at = 0; at < sample.length; at += 1)
    if (sample[at] === 0) zeros[at % 2 === 0 ? 'even' : 'odd'] += 1
  // Logs begin with a bracket, a digit or a letter: one zero byte beside it, and most zeros on its side.
  const [first, second] = sample
  if (first !== 0 && second === 0 && zeros.odd > 4 * zeros.even) return 'utf-16le'
  if (first === 0 && second !== 0 && zeros.even > 4 * zeros.odd) return 'utf-16be'
  if (zeros.odd + zeros.even > (sample.at(-1) === 0 ? 1 : 0)) return problem('unrecognised', 'it is not text')
  return 'utf-8'
}

/** Where the zero bytes begin that a crash or a fixed block size left behind. */
function endOfText(head: Buffer): number {
  let end = head.length
  while (end > 0 && head[end - 1] === 0) end -= 1
  return Math.min(head.length, end + 1)
}

/** Whether bytes are UTF-8, but for a character that may be cut at their end. */
export function isUtf8Head(head: Buffer): boolean {
  for (let cut = 0; cut < 4; cut += 1) if (isUtf8(head.subarray(0, head.length - cut))) return true
  return false
}

/** A member's text as UTF-8, and the way back to its own bytes. */
export interface Text {
  /** The length of its byte-order mark. */
  readonly markBytes: number
  readonly chunks: AsyncIterable<Uint8Array>
  /** The member's own offset of an offset in the UTF-8 text. Ask in rising order. */
  readonly offsetOf: (position: number) => number
}

/** Opens a member's text. Offsets in the UTF-8 text begin at 0, after the byte-order mark. */
export function openText(
  member: Pick<Member, 'open'>,
  encoding: Encoding,
  options: Pick<ByteRange, 'passing'> = {},
): Text {
  if (encoding === 'utf-8' || encoding === 'utf-8-bom') {
    const markBytes = encoding === 'utf-8' ? 0 : 3
    return {
      markBytes,
      chunks: member.open({ start: markBytes, ...options }),
      offsetOf: (position) => position + markBytes,
    }
  }
  const positions = new Utf16Positions()
  return {
    markBytes: 2,
    chunks: transcode(member, encoding, positions),
    offsetOf: (position) => positions.offsetOf(position),
  }
}

/** Decodes the beginning of a text, without its byte-order mark. */
export function decodeHead(head: Buffer, encoding: Encoding): Buffer {
  if (encoding === 'utf-8') return head
  if (encoding === 'utf-8-bom') return head.subarray(3)
  const text = new TextDecoder(encoding).decode(head.subarray(0, head.length - (head.length % 2)), {
    stream: true,
  })
  return Buffer.from(text)
}

async function* transcode(
  member: Pick<Member, 'open'>,
  encoding: 'utf-16le' | 'utf-16be',
  positions: Utf16Positions,
): AsyncIterable<Uint8Array> {
  const decoder = new TextDecoder(encoding, { ignoreBOM: true })
  let isFirst = true
  const encode = (decoded: string): Buffer => {
    const hasMark = isFirst && decoded.startsWith('\uFEFF')
    if (isFirst && decoded !== '') {
      isFirst = false
      positions.begin(hasMark ? 2 : 0)
    }
    const chunk = Buffer.from(hasMark ? decoded.slice(1) : decoded)
    positions.add(chunk)
    return chunk
  }
  for await (const bytes of member.open()) yield encode(decoder.decode(bytes, { stream: true }))
  yield encode(decoder.decode())
}

/** Turns offsets in UTF-8 into offsets in the UTF-16 that it came from, by counting code units. */
class Utf16Positions {
  #chunks: Uint8Array[] = []
  #at = 0
  #position = 0
  #offset = 0

  begin(markBytes: number): void {
    this.#offset = markBytes
  }

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
  }

  offsetOf(position: number): number {
    let chunk = this.#chunks[0]
    while (chunk && this.#position < position) {
      if (this.#at === chunk.length) {
        this.#chunks.shift()
        this.#at = 0
        chunk = this.#chunks[0]
        continue
      }
      const byte = chunk[this.#at] ?? 0
      this.#at += 1
      this.#position += 1
      if (byte < 0x80 || byte >= 0xc0) this.#offset += byte >= 0xf0 ? 4 : 2
    }
    return this.#offset
  }
}
