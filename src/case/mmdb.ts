import { Reader, type Response } from 'maxmind'
import { AzimuthError } from '../error.ts'

/** A network in CIDR notation and what a file in MaxMind's format says of it. */
export type MmdbNetwork = {
  readonly network: string
  /** The same number wherever the file says the same. */
  readonly place: number
}

const mostNetworks = 50_000_000

/**
 * Reads a file in MaxMind's format (MaxMind DB 2.0): each network once. IPv4 networks stand as such; the other ways to
 * write them as IPv6 that the format knows (6to4, Teredo) are left out.
 */
export class Mmdb {
  readonly #bytes: Buffer
  readonly #reader: Reader<Response>
  readonly #places = new Map<number, number>()
  readonly #answers: unknown[] = []

  constructor(bytes: Buffer, path: string) {
    this.#bytes = bytes
    try {
      this.#reader = new Reader(bytes)
    } catch (cause) {
      throw new AzimuthError('geoip-file', `${path} is not in MaxMind's format`, {
        hint: '--geoip takes an .mmdb file, such as GeoLite2-City.mmdb',
        cause,
      })
    }
  }

  /** What the file says at each place, by its number from 1; whole only after all networks were read. */
  get answers(): readonly unknown[] {
    return this.#answers
  }

  *networks(): Generator<MmdbNetwork> {
    const { ipVersion, nodeCount, treeDepth, searchTreeSize } = this.#reader.metadata
    if (searchTreeSize > this.#bytes.length) throw damaged()
    const ipv4Root = ipVersion === 6 ? this.#ipv4Root() : undefined
    // A node, the bits that lead to it, and how many there are.
    const waiting: { readonly node: number; readonly bits: bigint; readonly depth: number }[] = [
      { node: 0, bits: 0n, depth: 0 },
    ]
    let visits = 0
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { node, bits, depth } = next
      if (node < nodeCount) {
        if (node === ipv4Root && (depth !== 96 || bits !== 0n)) continue
        visits += 1
        if (depth >= treeDepth || visits > nodeCount) throw damaged()
        waiting.push(
          { node: this.#child(node, 1), bits: (bits << 1n) | 1n, depth: depth + 1 },
          { node: this.#child(node, 0), bits: bits << 1n, depth: depth + 1 },
        )
      } else if (node > nodeCount) {
        const { network, address } = networkOf(bits, depth, ipVersion === 4)
        yield { network, place: this.#placeOf(node, address) }
      }
    }
  }

  #placeOf(pointer: number, address: string): number {
    const known = this.#places.get(pointer)
    if (known !== undefined) return known
    if (this.#places.size >= mostNetworks) throw damaged()
    this.#answers.push(this.#read(address))
    this.#places.set(pointer, this.#answers.length)
    return this.#answers.length
  }

  #read(address: string): unknown {
    try {
      return this.#reader.get(address)
    } catch (cause) {
      throw damaged(cause)
    }
  }

  #ipv4Root(): number | undefined {
    const { nodeCount } = this.#reader.metadata
    const passed = new Set<number>()
    let node = 0
    for (let depth = 0; depth < 96; depth += 1) {
      if (node >= nodeCount) return undefined
      if (passed.has(node)) throw damaged()
      passed.add(node)
      node = this.#child(node, 0)
    }
    if (passed.has(node)) throw damaged()
    return node < nodeCount ? node : undefined
  }

  /** A node holds two numbers of 24, 28 or 32 bits. */
  #child(node: number, bit: 0 | 1): number {
    const { recordSize, nodeByteSize } = this.#reader.metadata
    const start = node * nodeByteSize
    if (recordSize === 32) return this.#bytes.readUInt32BE(start + bit * 4)
    if (recordSize === 24) return this.#bytes.readUIntBE(start + bit * 3, 3)
    const middle = this.#bytes.readUInt8(start + 3)
    return bit === 0
      ? ((middle & 0xf0) << 20) | this.#bytes.readUIntBE(start, 3)
      : ((middle & 0x0f) << 24) | this.#bytes.readUIntBE(start + 4, 3)
  }
}

function damaged(cause?: unknown): AzimuthError {
  return new AzimuthError('geoip-file', 'the file of --geoip is damaged', {
    hint: 'fetch it again',
    ...(cause !== undefined && { cause }),
  })
}

/** CIDR notation; IPv4 networks lie under ::/96 in a tree of IPv6. */
function networkOf(
  bits: bigint,
  depth: number,
  isIpv4Tree: boolean,
): { readonly network: string; readonly address: string } {
  const isIpv4 = isIpv4Tree || (depth >= 96 && bits >> BigInt(depth - 96) === 0n)
  if (isIpv4) {
    const length = isIpv4Tree ? depth : depth - 96
    const value = Number(BigInt.asUintN(32, bits << BigInt(32 - length)))
    const address = [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.')
    return { network: `${address}/${length}`, address }
  }
  const hex = (bits << BigInt(128 - depth)).toString(16).padStart(32, '0')
  const address = hex.replaceAll(/(.{4})(?!$)/g, '$1:')
  return { network: `${address}/${depth}`, address }
}
