import { describe, expect, test } from 'vitest'
import { buildMmdb, type MmdbOptions, type MmdbValue } from '../../test/mmdb-builder.ts'
import { Mmdb } from './mmdb.ts'

function networksOf(
  networks: readonly (readonly [string, MmdbValue])[],
  options?: MmdbOptions,
): readonly (readonly [string, unknown])[] {
  const file = new Mmdb(buildMmdb(networks, options), 'test.mmdb')
  const found = [...file.networks()]
  return found.map(({ network, place }) => [network, file.answers[place - 1]] as const)
}

describe('a file in MaxMind’s format', () => {
  test.each([24, 28, 32] as const)(
    'gives each network with what it says, in records of %i bits',
    (recordSize) => {
      const networks = [
        ['1.2.3.0/24', { a: 'x' }],
        ['9.0.0.0/8', { a: 'y' }],
        ['2001:db8::/32', { a: 'x' }],
        ['2001:db9:1::/48', { b: 1.5 }],
      ] as const
      expect(networksOf(networks, { recordSize })).toEqual([
        ['1.2.3.0/24', { a: 'x' }],
        ['9.0.0.0/8', { a: 'y' }],
        ['2001:0db8:0000:0000:0000:0000:0000:0000/32', { a: 'x' }],
        ['2001:0db9:0001:0000:0000:0000:0000:0000/48', { b: 1.5 }],
      ])
    },
  )

  test('may hold IPv4 alone, and smaller networks in larger ones', () => {
    const networks = [
      ['10.0.0.0/8', { a: 'outer' }],
      ['10.128.0.0/10', { a: 'inner' }],
    ] as const
    expect(networksOf(networks, { ipVersion: 4 })).toEqual([
      ['10.0.0.0/9', { a: 'outer' }],
      ['10.128.0.0/10', { a: 'inner' }],
      ['10.192.0.0/10', { a: 'outer' }],
    ])
  })

  test('gives networks of IPv4 once where others stand for them', () => {
    const options = { aliases: ['2002::/16', '0:0:0:0:0:ffff::/96'] }
    expect(networksOf([['1.2.3.0/24', { a: 'x' }]], options)).toEqual([['1.2.3.0/24', { a: 'x' }]])
  })

  test('that is damaged or something else is refused', () => {
    expect(() => new Mmdb(Buffer.from('nonsense'), 'x.mmdb')).toThrow("x.mmdb is not in MaxMind's format")
    const whole = buildMmdb([['1.2.3.0/24', { a: 'x' }]])
    const looped = Buffer.concat([Buffer.alloc(12), whole.subarray(12)])
    expect(() => [...new Mmdb(looped, 'x.mmdb').networks()]).toThrow('is damaged')
    const astray = Buffer.from(whole)
    astray.writeUIntBE(0xffffff, 3, 3)
    expect(() => [...new Mmdb(astray, 'x.mmdb').networks()]).toThrow('is damaged')
  })
})
