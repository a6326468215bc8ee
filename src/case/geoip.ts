import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { z } from 'zod'
import { define, type CaseEngine } from '../engine/case-engine.ts'
import { AzimuthError } from '../error.ts'
import type { GeoIp } from '../kql/function.ts'
import { sql } from '../sql/template.ts'
import type { CustodyObject } from './custody-line.ts'
import { Mmdb } from './mmdb.ts'
import { hasReference, place, storeTable } from './reference.ts'

const mostBytes = 2 ** 30

const names = z.object({ names: z.object({ en: z.string() }) })
/** The part of MaxMind's City and Country records that Kusto tells. */
const record = z.object({
  country: names.optional().catch(undefined),
  subdivisions: z.array(names).optional().catch(undefined),
  city: names.optional().catch(undefined),
  location: z.object({ latitude: z.number(), longitude: z.number() }).optional().catch(undefined),
})

/**
 * Makes the dictionaries that tell where addresses are out of a file in MaxMind's format, once for each file: from then
 * on the engine looks addresses up by itself.
 */
export async function storeGeoIp(
  engine: CaseEngine,
  path: string,
  onRead: (file: CustodyObject) => void = () => {},
): Promise<GeoIp> {
  if (!engine.readsFiles) {
    throw new AzimuthError('geoip-engine', 'addresses are looked up by the private engine alone', {
      hint: 'leave --geoip out, or take the evidence into a case without --engine',
    })
  }
  const bytes = await readDatabase(path)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const [networks, locations] = [`geoip-${sha256}-networks`, `geoip-${sha256}-locations`]
  const database = engine.owner.databases.reference
  if (!(await hasReference(engine, locations))) {
    const file = new Mmdb(bytes, path)
    const networkRows = `${networks}-rows`
    const rows = function* () {
      for (const { network, place: number } of file.networks()) yield [network, number]
    }
    await storeTable(engine, networkRows, sql`network String, place UInt32`, sql`tuple()`, rows)
    const told = file.answers.map((answer) => locationOf(answer))
    if (!told.some((location) => location.includes('"country"'))) {
      throw new AzimuthError('geoip-file', `${path} tells no countries`, {
        hint: 'give a file of cities or countries, such as GeoLite2-City.mmdb',
      })
    }
    const locationRows = `${locations}-rows`
    const numbered = told.map((location, index) => [index + 1, location])
    await storeTable(engine, locationRows, sql`place UInt64, location String`, sql`place`, () => numbered)
    await define(
      engine,
      'whole',
      sql`CREATE DICTIONARY IF NOT EXISTS ${place(networks)} (network String, place UInt32 DEFAULT 0)
      PRIMARY KEY network SOURCE(CLICKHOUSE(DB ${database} TABLE ${networkRows})) LAYOUT(IP_TRIE) LIFETIME(0)`,
    )
    await define(
      engine,
      'whole',
      sql`CREATE DICTIONARY IF NOT EXISTS ${place(locations)} (place UInt64, location String DEFAULT '')
      PRIMARY KEY place SOURCE(CLICKHOUSE(DB ${database} TABLE ${locationRows})) LAYOUT(HASHED) LIFETIME(0)`,
    )
  }
  onRead({ name: path, sha256, bytes: bytes.length })
  return { networks: `${database}.${networks}`, locations: `${database}.${locations}` }
}

async function readDatabase(path: string): Promise<Buffer> {
  const { size } = await stat(path)
  if (size <= mostBytes) return await readFile(path)
  throw new AzimuthError('geoip-file', `${path} is larger than ${mostBytes / 2 ** 20} MiB`, {
    hint: 'give a file of cities or countries, such as GeoLite2-City.mmdb',
  })
}

/** JSON as `geo_info_from_ip_address` gives it; what the file does not tell is left out. */
function locationOf(answer: unknown): string {
  const { success, data } = record.safeParse(answer)
  if (!success) return ''
  const { country, subdivisions, city, location } = data
  const told = {
    country: country?.names.en,
    state: subdivisions?.[0]?.names.en,
    city: city?.names.en,
    latitude: location?.latitude,
    longitude: location?.longitude,
  }
  const text = JSON.stringify(told)
  return text === '{}' ? '' : text
}
