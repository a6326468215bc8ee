import { describe, expect, test } from 'vitest'
import { countRecords, unitsOf } from './count-records.ts'
import { cutStream } from './bytes.ts'
import type { ReadLimits } from './limits.ts'
import { readSpan } from './member.ts'
import type { Member } from './member.ts'
import type { RawRecord, ReadNote } from './raw-record.ts'
import { recogniseContent } from './recognise-content.ts'
import type { Content } from './recognise-content.ts'
import { readRecords } from './records.ts'

/** A member in memory, read in chunks of given lengths. */
function memberOf(content: string | Buffer, nextLength = () => 2 ** 20): Member {
  const bytes = Buffer.from(content)
  async function* chunks() {
    for (let at = 0; at < bytes.length;) {
      const length = nextLength()
      yield bytes.subarray(at, at + length)
      at += length
    }
  }
  return {
    kind: 'member',
    path: 'x',
    container: [],
    archives: [],
    plainFile: '/x',
    sizeBytes: bytes.length,
    open: (range) => cutStream(chunks(), range),
  }
}

interface Reading {
  readonly content: Content
  readonly records: readonly RawRecord[]
  readonly notes: readonly string[]
}

async function read(member: Member, limits: Partial<ReadLimits> = {}): Promise<Reading> {
  const content = await recogniseContent(member, { limits })
  const notes: ReadNote[] = []
  const batches = await Array.fromAsync(
    readRecords(member, content, { limits, onNote: (note) => notes.push(note) }),
  )
  return { content, records: batches.flat(), notes: notes.map((note) => note.code) }
}

/** Values of readable records, codes of the others. */
function values(records: readonly RawRecord[]): readonly unknown[] {
  return records.map((record) =>
    record.kind === 'record' ? JSON.parse(Buffer.from(record.json).toString()) : record.problem.code,
  )
}

async function expectRecords(
  text: string | Buffer,
  envelope: string,
  expected: readonly unknown[],
): Promise<Reading> {
  const member = memberOf(text)
  const reading = await read(member)
  expect(reading.content.envelope).toBe(envelope)
  expect(values(reading.records)).toEqual(expected)
  expect((await countRecords(member, reading.content)).records).toBe(expected.length)
  return reading
}

const a = { time: '2025-01-01T00:00:00Z', n: 1 }
const b = {
  time: '2025-01-01T00:01:00Z',
  text: 'a "quoted" }] \\ é 😀\n',
  deep: { list: [[], {}, [1, { x: null }]] },
}
const [ja, jb, pa, pb] = [
  JSON.stringify(a),
  JSON.stringify(b),
  JSON.stringify(a, null, 2),
  JSON.stringify(b, null, 2),
]

const metric = (name: string, points: number) => ({
  id: '/x',
  name: { value: name },
  timeseries: [
    {
      metadatavalues: [],
      data: Array.from({ length: points }, (_, n) => ({ timeStamp: `${n}`, total: n })),
    },
  ],
})
const flow = (list: readonly string[]) => ({
  time: 'x',
  properties: { flows: [{ flows: [{ flowTuples: list }] }] },
})

