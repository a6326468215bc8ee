const hexOf16Bits: readonly string[] = Array.from({ length: 65_536 }, (_, value) =>
  value.toString(16).padStart(4, '0'),
)

/** A seeded stream of numbers (sfc32). `fork` gives an independent stream by name, so that one never shifts another. */
export class Random {
  readonly #seed: string
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: string) {
    this.#seed = seed
    this.#a = hashOf(seed, 0x9e3779b9)
    this.#b = hashOf(seed, 0x85ebca6b)
    this.#c = hashOf(seed, 0xc2b2ae35)
    for (let round = 0; round < 12; round += 1) this.uint32()
  }

  fork(name: string): Random {
    return new Random(`${this.#seed}/${name}`)
  }

  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    return sum >>> 0
  }

  /** A number in [0, 1). */
  unit(): number {
    return this.uint32() / 4_294_967_296
  }

  /** An integer in [0, below). */
  below(below: number): number {
    return Math.floor(this.unit() * below)
  }

  /** An integer in [from, to]. */
  between(from: number, to: number): number {
    return from + Math.floor(this.unit() * (to - from + 1))
  }

  chance(probability: number): boolean {
    return this.unit() < probability
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)]
    if (value === undefined) throw new Error('nothing to pick from')
    return value
  }

  shuffle<T>(values: readonly T[]): T[] {
    const result = [...values]
    for (let last = result.length - 1; last > 0; last -= 1) {
      const other = this.below(last + 1)
      const kept = result[last] as T
      result[last] = result[other] as T
      result[other] = kept
    }
    return result
  }

  /** Waiting times and sizes: exponential with the given mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.unit())
  }

  /** How many events fall in a span that expects `mean` of them. */
  poisson(mean: number): number {
    if (mean > 40) {
      const spread = Math.sqrt(-2 * Math.log(1 - this.unit())) * Math.cos(2 * Math.PI * this.unit())
      return Math.max(0, Math.round(mean + Math.sqrt(mean) * spread))
    }
    const limit = Math.exp(-mean)
    let count = 0
    for (let product = this.unit(); product > limit; product *= this.unit()) count += 1
    return count
  }

  guid(): string {
    const a = this.uint32()
    const b = this.uint32()
    const c = this.uint32()
    const d = this.uint32()
    return `${hex32(a)}-${hex16(b >>> 16)}-${hex16((b & 0x0fff) | 0x4000)}-${hex16(
      ((c >>> 16) & 0x3fff) | 0x8000,
    )}-${hex16(c)}${hex32(d)}`
  }

  /** The id of a request to Microsoft Entra: a GUID whose last byte is zero. */
  entraRequestId(): string {
    return `${this.guid().slice(0, -2)}00`
  }

  /** The id of a request to Azure Storage, as `x-ms-request-id` gives it. */
  storageRequestId(): string {
    const a = this.uint32()
    const b = this.uint32()
    const c = this.uint32()
    return `${hex32(a)}-${storageMiddles[b & 7]}-00${hex16(b >>> 16).slice(2)}-${hex16(c >>> 16)}-${hex16(
      c,
    )}${hex16(b >>> 8).slice(0, 2)}000000`
  }

  hex(digits: number): string {
    let text = ''
    while (text.length < digits) text += hex32(this.uint32())
    return text.slice(0, digits)
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.uint32() & 255)
  }
}

const storageMiddles = ['101e', '301e', '501e', '701e', '901e', 'b01e', 'd01e', 'f01e']

function hex16(value: number): string {
  return hexOf16Bits[value & 0xffff] ?? '0000'
}

function hex32(value: number): string {
  return hex16(value >>> 16) + hex16(value)
}

function hashOf(text: string, basis: number): number {
  let hash = basis
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
    hash ^= hash >>> 15
  }
  return hash | 0
}
