import { expect, test } from 'vitest'
import { unpackSnappy } from './snappy.ts'

const unpack = (...bytes: readonly number[]) => unpackSnappy(Buffer.from(bytes), 1000).toString()

test('literals and copies are unpacked', () => {
  expect(unpack(0)).toBe('')
  expect(unpack(3, 8, 97, 98, 99)).toBe('abc')
  expect(unpack(9, 8, 97, 98, 99, 0b0000_1001, 3)).toBe('abcabcabc')
  expect(unpack(6, 8, 97, 98, 99, 0b0000_1010, 3, 0)).toBe('abcabc')
  expect(unpack(6, 8, 97, 98, 99, 0b0000_1011, 3, 0, 0, 0)).toBe('abcabc')
  expect(
    unpackSnappy(
      Buffer.concat([Buffer.from([0xac, 0x02, 61 << 2, 0x2b, 0x01]), Buffer.alloc(300, 120)]),
      1000,
    ).toString(),
  ).toBe('x'.repeat(300))
})

test('damage and bombs are refused', () => {
  for (const bytes of [
    [],
    [3],
    [3, 8, 97],
    [4, 8, 97, 98, 99],
    [9, 8, 97, 98, 99, 9, 4],
    [9, 8, 97, 98, 99, 9, 0],
    [255, 255, 255, 255, 255, 1],
  ])
    expect(() => unpack(...bytes)).toThrow(/damaged|more than/u)
  expect(() => unpack(0xff, 0xff, 0x03)).toThrow('more than is allowed')
})
