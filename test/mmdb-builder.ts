/** A value of a MaxMind DB: maps, arrays, texts, doubles and whole numbers. */
export type MmdbValue = string | number | readonly MmdbValue[] | { readonly [key: string]: MmdbValue }

export interface MmdbOptions {
  readonly ipVersion?: 4 | 6
  readonly recordSize?: 24 | 28 | 32
  /** Networks whose subtree is the one of IPv4, as 6to4 has it. */
  readonly aliases?: readonly string[]
}

type Leaf = { readonly offset: number }
type Node = { index: number; children: [Node | Leaf | undefined, Node | Leaf | undefined] }

/** Writes a small MaxMind DB, by the description of its format: a tree of bits, the data, the metadata. */
export function buildMmdb(
  networks: readonly (readonly [cidr: string, value: MmdbValue])[],
  { ipVersion = 6, recordSize = 24, aliases = [] }: MmdbOptions = {},
): Buffer {
  const root = emptyNode()
  const data: Buffer[] = []
  const known = new Map<string, Leaf>()
  let size = 0
  for (const [cidr, value] of networks) {
    const encoded = encode(value)
    const leaf = known.get(encoded.toString('hex')) ?? { offset: size }
    if (!known.has(encoded.toString('hex'))) {
      known.set(encoded.toString('hex'), leaf)
      data.push(encoded)
      size += encoded.length
    }
    put(root, bitsOf(cidr, ipVersion), leaf)
  }
  for (const alias of aliases) put(root, bitsOf(alias, ipVersion), nodeAt(root, '0'.repeat(96)))
  const nodes = numbered(root)
  const tree = Buffer.concat(nodes.map((node) => encodeNode(node, nodes.length, recordSize)))
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_700_000_000,
    database_type: 'Test-City',
    description: { en: 'made for a test' },
    ip_version: ipVersion,
    languages: ['en'],
    node_count: nodes.length,
    record_size: recordSize,
  })
  return Buffer.concat([
    tree,
    Buffer.alloc(16),
    ...data,
    Buffer.from('\u00ab\u00cd\u00efMaxMind.com', 'latin1'),
    metadata,
  ])
}

function emptyNode(): Node {
  return { index: -1, children: [undefined, undefined] }
}

function put(root: Node, bits: string, value: Node | Leaf): void {
  const parent = nodeAt(root, bits.slice(0, -1))
  parent.children[bits.endsWith('1') ? 1 : 0] = value
}

/** The node at the end of these bits, made where there is none; a leaf on the way is handed down to both sides. */
function nodeAt(root: Node, bits: string): Node {
  let node = root
  for (const bit of bits) {
    const side = bit === '1' ? 1 : 0
    const next = node.children[side]
    if (next !== undefined && 'children' in next) node = next
    else {
      const made: Node = { index: -1, children: [next, next] }
      node.children[side] = made
      node = made
    }
  }
  return node
}

function numbered(root: Node): readonly Node[] {
  const nodes: Node[] = []
  const visit = (node: Node | Leaf | undefined): void => {
    if (node === undefined || !('children' in node) || node.index !== -1) return
    node.index = nodes.length
    nodes.push(node)
    for (const inner of node.children) visit(inner)
  }
  visit(root)
  return nodes
}

function encodeNode({ children }: Node, count: number, recordSize: 24 | 28 | 32): Buffer {
  const [left, right] = children.map((inner) => {
    if (inner === undefined) return count
    return 'children' in inner ? inner.index : count + 16 + inner.offset
  })
  const [a = 0, b = 0] = [left, right]
  const bytes = Buffer.alloc(recordSize / 4)
  if (recordSize === 32) {
    bytes.writeUInt32BE(a, 0)
    bytes.writeUInt32BE(b, 4)
  } else {
    bytes.writeUIntBE(a & 0xffffff, 0, 3)
    bytes.writeUIntBE(b & 0xffffff, recordSize === 24 ? 3 : 4, 3)
    if (recordSize === 28) bytes[3] = ((a >>> 24) << 4) | (b >>> 24)
  }
  return bytes
}

function bitsOf(cidr: string, ipVersion: 4 | 6): string {
  const [address = '', length = ''] = cidr.split('/')
  if (!address.includes(':')) {
    const bits = address
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('')
    return (ipVersion === 6 ? '0'.repeat(96) : '') + bits.slice(0, Number(length))
  }
  const [head = '', tail = ''] = address.split('::')
  const [first, last] = [head, tail].map((part) => part.split(':').filter((group) => group !== ''))
  const groups = [
    ...(first ?? []),
    ...Array.from({ length: 8 - (first?.length ?? 0) - (last?.length ?? 0) }, () => '0'),
    ...(last ?? []),
  ]
  return groups
    .map((group) => parseInt(group, 16).toString(2).padStart(16, '0'))
    .join('')
    .slice(0, Number(length))
}

function encode(value: MmdbValue): Buffer {
  if (typeof value === 'string') return withHeader(2, Buffer.byteLength(value), Buffer.from(value))
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) {
      const bytes = Buffer.alloc(8)
      bytes.writeDoubleBE(value)
      return withHeader(3, 8, bytes)
    }
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return withHeader(6, 4, bytes)
  }
  if (Array.isArray(value)) {
    const elements: readonly MmdbValue[] = value
    return withHeader(11, elements.length, Buffer.concat(elements.map(encode)))
  }
  const pairs = Object.entries(value).flatMap(([key, inner]: [string, MmdbValue]) => [
    encode(key),
    encode(inner),
  ])
  return withHeader(7, pairs.length / 2, Buffer.concat(pairs))
}

/** Types above 7 stand in a byte of their own; a size of 29 or more goes into a further one. */
function withHeader(type: number, size: number, body: Buffer): Buffer {
  const long = size >= 29
  if (size >= 285) throw new Error('too long for this small writer')
  const first = ((type > 7 ? 0 : type) << 5) | (long ? 29 : size)
  return Buffer.concat([
    Buffer.from([first, ...(type > 7 ? [type - 7] : []), ...(long ? [size - 29] : [])]),
    body,
  ])
}
