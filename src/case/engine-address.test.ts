import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { keptAddress, newAddress, readEngineOptions, readEngineUrl, readPassword } from './engine-address.ts'

const directory = mkdtempSync(join(tmpdir(), 'azimuth-address-'))
afterAll(() => rmSync(directory, { recursive: true }))

describe('an engine URL', () => {
  test('names a server and a user', () => {
    expect(readEngineUrl('https://wri%C3%A9@ch1.example:8443')).toEqual({
      url: 'https://ch1.example:8443',
      user: 'wrié',
    })
    expect(readEngineUrl('http://[::1]:8123/')).toEqual({ url: 'http://[::1]:8123', user: undefined })
  })

  test.each(['', 'ch1', 'ftp://ch1', 'https://ch1/path', 'https://ch1/?database=x', 'https://ch1/#x'])(
    '%j is none',
    (text) => {
      expect(() => readEngineUrl(text)).toThrow(expect.objectContaining({ code: 'engine-url' }))
    },
  )

  test('with a password is refused, and the refusal does not tell it', () => {
    const read = () => readEngineUrl('https://user:geheim@ch1')
    expect(read).toThrow(/password/)
    expect(read).not.toThrow(/geheim/)
  })
})

describe('options', () => {
  const surroundings = { directory }

  test('give the address of a new case', () => {
    const wish = readEngineOptions({ engine: ['http://w@a:1', 'http://b:2'] }, surroundings)
    expect(newAddress(wish)).toEqual({ urls: ['http://a:1', 'http://b:2'], user: 'w', database: 'azimuth' })
    expect(newAddress({})).toBeUndefined()
  })

  test.each([
    [{ engine: ['http://a@a', 'http://b@b'] }, 'engine-url'],
    [{ engine: ['http://a'], engineDatabase: 'x`y' }, 'engine-database'],
    [{ engine: ['http://a'], engineDatabase: 'Upper' }, 'engine-database'],
  ])('%j are refused', (options, code) => {
    expect(() => readEngineOptions(options, surroundings)).toThrow(expect.objectContaining({ code }))
  })

  test('that tell how but not where are refused', () => {
    expect(() => newAddress({ cluster: 'north' })).toThrow(expect.objectContaining({ code: 'engine-url' }))
  })

  test('may bring another user to a case, and never move its rows', () => {
    const kept = { urls: ['http://a:1'], user: 'w', database: 'azimuth', passwordFile: '/w' }
    expect(keptAddress(kept, {})).toEqual(kept)
    expect(keptAddress(kept, { urls: ['http://a:1'], user: 'r', passwordFile: '/r' })).toEqual({
      ...kept,
      user: 'r',
      passwordFile: '/r',
    })
    expect(keptAddress(undefined, {})).toBeUndefined()
    const refusal = expect.objectContaining({ code: 'case-engine' })
    expect(() => keptAddress(kept, { urls: ['http://b:1'] })).toThrow(refusal)
    expect(() => keptAddress(kept, { database: 'other' })).toThrow(refusal)
    expect(() => keptAddress(undefined, { urls: ['http://a:1'] })).toThrow(refusal)
  })
})

describe('the password', () => {
  const address = { urls: ['http://a'], user: 'w', database: 'azimuth', passwordFile: join(directory, 'pw') }

  test('is the content of its file, or of the environment', async () => {
    writeFileSync(join(directory, 'pw'), ' with spaces \n')
    expect(await readPassword(address, { environment: {} })).toBe(' with spaces ')
    expect(await readPassword(address, { environment: { AZIMUTH_ENGINE_PASSWORD: 'x' } })).toBe('x')
  })

  test('whose file is gone is asked for', async () => {
    const gone = { ...address, passwordFile: join(directory, 'gone') }
    await expect(readPassword(gone, { environment: {} })).rejects.toMatchObject({ code: 'engine-password' })
  })
})
