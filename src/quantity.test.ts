import { expect, test } from 'vitest'
import { byteText, countText, durationText } from './quantity.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [123_456_789, '123 MB'],
  [5e15, '5000 TB'],
])('%i bytes are %s', (bytes, text) => {
  expect(byteText(bytes)).toBe(text)
})

test.each([
  [0, '0 s'],
  [5400, '5 s'],
  [300_000, '5 min'],
  [3_661_000, '1 h 1 min'],
  [93_600_000, '1 d 2 h'],
])('%i ms are %s', (ms, text) => {
  expect(durationText(ms)).toBe(text)
})

test('counts have thousands apart', () => {
  expect(countText(1234567)).toBe('1,234,567')
})
