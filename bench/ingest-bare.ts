import type { Connection } from '../src/engine/connection.ts'
import { sql, type Sql } from '../src/sql/template.ts'
import { createTable, provenanceColumns, storedTable } from '../src/tables/create.ts'
import { flowTuples } from '../src/tables/flow-tuples.ts'
import { tableOf } from '../src/tables/recognise.ts'
import type { Table } from '../src/tables/types.ts'
import { signInColumns, storageColumns, type RivalColumn } from './ingest-columns.ts'
import type { Kind } from './ingest-inputs.ts'

const tableOfKind: Readonly<Record<Kind, Table>> = {
  storage: tableOf({ table: 'StorageBlobLogs' }),
  signIns: tableOf({ table: 'AADNonInteractiveUserSignInLogs' }),
  nsg: flowTuples,
  vnet: flowTuples,
}

/** Makes the tables as Azimuth sorts and types them, without the columns that tell where a row came from. */
export async function createBareTables(connection: Connection, kinds: readonly Kind[]): Promise<void> {
  await connection.command(sql`CREATE DATABASE IF NOT EXISTS logs`)
  for (const table of new Set(kinds.map((kind) => tableOfKind[kind]))) {
    await connection.command(createTable(table))
    const dropped = provenanceColumns.map(([name]) => `DROP COLUMN ${name}`)
    await connection.command(written(`ALTER TABLE ${storedTable(table).text} ${dropped.join(', ')}`))
  }
}

/** Reads all files of a kind into its table, as a careful hand would write it for logs known to be sound. */
export function bareInsert(kind: Kind, files: string): Sql {
  return written(inserts[kind](storedTable(tableOfKind[kind]).text, files))
}

const inserts: Readonly<Record<Kind, (table: string, files: string) => string>> = {
  storage: (table, files) => mappedInsert(table, storageColumns, files),
  signIns: (table, files) => mappedInsert(table, signInColumns, files),
  nsg: nsgInsert,
  vnet: vnetInsert,
}

/** The rivals' statements are constant text of this folder; no value of evidence comes near them. */
function written(text: string): Sql {
  return { kind: 'sql', text }
}

function mappedInsert(table: string, columns: readonly RivalColumn[], files: string): string {
  return `INSERT INTO ${table} (${columns.map(({ name }) => name).join(', ')})
    SELECT ${columns.map((column) => `${valueOf(column)} AS ${column.name}`).join(', ')}
    FROM (SELECT JSONExtract(line, '${tupleType(columns)}') AS log FROM file('${files}', 'LineAsString', 'line String'))`
}

function valueOf({ type, path }: RivalColumn): string {
  const value = path.reduce((parent, key) => `tupleElement(${parent}, '${key}')`, 'log')
  switch (type) {
    case 'constant':
      return `'${path[0]}'`
    case 'time':
      return path.length === 1
        ? `parseDateTime64BestEffort(${value}, 7, 'UTC')`
        : `parseDateTime64BestEffortOrNull(${value}, 7, 'UTC')`
    case 'lower':
      return `lower(${value})`
    case 'subscription':
      return `lower(extract(${value}, '(?i)/subscriptions/([^/]+)'))`
    case 'group':
      return `extract(${value}, '([^/]*)/?$')`
    default:
      return value
  }
}

const engineTypes: Readonly<Partial<Record<RivalColumn['type'], string>>> = {
  int: 'Nullable(Int32)',
  long: 'Nullable(Int64)',
  real: 'Nullable(Float64)',
  bool: 'Nullable(Bool)',
}

interface TypeNode {
  readonly type?: string
  readonly children: Map<string, TypeNode>
}

function tupleType(columns: readonly RivalColumn[]): string {
  const root: TypeNode = { children: new Map() }
  for (const { type, path } of columns.filter((column) => column.type !== 'constant')) {
    let node = root
    for (const key of path.slice(0, -1)) {
      const child = node.children.get(key) ?? { children: new Map() }
      node.children.set(key, child)
      node = child
    }
    node.children.set(path.at(-1) ?? '', { type: engineTypes[type] ?? 'String', children: new Map() })
  }
  return typeText(root)
}

