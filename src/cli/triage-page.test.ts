import { describe, expect, test } from 'vitest'
import { longestGap } from './triage-page.ts'

describe('the longest gap', () => {
  test('is between two hours that have records', () => {
    const hours = [
      '2026-03-01T00:00:00.0000000Z',
      '2026-03-01T01:00:00.0000000Z',
      '2026-03-01T05:00:00.0000000Z',
      '2026-03-01T06:00:00.0000000Z',
    ]
    expect(longestGap(hours)).toEqual({ from: '2026-03-01T02:00:00.000Z', ms: 3 * 3_600_000 })
  })

  test('is none where every hour has some', () => {
    expect(longestGap(['2026-03-01T00:00:00.0000000Z', '2026-03-01T01:00:00.0000000Z'])).toBeUndefined()
    expect(longestGap([])).toBeUndefined()
  })
})