describe('envelopes', () => {
  test('JSON lines are numbered by line, blank lines counted', async () => {
    const { records, content } = await expectRecords(`${ja}\r\n\n${jb}`, 'json-lines', [a, b])
    expect(records.map((record) => record.record)).toEqual([1, 3])
    expect(content.engineReadable).toBe('lines')
  })

  test('a bare object is a line', async () => {
    await expectRecords(ja, 'json-lines', [a])
  })

  test('tuples are counted alike whether their list is seen whole or in pieces', async () => {
    const lists = [
      '"a","b"',
      ' "a" , "b" ',
      '',
      '"a]b","c"',
      String.raw`"a\"]","b"`,
      '"a",["b"],"c"',
      '1,"a"',
      '"a",{"k":"v"}',
      '"a',
    ]
    const content = { encoding: 'utf-8', envelope: 'records', why: '' } as const
    const texts = lists.map(
      (list) =>
        `{"records":[{"time":"x","properties":{"flows":[{"flows":[{"flowTuples":[${list}]}]}]}},{"time":"y"}]}`,
    )
    const counts: number[] = []
    for (const text of texts) {
      const whole = await countRecords(memberOf(text), content)
      for (const length of [1, 7, 40])
        expect(
          await countRecords(
            memberOf(text, () => length),
            content,
          ),
          text,
        ).toEqual(whole)
      counts.push(whole.tuples)
    }
    expect(counts.slice(0, 5)).toEqual([2, 2, 0, 2, 2])
  })

  test('{"records": [...]} on one line is left to the engine', async () => {
    const { content } = await expectRecords(`{"records":[${ja},${jb}]}\n`, 'records', [a, b])
    expect(content.engineReadable).toBe('records-document')
  })

  test.each([
    ['pretty', JSON.stringify({ records: [a, b] }, null, 2)],
    ['messages of an Event Hub', `{"records":[${ja}]}\n{"records":[${jb}]}`],
    ['concatenated', `{"records":[${ja}]}{"records": [${jb}]}`],
    ['capitalised', `{"Records":[${ja},${jb}]}`],
    ['nested', `{"records":[${ja},{"records":[${jb}]}]}`],
    ['nested without braces, as once published', `{"records":[${ja},"records":\n[${jb}]]}`],
    ['with a byte-order mark', `\uFEFF{"records":[${ja},${jb}]}`],
  ])('{"records": [...]} may be %s', async (_, text) => {
    const { content } = await expectRecords(text, 'records', [a, b])
    expect(content.engineReadable).toBe(undefined)
  })

  test.each([
    ['value', `{"value":[${ja},${jb}],"nextLink":"https://x"}`],
    ['value', `{"@odata.context":"x","@odata.count":2,"value":[${ja}]}\n{"value":[${jb}]}`],
    ['array', `[${pa},\n${pb}]`],
    ['array', `[${ja}]\n[${jb}]`],
    ['array', `[[${ja}],[${jb}]]`],
    ['concatenated', `${pa}${pb}`],
    ['concatenated', `${ja}${jb}`],
    ['concatenated', `${pa}\n\n${pb}\n`],
    ['concatenated', `${ja}\n[${jb}]`],
  ])('%s: %s', async (envelope, text) => {
    await expectRecords(text, envelope, [a, b])
  })

  test("an object is a record where its first keys are not a wrapper's", () =>
    expectRecords('{"count":3,"name":"x","value":[{"y":1}]}', 'json-lines', [
      { count: 3, name: 'x', value: [{ y: 1 }] },
    ]))

  test('{"tables": [...]} become objects of their columns, values as written', async () => {
    const columns = '[{"name":"TimeGenerated","type":"datetime"},{"name":"n","type":"long"},{"name":"n"}]'
    const text = `{"tables":[{"name":"SigninLogs","columns":${columns},"rows":[["x",12345678901234567890,null],["y" , {"z":[1]},"]"],[1]]},{"name":"PrimaryResult","columns":[],"rows":[[]]}],"error":{}}`
    const { records } = await read(memberOf(text))
    expect(
      records.map(
        (record) => record.kind === 'record' && [record.table, Buffer.from(record.json).toString()],
      ),
    ).toEqual([
      ['SigninLogs', '{"TimeGenerated":"x","n":12345678901234567890,"n (2)":null}'],
      ['SigninLogs', '{"TimeGenerated":"y" ,"n": {"z":[1]},"n (2)":"]"}'],
      false,
      [undefined, '{}'],
    ])
    expect(records[2]).toMatchObject({ problem: { code: 'field-count' } })
    expect((await countRecords(memberOf(text), (await read(memberOf(text))).content)).records).toBe(4)
  })

  test('metrics carry the interval that their answer says once, and are counted by point', async () => {
    const answer = {
      cost: 1,
      timespan: 'x',
      interval: 'PT1H',
      value: [metric('a', 3), metric('b', 2)],
      namespace: 'n',
    }
    const expected = answer.value.map((each) => ({ interval: 'PT1H', ...each }))
    for (const text of [JSON.stringify(answer), JSON.stringify(answer, null, 2)]) {
      const { content } = await expectRecords(text, 'value', expected)
      expect(unitsOf(await countRecords(memberOf(text), content))).toBe(5)
    }
    const lines = answer.value.map((each) => JSON.stringify(each)).join('\n')
    const { content } = await expectRecords(lines, 'json-lines', answer.value)
    expect(unitsOf(await countRecords(memberOf(lines), content))).toBe(5)
  })

  test('flow logs are counted by tuple', async () => {
    const records = [flow(['1,a', '2,b']), flow([]), { time: 'y' }, flow(['3,c'])]
    for (const text of [
      JSON.stringify({ records }),
      JSON.stringify(records, null, 1),
      records.map((record) => JSON.stringify(record)).join('\n'),
    ]) {
      const member = memberOf(text, () => 5)
      const { content } = await read(member)
      expect(await countRecords(member, content)).toMatchObject({ records: 4, flowRecords: 3, tuples: 3 })
    }
  })

  test('a flow record that is cut off counts once', async () => {
    const text = JSON.stringify({ records: [flow(['1,a', '2,b']), flow(['3,c', '4,d'])] })
    for (const cut of [
      text.slice(0, -20),
      `${JSON.stringify(flow(['1,a', '2,b']))}\n${JSON.stringify(flow(['3,c', '4,d'])).slice(0, -8)}`,
    ]) {
      const { content } = await read(memberOf(cut))
      expect(unitsOf(await countRecords(memberOf(cut), content))).toBe(3)
    }
  })

  test('the path of a workspace export names the table', async () => {
    const path = 'x.zip!am-signinlogs/WorkspaceResourceId=/y=2025/PT05M.json'
    expect(await recogniseContent({ ...memberOf(ja), path })).toMatchObject({
      envelope: 'json-lines',
      table: 'signinlogs',
    })
    expect('table' in (await recogniseContent(memberOf(ja)))).toBe(false)
  })

  test('nothing is in an empty file', async () => {
    await expectRecords('', 'empty', [])
    await expectRecords(' \r\n ', 'empty', [])
    await expectRecords('{"records":[]}', 'records', [])
    await expectRecords('[]', 'array', [])
  })

  test('elements that are no objects are reported one by one', () =>
    expectRecords(`[${ja},1,"x, y",null,${jb}]`, 'array', [
      a,
      'not-an-object',
      'not-an-object',
      'not-an-object',
      b,
    ]))

  test.each([
    ['other', 'A text, of one line\nand another; with more\n'],
    ['other', '<?xml version="1.0"?><x/>'],
    ['other', Buffer.from([0, 1, 2, 3, 0, 255])],
    ['other', Buffer.from('caf\u00e9;cr\u00e8me\nx;y\n', 'latin1')],
    ['checksums', `${'0'.repeat(64)}  x.json\n`],
  ])('%s is refused with its reason', async (envelope, text) => {
    const content = await recogniseContent(memberOf(text))
    expect(content).toMatchObject({ envelope, problem: { message: content.why } })
  })
})