function typeText({ type, children }: TypeNode): string {
  return type ?? `Tuple(${Array.from(children, ([key, child]) => `${key} ${typeText(child)}`).join(', ')})`
}

const flowColumns = `TenantId, Type, TimeGenerated, RecordTime, FlowLogVersion, LogResourceId, TargetResourceId, MacAddress, AclId, Rule,
  SrcIp, DestIp, SrcPort, DestPort, Protocol, Direction, Decision, State, Encryption, PacketsSent, BytesSent, PacketsReceived, BytesReceived`

const constants = `'99999999-9999-4999-8999-999999999999', 'FlowTuples'`
const counters = [10, 11, 12, 13].map((field) => `toInt64OrNull(f[${field}])`).join(', ')

function nsgInsert(table: string, files: string): string {
  const type = `Tuple(time String, resourceId String, properties Tuple(Version Int32, flows Array(Tuple(rule String, flows Array(Tuple(mac String, flowTuples Array(String)))))))`
  return `INSERT INTO ${table} (${flowColumns})
    SELECT ${constants}, toDateTime64(toInt64(f[1]), 7, 'UTC'), recordTime, version, resource, '', mac, resource, rule,
      f[2], f[3], toUInt16(f[4]), toUInt16(f[5]), if(f[6] = 'T', 6, 17), if(f[7] = 'I', 'Inbound', 'Outbound'),
      if(f[8] = 'A', 'Allow', 'Deny'), f[9], '', ${counters}
    FROM (SELECT recordTime, version, resource, rule, mac, splitByChar(',', tuple) AS f
      FROM (SELECT parseDateTime64BestEffort(log.1, 7, 'UTC') AS recordTime, log.3.1 AS version, toLowCardinality(log.2) AS resource,
          toLowCardinality(flow.1) AS rule, toLowCardinality(group.1) AS mac, group.2 AS tuples
        FROM (SELECT arrayJoin(JSONExtract(line, 'records', 'Array(${type})')) AS log
          FROM file('${files}', 'LineAsString', 'line String'))
        ARRAY JOIN log.3.2 AS flow ARRAY JOIN flow.2 AS group)
      ARRAY JOIN tuples AS tuple)`
}

function vnetInsert(table: string, files: string): string {
  const type = `Tuple(time String, macAddress String, flowLogVersion Int32, flowLogResourceID String, targetResourceID String, flowRecords Tuple(flows Array(Tuple(aclID String, flowGroups Array(Tuple(rule String, flowTuples Array(String)))))))`
  return `INSERT INTO ${table} (${flowColumns})
    SELECT ${constants}, CAST(fromUnixTimestamp64Milli(toInt64(f[1]), 'UTC'), 'DateTime64(7, \\'UTC\\')'), recordTime, version, resource,
      target, mac, acl, rule, f[2], f[3], toUInt16(f[4]), toUInt16(f[5]), toUInt8(f[6]), if(f[7] = 'I', 'Inbound', 'Outbound'),
      if(f[8] = 'D', 'Deny', 'Allow'), f[8], f[9], ${counters}
    FROM (SELECT recordTime, version, resource, target, mac, acl, rule, splitByChar(',', tuple) AS f
      FROM (SELECT parseDateTime64BestEffort(log.1, 7, 'UTC') AS recordTime, toLowCardinality(log.2) AS mac, log.3 AS version,
          toLowCardinality(log.4) AS resource, toLowCardinality(log.5) AS target, toLowCardinality(flow.1) AS acl,
          toLowCardinality(group.1) AS rule, group.2 AS tuples
        FROM (SELECT arrayJoin(JSONExtract(line, 'records', 'Array(${type})')) AS log
          FROM file('${files}', 'LineAsString', 'line String'))
        ARRAY JOIN log.6.1 AS flow ARRAY JOIN flow.2 AS group)
      ARRAY JOIN tuples AS tuple)`
}
