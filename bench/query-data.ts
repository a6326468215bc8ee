import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { prepareTables } from '../src/case/case-schema.ts'
import { openEngine, type Engine } from '../src/engine/engine.ts'
import type { Connection } from '../src/engine/connection.ts'
import { sql, type Sql } from '../src/sql/template.ts'

export const fullSize = { flows: 100_000_000, signIns: 10_000_000 }

/** Rows made at a time: a part of the table each, sorted as the table is. */
const step = 5_000_000

/** An engine with a week of made-up flow tuples and sign-ins in a case's tables, kept in the cache. */
export async function openQueryData(scale: number, cache: string): Promise<Engine> {
  const directory = join(cache, `query-${scale}`)
  const done = join(directory, 'done')
  mkdirSync(directory, { recursive: true })
  const engine = await openEngine({ directory: join(directory, 'engine'), lingerMs: 0 })
  if (existsSync(done)) return engine
  await engine.owner.command(sql`DROP DATABASE IF EXISTS logs`)
  await engine.owner.command(sql`CREATE DATABASE logs`)
  await engine.owner.command(sql`ALTER DATABASE ledger MODIFY COMMENT ''`)
  await prepareTables(engine)
  await fill(engine.owner, fullSize.flows * scale, flows)
  await fill(engine.owner, fullSize.signIns * scale, signIns)
  for (const table of [sql`FlowTuples`, sql`SigninLogs`])
    await engine.owner.command(sql`OPTIMIZE TABLE logs.${table} FINAL`)
  writeFileSync(done, '')
  return engine
}

async function fill(
  owner: Connection,
  rows: number,
  insert: (from: number, count: number, rows: number) => Sql,
): Promise<void> {
  for (let from = 0; from < rows; from += step) {
    await owner.command(insert(from, Math.min(step, rows - from), rows))
  }
}

/** Row `number` of `rows` in a week that begins on 3 March 2025. */
function timeOf(rows: number): Sql {
  return sql`toDateTime64('2025-03-03 00:00:00', 7, 'UTC') + toIntervalMicrosecond(toUInt64(number * ${604_800_000_000 / rows}))`
}

// Sources are many, destinations and ports few and uneven, one source in a thousand is outside and scans.
function flows(from: number, count: number, rows: number): Sql {
  return sql`INSERT INTO logs.FlowTuples (TenantId, TimeGenerated, Type, RecordTime, FlowLogVersion, LogResourceId,
      MacAddress, AclId, Rule, SrcIp, SrcPort, DestIp, DestPort, Protocol, Direction, Decision, State, Encryption,
      PacketsSent, BytesSent, PacketsReceived, BytesReceived, _EvidenceId, _EvidenceRecord, _EvidenceOrdinal)
    WITH cityHash64(number) AS h, cityHash64(number, 1) AS g, h % 1000 = 0 AS scans, g % 8 = 0 OR scans AS denied
    SELECT 'b6e5', ${timeOf(rows)} AS at, 'FlowTuples', toStartOfMinute(at), 4,
      concat('/networks/', toString(h % 20)), concat('00-0D-3A-', hex(toUInt16(h % 200))), concat('/groups/', toString(h % 20)),
      denied ? 'DefaultRule_DenyAllInBound' : concat('UserRule_', toString(g % 40)),
      scans ? concat('203.0.113.', toString(g % 20)) : IPv4NumToString(toUInt32(167772160 + bitShiftRight(h, 20) % 100000)), 1024 + h % 60000,
      g % 5 = 0 ? IPv4NumToString(toUInt32(3221225984 + bitShiftRight(g, 12) % 3000)) : IPv4NumToString(toUInt32(168427520 + bitShiftRight(g, 9) % 5000)),
      scans ? bitShiftRight(g, 20) % 2000 : [443, 443, 443, 22, 3389, 53, 80, 1433][1 + bitShiftRight(g, 30) % 8], [6, 6, 6, 17][1 + h % 4],
      scans OR g % 3 = 0 ? 'Inbound' : 'Outbound', denied ? 'Deny' : 'Allow', denied ? 'D' : ['B', 'C', 'E'][1 + h % 3], 'X',
      h % 50, h % 50 * 700, g % 60, g % 60 * 900, hex(intDiv(number, 1000000)), intDiv(number, 40), number % 40
    FROM numbers(${from}, ${count})`
}

// Passwords fail for one sign-in in ten, for the addresses that spray nine times in ten.
function signIns(from: number, count: number, rows: number): Sql {
  return sql`INSERT INTO logs.SigninLogs (TenantId, TimeGenerated, Type, AppDisplayName, AppId, Category, ConditionalAccessStatus,
      CorrelationId, CreatedDateTime, DeviceDetail, Id, IPAddress, Location, LocationDetails, OperationName, ResultType, Status,
      UserAgent, UserDisplayName, UserId, UserPrincipalName, DurationMs, IsInteractive, _EvidenceId, _EvidenceRecord)
    WITH cityHash64(number) AS h, cityHash64(number, 1) AS g, h % 50 = 0 AS sprays, h % 20000 AS person, bitShiftRight(h, 20) % 12 AS place,
      ['NO', 'SE', 'DK', 'DE', 'FR', 'US', 'GB', 'NL', 'ES', 'IT', 'PL', 'FI'][1 + place] AS country,
      ['Oslo', 'Lund', 'Aarhus', 'Ulm', 'Lyon', 'Reno', 'York', 'Breda', 'Vigo', 'Bari', 'Lodz', 'Turku'][1 + place] AS city,
      sprays ? g % 10 < 9 : g % 10 = 0 AS failed, generateUUIDv4(number) AS id
    SELECT 'b6e5', ${timeOf(rows)} AS at, 'SigninLogs', concat('Application ', toString(g % 60)), toString(g % 60), 'SignInLogs', 'success',
      toString(id), at, concat('{"deviceId":"', toString(h % 30000), '","displayName":"PC-', toString(h % 30000), '","operatingSystem":"',
        ['Windows10', 'Windows11', 'MacOs', 'Ios 17'][1 + g % 4], '","browser":"Edge 120","isCompliant":', g % 7 = 0 ? 'false' : 'true', ',"isManaged":true}'),
      toString(id), sprays ? concat('198.51.100.', toString(bitShiftRight(g, 8) % 30)) : IPv4NumToString(toUInt32(167772160 + person * 3 + bitShiftRight(g, 8) % 3)), country,
      concat('{"city":"', city, '","state":"', city, '","countryOrRegion":"', country, '","geoCoordinates":{"latitude":', toString(place + 0.5),
        ',"longitude":', toString(place * 2 + 0.25), '}}'),
      'Sign-in activity', failed ? '50126' : '0', concat('{"errorCode":', failed ? '50126' : '0', ',"additionalDetails":"none"}'),
      sprays ? 'python-requests/2.31' : concat('Mozilla/5.0 (Windows NT 10.0; Win64; x64) Edge/', toString(90 + g % 40)),
      concat('Person ', toString(person)), toString(person), concat('person', toString(person), '@example.test'), g % 900, true,
      hex(intDiv(number, 1000000)), number % 1000000
    FROM numbers(${from}, ${count})`
}