describe('unfinished and damaged documents', () => {
  test('a flow log that is still growing gives its records', async () => {
    const { notes } = await expectRecords(`{"records":[${ja},${jb}`, 'records', [a, b])
    expect(notes).toEqual(['unfinished'])
  })

  test('a record that is cut off is reported with its bytes', async () => {
    const text = `{"records":[${ja},${jb.slice(0, 40)}`
    const { records } = await expectRecords(text, 'records', [a, 'truncated'])
    expect(records[1]).toMatchObject({ record: 2, offsetBytes: text.length - 40, lengthBytes: 40 })
  })

  test('blocks that begin with a comma or end a document are read', async () => {
    const { notes } = await expectRecords(`,${ja},${jb}]}`, 'concatenated', [a, b])
    expect(notes).toEqual(['front-cut'])
  })

  test('blocks that begin inside a record are read from the next', async () => {
    const { records } = await expectRecords(`0,0"]}]}]}},${ja},${jb}]}`, 'concatenated', ['not-json', a, b])
    expect(records[0]).toMatchObject({ record: 1, offsetBytes: 0, lengthBytes: 11 })
  })

  test('what a tool wrote before its JSON costs itself', async () => {
    await expectRecords(`WARNING: [x]\n\n[${pa},${pb}]`, 'array', ['not-json', a, b])
    await expectRecords(`[${ja}]\nWARNING: x\n[${jb}]`, 'array', [a, 'not-json', b])
  })

  test('zero bytes at the end, as a crash leaves them, cost themselves', async () => {
    await expectRecords(`${ja}\n${'\0'.repeat(512)}`, 'json-lines', [a, 'not-an-object'])
    await expectRecords(`[${ja}]${'\0'.repeat(512)}`, 'array', [a, 'not-json'])
  })

  test.each([
    ['a string that is not closed', '{"time":"x,"n":1}'],
    ['a line end in a string', '{"time":"x\n","n":1}'],
    ['a bracket that is not closed', '{"time":"x","l":{"n":1}'],
    ['brackets that do not match', '{"time":"x","l":[1}}'],
    ['quotes inside a string', '{"time":"x","m":"he said "hi {" and went"}'],
    ['single quotes with others inside', `{"time":"x","properties":{'m':'say "hi'}}`],
  ])('%s costs one record', async (_, bad) => {
    for (const text of [
      `{"records":[${ja},${bad},${jb}]}`,
      `[\n${pa},\n${bad},\n${pb}\n]`,
      `${pa}\n${bad}\n${pb}\n`,
    ])
      expect(values((await read(memberOf(text))).records)).toEqual([a, 'not-json', b])
  })

  test('a document that ends too early does not swallow the next', async () => {
    const text = `{"records":[${ja},{"time":"x","l":[{"n":1\n{"records":[${jb}]}\n{"records":[${ja}]}`
    expect(values((await read(memberOf(text))).records)).toEqual([a, 'not-json', b, a])
  })

  test('lines of pseudo-JSON stay records of their lines', async () => {
    const { records } = await read(memberOf(`{"time":"x","properties":{'a':'b'}}\n${ja}\n`))
    expect(records.map((record) => [record.kind, record.record])).toEqual([
      ['record', 1],
      ['record', 2],
    ])
  })

  test('a line that is no object costs itself', async () => {
    const { records } = await expectRecords(`${ja}\nWARNING: x\n${jb}\n`, 'json-lines', [
      a,
      'not-an-object',
      b,
    ])
    expect(records.map((record) => record.record)).toEqual([1, 2, 3])
    await expectRecords(`WARNING: x\n${ja}\n${jb}\n`, 'json-lines', ['not-an-object', a, b])
  })

  test('bytes that are not UTF-8 cost their record', async () => {
    const bad = Buffer.from('{"time":"caf\u00e9"}', 'latin1')
    const text = Buffer.concat([Buffer.from(`${ja}\n`), bad, Buffer.from(`\n${jb}`)])
    expect(values((await read(memberOf(text))).records)).toEqual([a, 'encoding', b])
  })

  test('an archive that is damaged ends with the reason', async () => {
    const member: Member = {
      ...memberOf(''),
      async *open() {
        yield Buffer.from(`${ja}\n${jb.slice(0, 20)}`)
        throw Object.assign(new Error('unexpected end of file'), { code: 'Z_BUF_ERROR' })
      },
    }
    const content: Content = { encoding: 'utf-8', envelope: 'json-lines', why: '' }
    const batches = await Array.fromAsync(readRecords(member, content))
    expect(values(batches.flat().filter((record) => record.kind === 'unreadable'))).toEqual(['truncated'])
  })
})

