import { refuse } from './problem.ts'

/** Unpacks one block of raw Snappy. Format: google/snappy, format_description.txt. */
export function unpackSnappy(packed: Uint8Array, maxBytes: number): Buffer {
  const { value: sizeBytes, next } = readLength(packed)
  if (sizeBytes > maxBytes) throw refuse('bomb', 'a Snappy block unpacks to more than is allowed')
  const unpacked = Buffer.allocUnsafe(sizeBytes)
  let at = next
  let filled = 0
  const byte = (index: number): number => {
    const value = packed[index]
    if (value === undefined) throw damaged()
    return value
  }
  while (at < packed.length) {
    const tag = byte(at)
    at += 1
    if ((tag & 3) === 0) {
      let length = tag >>> 2
      if (length >= 60) {
        const extra = length - 59
        length = 0
        for (let index = 0; index < extra; index += 1) length += byte(at + index) * 2 ** (8 * index)
        at += extra
      }
      length += 1
      if (at + length > packed.length || filled + length > sizeBytes) throw damaged()
      unpacked.set(packed.subarray(at, at + length), filled)
      at += length
      filled += length
      continue
    }
    const width = [0, 1, 2, 4][tag & 3] ?? 0
    let offset = 0
    for (let index = 0; index < width; index += 1) offset += byte(at + index) * 2 ** (8 * index)
    at += width
    if (width === 1) offset += (tag >>> 5) * 256
    const length = width === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
    if (offset === 0 || offset > filled || filled + length > sizeBytes) throw damaged()
    for (let index = 0; index < length; index += 1)
      unpacked[filled + index] = unpacked[filled + index - offset] ?? 0
    filled += length
  }
  if (filled !== sizeBytes) throw damaged()
  return unpacked
}

function readLength(packed: Uint8Array): { value: number; next: number } {
  let value = 0
  for (let index = 0; index < 5; index += 1) {
    const byte = packed[index]
    if (byte === undefined) break
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { value, next: index + 1 }
  }
  throw damaged()
}

function damaged() {
  return refuse('corrupt', 'a Snappy block is damaged')
}
