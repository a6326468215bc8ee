import { expect, test } from 'vitest'
import { fixtures } from '../tables/fixtures.ts'
import type { Member } from './read/member.ts'
import { recogniseContent } from './read/recognise-content.ts'
import { sampleShapes } from './sample.ts'

const of = (shape: string) => fixtures.find((fixture) => fixture.shape === shape)?.record ?? {}
const blob = of('StorageBlobLogs/diagnostic')
const table = of('StorageTableLogs/diagnostic')
const vault = of('AZKVAuditLogs/diagnostic')

async function shapesOf(...records: readonly object[]): Promise<readonly string[]> {
  const bytes = Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''))
  const member: Member = {
    kind: 'member',
    path: 'x.json',
    container: [],
    archives: [],
    async *open(range) {
      yield bytes.subarray(range?.start ?? 0, range?.end ?? bytes.length)
    },
  }
  const { shapes } = await sampleShapes(member, await recogniseContent(member))
  return shapes.map(({ id }) => id)
}

test('each kind of record among the first is met, however many of another are before it', async () => {
  const blobs = Array.from({ length: 40 }, () => blob)
  expect(await shapesOf(...blobs, table, vault)).toEqual([
    'StorageBlobLogs/diagnostic',
    'StorageTableLogs/diagnostic',
    'AZKVAuditLogs/diagnostic',
  ])
  expect(await shapesOf(...blobs, ...blobs, vault)).toEqual(['StorageBlobLogs/diagnostic'])
})

test('records that are not recognised do not stand for those that look like them', async () => {
  const unknown = { category: vault['category'] }
  expect(await shapesOf(...Array.from({ length: 1000 }, () => unknown), vault)).toEqual([
    'AZKVAuditLogs/diagnostic',
  ])
  const long = { category: 'x'.repeat(5000) }
  expect(await shapesOf(long, long, long, long, vault)).toEqual(['AZKVAuditLogs/diagnostic'])
})