describe('limits', () => {
  const long = `{"time":"${'x'.repeat(5000)}"}`

  test.each([
    ['json-lines', `${ja}\n${long}\n${jb}\n`],
    ['records', `{"records":[${ja},${long},${jb}]}`],
    ['concatenated', `${ja}${long}${jb}`],
    ['csv', `time,n\nx,1\n"${'y'.repeat(5000)}",2\nz,3\n`],
  ])('a record that is too long costs itself: %s', async (envelope, text) => {
    for (const chunk of [1, 7, 100, 2 ** 20]) {
      const { records, content } = await read(
        memberOf(text, () => chunk),
        { maxRecordBytes: 1000 },
      )
      expect(content.envelope).toBe(envelope)
      expect(records.map((record) => (record.kind === 'record' ? 'record' : record.problem.code))).toEqual([
        'record',
        'too-large',
        'record',
      ])
    }
  })

  test('a table may not have columns without end', async () => {
    const columns = JSON.stringify(Array.from({ length: 20 }, (_, index) => ({ name: `c${index}` })))
    const text = `{"tables":[{"name":"T","columns":${columns},"rows":[[1]]}]}`
    expect(values((await read(memberOf(text), { maxColumns: 10 })).records)).toEqual(['table-columns'])
    const csv = `${Array.from({ length: 20 }, (_, index) => `c${index}`).join(',')}\n`
    expect(await recogniseContent(memberOf(csv), { limits: { maxColumns: 10 } })).toMatchObject({
      problem: { code: 'header' },
    })
  })

  test('brackets without end are a problem, not a crash', async () => {
    expect(values((await read(memberOf(`{"a":${'['.repeat(100_000)}`))).records)).toEqual(['not-json'])
    expect((await read(memberOf('['.repeat(100_000)))).records.length).toBeLessThan(2)
    expect((await read(memberOf('{"records":['.repeat(10_000)))).records).toEqual([])
  })
})

function textOf(bytes: Buffer, encoding: Content['encoding']): string {
  if (encoding === 'utf-16be') return Buffer.from(bytes).swap16().toString('utf16le')
  return bytes.toString(encoding === 'utf-16le' ? 'utf16le' : 'utf8')
}

