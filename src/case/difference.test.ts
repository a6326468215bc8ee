import { expect, test } from 'vitest'
import { differs, type ComparedValue } from './difference.ts'

const compare = (kept: string, other: string, rest: Partial<ComparedValue> = {}): boolean =>
  differs({ column: 'CallerIpAddress', type: 'string', sameLayout: false, kept, other, ...rest })

test('another address is a difference, another case or a missing value is none', () => {
  expect(compare('192.0.2.1', '192.0.2.2')).toBe(true)
  expect(compare('ABC', 'abc')).toBe(false)
  expect(compare('192.0.2.1', '')).toBe(false)
  expect(compare('Not Applied', 'notApplied')).toBe(false)
})

test('times agree to the precision of the coarser one', () => {
  const time = { column: 'CreatedDateTime', type: 'datetime' } as const
  expect(compare('2026-02-25 01:05:22.2434678', '2026-02-25 01:05:22.0000000', time)).toBe(false)
  expect(compare('2026-02-25 01:05:22.2434678', '2026-02-25 01:05:23.0000000', time)).toBe(true)
  expect(compare('2026-02-25 01:05:22.2434678', '2026-02-25 01:05:22.3434678', time)).toBe(true)
})

test('of two objects, only what both have is compared, whatever the style of the keys', () => {
  const status = { column: 'Status', type: 'dynamic', sameLayout: true } as const
  expect(compare('{"errorCode":50126,"a":1}', '{"error_code":"50126"}', status)).toBe(false)
  expect(compare('{"errorCode":50126}', '{"errorCode":0}', status)).toBe(true)
})

test('what layouts word in their own ways is compared within one layout only', () => {
  const level = { column: 'Level' }
  expect(compare('Informational', 'Information', level)).toBe(false)
  expect(compare('Informational', 'Error', { ...level, sameLayout: true })).toBe(true)
})
