import { z } from 'zod'
import { refuse } from './problem.ts'

/** Reads a value of an Avro schema, or passes over it. Format: Apache Avro 1.11, "Binary encoding". */
export type AvroSkip = (cursor: AvroCursor) => void

/** A position in a block of Avro data. */
export class AvroCursor {
  readonly bytes: Buffer
  at = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  /** A zigzag varint of up to 64 bits; only those that are safe integers can be lengths here. */
  readLong(): number {
    let value = 0
    let scale = 1
    for (let index = 0; index < 10; index += 1) {
      const byte = this.bytes[this.at]
      if (byte === undefined) throw damagedAvro()
      this.at += 1
      value += (byte & 0x7f) * scale
      scale *= 128
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    }
    throw damagedAvro()
  }

  readBytes(): Buffer {
    const length = this.readLong()
    const start = this.at
    this.skip(length)
    return this.bytes.subarray(start, this.at)
  }

  skip(length: number): void {
    if (!(length >= 0) || this.at + length > this.bytes.length) throw damagedAvro()
    this.at += length
  }
}

/** The bytes of the field `Body` of the next record, or nothing where it is null. */
export type ReadBody = (cursor: AvroCursor) => Buffer | undefined

/** Makes a reader of the field `Body` from the schema of an Event Hubs Capture file. */
export function compileCaptureSchema(text: string): ReadBody {
  const schema = recordSchema.safeParse(parseSchema(text))
  const body = schema.data?.fields.find((field) => field.name === 'Body')
  if (!schema.success || !body)
    throw refuse(
      'unsupported-container',
      'it is an Avro file, but not one that Event Hubs Capture wrote (no field Body)',
    )
  const named = new Map<string, AvroSkip>()
  const branches = Array.isArray(body.type) ? body.type : [body.type]
  const fields = schema.data.fields.map((field) => ({
    isBody: field === body,
    skip: compile(field.type, named, 0),
  }))
  return (cursor) => {
    let found: Buffer | undefined
    for (const field of fields) {
      if (!field.isBody) field.skip(cursor)
      else {
        const branch = Array.isArray(body.type) ? branches[cursor.readLong()] : body.type
        if (branch === 'bytes' || branch === 'string') found = cursor.readBytes()
        else if (branch !== 'null') throw damagedAvro()
      }
    }
    return found
  }
}

const recordSchema = z.object({
  fields: z.array(z.object({ name: z.string(), type: z.unknown().optional() })),
})
const typeSchema = z.object({
  type: z.unknown().optional(),
  name: z.string().optional(),
  items: z.unknown().optional(),
  values: z.unknown().optional(),
  size: z.number().int().min(0).optional(),
})

function parseSchema(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw damagedAvro()
  }
}

const maxSchemaDepth = 50

function compile(type: unknown, named: Map<string, AvroSkip>, depth: number): AvroSkip {
  if (depth > maxSchemaDepth) throw damagedAvro()
  if (Array.isArray(type)) {
    const branches = type.map((branch) => compile(branch, named, depth + 1))
    return (cursor) => {
      const branch = branches[cursor.readLong()]
      if (!branch) throw damagedAvro()
      branch(cursor)
    }
  }
  if (typeof type === 'string') {
    const skip = primitives.get(type) ?? named.get(type)
    if (!skip) throw damagedAvro()
    return skip
  }
  return compileComplex(type, named, depth)
}

function compileComplex(type: unknown, named: Map<string, AvroSkip>, depth: number): AvroSkip {
  const schema = typeSchema.safeParse(type).data
  if (!schema) throw damagedAvro()
  const keep = (skip: AvroSkip): AvroSkip => {
    if (schema.name !== undefined) named.set(schema.name, skip)
    return skip
  }
  if (schema.type === 'enum') return keep((cursor) => void cursor.readLong())
  if (schema.type === 'fixed') return keep((cursor) => cursor.skip(schema.size ?? -1))
  if (schema.type === 'array') return blocks(compile(schema.items, named, depth + 1))
  if (schema.type === 'map') {
    const value = compile(schema.values, named, depth + 1)
    return blocks((cursor) => {
      cursor.readBytes()
      value(cursor)
    })
  }
  const record = recordSchema.safeParse(type).data
  if (!record) return compile(schema.type, named, depth + 1)
  const fields = record.fields.map((field) => compile(field.type, named, depth + 1))
  return keep((cursor) => {
    for (const field of fields) field(cursor)
  })
}

const primitives: ReadonlyMap<string, AvroSkip> = new Map<string, AvroSkip>([
  ['null', () => undefined],
  ['boolean', (cursor) => cursor.skip(1)],
  ['int', (cursor) => void cursor.readLong()],
  ['long', (cursor) => void cursor.readLong()],
  ['float', (cursor) => cursor.skip(4)],
  ['double', (cursor) => cursor.skip(8)],
  ['bytes', (cursor) => void cursor.readBytes()],
  ['string', (cursor) => void cursor.readBytes()],
])

/** Arrays and maps come in blocks; a negative count is followed by the block's length in bytes. */
function blocks(skipItem: AvroSkip): AvroSkip {
  return (cursor) => {
    for (let count = cursor.readLong(); count !== 0; count = cursor.readLong()) {
      if (count < 0) cursor.skip(cursor.readLong())
      else {
        if (count > cursor.bytes.length) throw damagedAvro() // items may take no bytes: null
        for (let index = 0; index < count; index += 1) skipItem(cursor)
      }
    }
  }
}

export function damagedAvro() {
  return refuse('corrupt', 'the Avro file is damaged')
}
