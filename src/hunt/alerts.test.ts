import { describe, expect, test } from 'vitest'
import { filled } from './alerts.ts'
import { entitiesOf } from './entities.ts'
import { Gathering } from './gather.ts'
import type { ResultRow, TimedRecord } from './alert.ts'
import type { Rule } from './rule.ts'

const columns = [
  { name: 'Caller', type: 'string' },
  { name: 'IPs', type: 'dynamic' },
  { name: 'A b', type: 'string' },
] as const

function row(...cells: ResultRow['cells']): ResultRow {
  return { cells, records: [], count: 0 }
}

describe('a title made of columns', () => {
  test.each([
    ['Seen {{Caller}} at {{ A b }}', 'Seen eve at x'],
    ['{{IPs}}', '["1.1.1.1","2.2.2.2"]'],
    ['{{Nobody}} and {{', ' and {{'],
    ['{{Nobody}}', 'the name'],
    ['{{constructor}}{{__proto__}}!', '!'],
  ])('%s', (format, text) => {
    expect(filled(format, 'the name', columns, row('eve', ['1.1.1.1', '2.2.2.2'], 'x'), 256)).toBe(text)
  })

  test('is never longer than it may be, nor what it takes from a row read as a format again', () => {
    const evil = row('{{A b}}'.repeat(1000), null, 'secret')
    const text = filled('{{Caller}}', 'n', columns, evil, 100)
    expect(text).toHaveLength(100)
    expect(text).not.toContain('secret')
  })
})

describe('entities', () => {
  const rule = {
    entities: [
      { type: 'IP', fields: [{ identifier: 'Address', column: 'IPs' }] },
      {
        type: 'Account',
        fields: [
          { identifier: 'FullName', column: 'Caller' },
          { identifier: 'Sid', column: 'Nobody' },
        ],
      },
      { type: 'AzureResource', fields: [{ identifier: 'ResourceId', column: 'Nobody' }] },
    ],
  } as unknown as Rule

  test('have Sentinel’s types, one for each value of a list, none for what is not there', () => {
    expect(entitiesOf(rule, columns, ['eve', ['1.1.1.1', '2.2.2.2', '1.1.1.1'], ''])).toEqual([
      { Type: 'ip', Address: '1.1.1.1' },
      { Type: 'ip', Address: '2.2.2.2' },
      { Type: 'account', FullName: 'eve' },
    ])
  })

  test('are bounded', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `${index}${'x'.repeat(5000)}`)
    const found = entitiesOf(rule, columns, ['', many, ''])
    expect(found).toHaveLength(50)
    expect(found[0]?.['Address']).toHaveLength(1000)
  })
})

describe('gathering', () => {
  const record = (number: number): TimedRecord => ({
    table: 'T',
    evidenceId: 'e',
    record: number,
    ordinal: 0,
    time: BigInt(number),
  })
  const seen = (caller: string, ...numbers: readonly number[]): ResultRow => ({
    cells: [caller],
    records: numbers.map((number) => record(number)),
    count: numbers.length,
  })
  const gather = (): Gathering =>
    new Gathering(({ cells }) => [{ Type: 'account', FullName: JSON.stringify(cells[0]) }], 10n)

  test('takes rows with a record and the entities in common for one finding', () => {
    const gathering = gather()
    expect(gathering.add(1n, [seen('eve', 1, 2)])).toBe(1)
    expect(gathering.add(2n, [seen('eve', 2, 3), seen('bob', 2, 3)])).toBe(1)
    expect(gathering.add(3n, [seen('eve', 4)])).toBe(1)
    expect(
      gathering.findings.map(({ entities, records }) => [
        entities[0]?.['FullName'],
        [...records.values()].map((item) => item.record),
      ]),
    ).toEqual([
      ['"eve"', [1, 2, 3]],
      ['"bob"', [2, 3]],
      ['"eve"', [4]],
    ])
  })

  test('keeps two rows of one run apart, also in the next run, in whatever order they come', () => {
    const gathering = gather()
    const [one, two] = [seen('eve', 1), { ...seen('eve', 1), cells: ['eve', 'b'] }] as const
    expect(gathering.add(1n, [one, two])).toBe(2)
    expect(gathering.add(2n, [two, one])).toBe(0)
  })

  test('without records goes by entities and by runs that overlap', () => {
    const gathering = gather()
    expect(gathering.add(1n, [seen('eve')])).toBe(1)
    expect(gathering.add(9n, [seen('eve')])).toBe(0)
    expect(gathering.add(30n, [seen('eve')])).toBe(1)
  })
})
