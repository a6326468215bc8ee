import { describe, expect, test } from 'vitest'
import type { AccountCoverage } from './coverage.ts'
import { findEpisodes, isCutShort, isUnproven } from './episodes.ts'
import type { Use } from './uses.ts'

const evidence = { first: '2026-02-01T00:00:00Z', last: '2026-02-10T00:00:00Z' }
const coverage: AccountCoverage = {
  ...{ account: 'docs', reads: 10, writes: 10, deletes: 0, hashed: 20, measuredReads: 0, measuredBytes: 0 },
  ...{ first: evidence.first, last: evidence.last, firstRead: evidence.first, lastRead: evidence.last },
  since: { read: evidence.first, write: evidence.first, delete: evidence.first },
}
const reader: Use = {
  ...{
    account: 'docs',
    service: 'blob',
    means: 'account key',
    keySlot: 'key1',
    keyHash: 'AB',
    signature: '',
  },
  ...{ requesterId: '', requesterName: '', requesterApp: '', caller: '203.0.113.9', agent: 'AzCopy/10' },
  ...{ first: '2026-02-06T12:00:00Z', last: '2026-02-06T13:00:00Z' },
  firsts: { read: '2026-02-06T12:00:00Z', write: '', delete: '' },
  ...{ days: 1, requests: 9, refused: 0, lists: 0, reads: 9, writes: 0, deletes: 0, copies: 0 },
  ...{ objects: 9, bytes: 900 },
}

/** What the one episode of these uses is told to be, where reads are logged since a time. */
function told(readsSince: string, ...uses: readonly Use[]): readonly string[] {
  const logs = new Map([['docs', { ...coverage, since: { ...coverage.since, read: readsSince } }]])
  return findEpisodes(uses, logs, evidence).map((episode) =>
    [isUnproven(episode) ? 'unproven' : 'new', ...(isCutShort(episode) ? ['cut short'] : [])].join(', '),
  )
}

describe('a user whom the log did not show before', () => {
  test.each([
    ['is new where the log begins with all others', evidence.first, ['new']],
    ['is new where it begins late, but days before', '2026-02-03T00:00:00Z', ['new']],
    ['is unproven where it begins late, and not long before', '2026-02-04T18:00:00Z', ['unproven']],
    ['may have begun before a log of the same day', '2026-02-06T09:00:00Z', ['unproven, cut short']],
  ])('%s', (_, since, expected) => {
    expect(told(since, reader)).toEqual(expected)
  })

  test('is new where another log, that goes back, does not show them either', () => {
    const writer = { ...reader, writes: 1, firsts: { ...reader.firsts, write: '2026-02-06T12:30:00Z' } }
    expect(told('2026-02-06T09:00:00Z', writer)).toEqual(['new'])
  })

  test('is kept apart from others who are proven new, though they use one signature', () => {
    const signed = { ...reader, means: 'service SAS', signature: 'CD' }
    const writer = {
      ...signed,
      ...{ caller: '203.0.113.10', reads: 0, writes: 3 },
      firsts: { read: '', write: '2026-02-06T12:10:00Z', delete: '' },
    }
    expect(told('2026-02-06T09:00:00Z', signed, writer)).toEqual(['unproven, cut short', 'new'])
  })
})
