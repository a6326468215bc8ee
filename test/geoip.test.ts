import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../src/cli/program.ts'
import { memoryTerminal } from './memory-terminal.ts'
import { buildMmdb } from './mmdb-builder.ts'

let root: string

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'azimuth-geoip-'))
  const named = (en: string) => ({ names: { en, de: 'x' } })
  const paris = {
    country: { ...named('France'), geoname_id: 7 },
    subdivisions: [named('Île-de-France'), named('Paris')],
    city: named('Paris\'s "é" \\ \''),
    location: { latitude: 48.85, longitude: 2.35, accuracy_radius: 20 },
  }
  const cities = [
    ['192.0.2.0/25', paris],
    ['192.0.2.128/25', { country: named('Norway') }],
    ['203.0.113.0/24', { traits: { a: 'b' } }],
    ['2001:db8::/32', paris],
  ] as const
  writeFileSync(join(root, 'city.mmdb'), buildMmdb(cities))
  writeFileSync(join(root, 'asn.mmdb'), buildMmdb([['192.0.2.0/24', { autonomous_system_number: 7 }]]))
})
afterAll(() => rmSync(root, { recursive: true, maxRetries: 20, retryDelay: 100 }))

async function batch(queries: readonly string[], ...more: readonly string[]): Promise<readonly unknown[]> {
  const input = queries.map((query, id) => JSON.stringify({ id, query })).join('\n')
  const terminal = memoryTerminal({ home: join(root, 'home'), directory: root, input })
  expect(
    await run(terminal, ['query', '--batch', '-', '--case', './case', ...more]),
    terminal.err.text(),
  ).toBe(0)
  return terminal.out
    .text()
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
}

test('geo_info_from_ip_address tells what the file says of an address', async () => {
  const paris = {
    country: 'France',
    state: 'Île-de-France',
    city: 'Paris\'s "é" \\ \'',
    latitude: 48.85,
    longitude: 2.35,
  }
  const addresses = [
    '192.0.2.7',
    '192.0.2.200',
    '2001:db8::1',
    '203.0.113.9',
    '8.8.8.8',
    '::ffff:192.0.2.1',
    'nonsense',
    '',
  ]
  const list = addresses.map((address) => JSON.stringify(address)).join(', ')
  const [rows, constant, kept] = await batch(
    [
      `datatable(a: string)[${list}] | project g = geo_info_from_ip_address(a)`,
      'print c = tostring(geo_info_from_ip_address("192.0.2.130").country)',
      'range x from 0 to 99999 step 1 | extend a = strcat("192.0.", x % 4, ".", x % 256) | summarize n = count() by c = tostring(geo_info_from_ip_address(a).country) | sort by c asc',
    ],
    '--geoip',
    'city.mmdb',
  )
  expect(rows).toMatchObject({
    rows: [[paris], [{ country: 'Norway' }], [paris], [null], [null], [paris], [null], [null]],
  })
  expect(constant).toMatchObject({ rows: [['Norway']] })
  // x % 256 tells x % 4: the third number of an address is 2 where the fourth one is 2, 6, 10, …
  expect(kept).toMatchObject({
    rows: [
      ['', 75_000],
      ['France', 12_512],
      ['Norway', 12_488],
    ],
  })
})

test('and is refused with a hint where no such file is given', async () => {
  const kql = 'print geo_info_from_ip_address("192.0.2.7")'
  expect(await batch([kql])).toMatchObject([
    { error: { code: 'missing-file', hint: expect.stringContaining('--geoip FILE.mmdb') } },
  ])
  expect(await batch([kql], '--compile-only')).toMatchObject([{ columns: [{ type: 'dynamic' }] }])
  expect(await batch([kql], '--geoip', 'asn.mmdb')).toMatchObject([
    { error: { code: 'geoip-file', message: expect.stringContaining('tells no countries') } },
  ])
  expect(await batch(['print 1'], '--geoip', 'asn.mmdb')).toMatchObject([{ rows: [[1]] }])
})