function places(records: readonly RawRecord[]) {
  return records.map(({ kind, record, offsetBytes, lengthBytes }) => [kind, record, offsetBytes, lengthBytes])
}

describe('any content', () => {
  let seed = 1
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % below
  }
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T
  const texts = [
    '',
    'x',
    '"',
    '\\',
    '\\"',
    'é',
    '😀',
    '漢字',
    '{',
    '}],',
    '\n',
    '\t',
    'a'.repeat(300),
    "it's",
    '[{"time":1}]',
  ]
  const anyValue = (depth: number): unknown => {
    const kind = random(depth > 3 ? 4 : 6)
    if (kind === 4) return Array.from({ length: random(4) }, () => anyValue(depth + 1))
    if (kind === 5)
      return Object.fromEntries(
        Array.from({ length: random(4) }, (_, index) => [pick(texts) + index, anyValue(depth + 1)]),
      )
    return pick([pick(texts) + pick(texts), random(1000) - 500, true, null])
  }
  const anyRecord = () => ({
    [pick(['time', 'Time', 'x y'])]: pick(texts),
    value: anyValue(0),
    records: anyValue(0),
  })
  const envelopes: readonly ((list: readonly string[], indent: number) => string)[] = [
    (list) => list.join('\n'),
    (list) => `{"records":[${list.join(',')}]}`,
    (list) => list.join(pick(['', '\n', ' \r\n'])),
    (list) => `{ "nextLink" : "}", "value":\n[ ${list.join(' ,\n')} ] }`,
    (list) => list.map((record) => `[${record}]`).join('\n'),
    (list) => list.map((record) => `{"records":[${record}],"count":1}`).join(''),
  ]
  const encodings: readonly ((text: string) => Buffer)[] = [
    (text) => Buffer.from(text),
    (text) => Buffer.from(`\uFEFF${text}`),
    (text) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
    (text) => Buffer.from(text, 'utf16le'),
    (text) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
  ]

  test('gives the same records and places however it is cut into chunks', async () => {
    for (let round = 0; round < 400; round += 1) {
      const expected = Array.from({ length: 1 + random(6) }, anyRecord)
      const indent = random(2) * 2
      const wrap = envelopes[round % envelopes.length]
      const bytes = pick(encodings)(
        wrap?.(
          expected.map((record) => JSON.stringify(record, null, indent)),
          indent,
        ) ?? '',
      )
      const member = memberOf(bytes, () => 1 + random(pick([1, 3, 50, 5000])))
      const { records, content } = await read(member)
      const shown = `${round} ${content.envelope} ${content.encoding}`
      expect(values(records), shown).toEqual(expected)
      expect((await countRecords(member, content)).records, shown).toBe(expected.length)
      for (const [index, record] of records.entries()) {
        const span = textOf(await readSpan(member, record.offsetBytes, record.lengthBytes), content.encoding)
        expect(JSON.parse(span), shown).toEqual(expected[index])
        expect(record.kind === 'record' && record.json.includes(10), shown).toBe(false)
      }
    }
  })

  test('never hangs, nor throws anything, however it is damaged', async () => {
    for (let round = 0; round < 600; round += 1) {
      const wrap = envelopes[round % envelopes.length]
      const text =
        wrap?.(
          Array.from({ length: 1 + random(6) }, () => JSON.stringify(anyRecord(), null, random(2) * 2)),
          0,
        ) ?? ''
      const bytes = Buffer.concat([
        pick(encodings)(text),
        Buffer.from(pick(['', ']', '}', '"', '{"records":['])),
      ])
      for (let change = 0; change <= random(4); change += 1)
        bytes[random(bytes.length)] = pick([34, 123, 125, 91, 93, 44, 58, 92, 10, 0, 200])
      const start = random(3) === 0 ? random(bytes.length) : 0
      const member = memberOf(bytes.subarray(start), () => 1 + random(500))
      const content = await recogniseContent(member)
      if (content.problem) continue
      const whole = (await Array.fromAsync(readRecords(memberOf(bytes.subarray(start)), content))).flat()
      const cut = (await Array.fromAsync(readRecords(member, content))).flat()
      expect(places(cut), `${round}`).toEqual(places(whole))
      let end = 0
      for (const record of cut) {
        expect(record.offsetBytes, `${round}`).toBeGreaterThanOrEqual(end)
        end = record.offsetBytes + record.lengthBytes
      }
      expect(end).toBeLessThanOrEqual(bytes.length - start + 1)
      await countRecords(member, content)
    }
  })
})
