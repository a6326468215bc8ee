import { crc32, deflateRawSync } from 'node:zlib'

// Archives made byte by byte, so that tests can make bad ones too.

export interface ZipMember {
  readonly name: string
  readonly content: Buffer | string
  readonly stored?: boolean
  readonly encrypted?: boolean
  readonly method?: number
  /** Unix mode, such as 0o120777 for a link. */
  readonly mode?: number
  /** What the archive says, where that is not the truth. */
  readonly claims?: { readonly sizeBytes?: number; readonly crc32?: number; readonly localName?: string }
}

export function buildZip(
  members: readonly ZipMember[],
  options: { readonly overlap?: boolean } = {},
): Buffer {
  const local: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const member of members) {
    const content = Buffer.from(member.content)
    const packed = member.stored ? content : deflateRawSync(content)
    const method = member.method ?? (member.stored ? 0 : 8)
    const name = Buffer.from(member.name)
    const localName = Buffer.from(member.claims?.localName ?? member.name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE((member.encrypted ? 1 : 0) | 0x800, 2)
    common.writeUInt16LE(method, 4)
    common.writeUInt32LE(member.claims?.crc32 ?? crc32(content), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(member.claims?.sizeBytes ?? content.length, 18)
    common.writeUInt16LE(name.length, 22)
    const localCommon = Buffer.from(common)
    localCommon.writeUInt16LE(localName.length, 22)
    const header = Buffer.alloc(46)
    header.writeUInt32LE(0x02014b50, 0)
    header.writeUInt16LE((3 << 8) | 20, 4)
    common.copy(header, 6)
    header.writeUInt32LE(((member.mode ?? 0o100644) << 16) >>> 0, 38)
    header.writeUInt32LE(options.overlap ? 0 : offset, 42)
    central.push(header, name)
    const entry = Buffer.concat([Buffer.from('PK\u0003\u0004'), localCommon, localName, packed])
    local.push(entry)
    offset += entry.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(members.length, 8)
  end.writeUInt16LE(members.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...local, directory, end])
}

export interface TarMember {
  readonly name: string
  readonly content?: Buffer | string
  /** `0` a file, `1` and `2` links, `3` a device, `5` a folder, `L` a GNU long name, `x` pax fields. */
  readonly type?: string
  readonly prefix?: string
}

export function buildTar(members: readonly TarMember[], options: { readonly end?: boolean } = {}): Buffer {
  const blocks = members.flatMap((member) => {
    const content = Buffer.from(member.content ?? '')
    const header = Buffer.alloc(512)
    header.write(member.name, 0, 100, 'utf8')
    header.write('0000644\0', 100)
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124)
    header.write('        ', 148)
    header.write(member.type ?? '0', 156)
    header.write('ustar\u000000', 257)
    header.write(member.prefix ?? '', 345, 155, 'utf8')
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]
  })
  return Buffer.concat(options.end === false ? blocks : [...blocks, Buffer.alloc(1024)])
}

/** One pax field, whose length counts itself. */
export function paxField(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  let length = Buffer.byteLength(rest)
  while (String(length).length + Buffer.byteLength(rest) !== length)
    length = String(length).length + Buffer.byteLength(rest)
  return `${length}${rest}`
}

const captureSchema = {
  type: 'record',
  name: 'EventData',
  namespace: 'Microsoft.ServiceBus.Messaging',
  fields: [
    { name: 'SequenceNumber', type: 'long' },
    { name: 'Offset', type: 'string' },
    { name: 'EnqueuedTimeUtc', type: 'string' },
    { name: 'SystemProperties', type: { type: 'map', values: ['long', 'double', 'string', 'bytes'] } },
    { name: 'Properties', type: { type: 'map', values: ['long', 'double', 'string', 'bytes', 'null'] } },
    { name: 'Body', type: ['null', 'bytes'] },
  ],
}

/** An Avro file as Event Hubs Capture writes it, one block for each list of bodies. */
export function buildCapture(
  blocks: readonly (readonly (string | null)[])[],
  codec = 'null',
  pack = (block: Buffer) => block,
): Buffer {
  const sync = Buffer.from('0123456789abcdef')
  const header = [
    Buffer.from('Obj\u0001'),
    zigzag(2),
    text('avro.schema'),
    text(JSON.stringify(captureSchema)),
    text('avro.codec'),
    text(codec),
    zigzag(0),
    sync,
  ]
  const packed = blocks.map((bodies) => {
    const events = bodies.map((body, index) =>
      Buffer.concat([
        zigzag(index),
        text(String(index)),
        text('1/1/2025 12:00:00 AM'),
        Buffer.concat([zigzag(1), text('x-opt-partition-key'), zigzag(2), text('k'), zigzag(0)]),
        Buffer.concat([zigzag(-1), zigzag(text('n').length + 1), text('n'), zigzag(4), zigzag(0)]),
        body === null ? zigzag(0) : Buffer.concat([zigzag(1), text(body)]),
      ]),
    )
    const block = pack(Buffer.concat(events))
    return Buffer.concat([zigzag(bodies.length), zigzag(block.length), block, sync])
  })
  return Buffer.concat([...header, ...packed])
}

function text(value: string): Buffer {
  return Buffer.concat([zigzag(Buffer.byteLength(value)), Buffer.from(value)])
}

function zigzag(value: number): Buffer {
  const bytes: number[] = []
  let rest = value < 0 ? -2 * value - 1 : 2 * value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Buffer.from([...bytes, rest])
}
