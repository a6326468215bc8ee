import type { RivalColumn } from './ingest-columns.ts'
import { signInColumns, storageColumns } from './ingest-columns.ts'
import type { Kind } from './ingest-inputs.ts'

/** DuckDB's statements: its own JSON reader into a table with the same columns. */
export function duckdbStatements(kinds: readonly Kind[], links: string): readonly string[] {
  const statements: string[] = ["SET TimeZone = 'UTC'"]
  const created = new Set<string>()
  for (const kind of kinds) {
    const { table, select } = selects[kind](`${links}/${kind}/*.json`)
    statements.push(
      created.has(table) ? `INSERT INTO ${table} ${select}` : `CREATE TABLE ${table} AS ${select}`,
    )
    created.add(table)
  }
  return [...statements, 'CHECKPOINT']
}

const selects: Readonly<
  Record<Kind, (files: string) => { readonly table: string; readonly select: string }>
> = {
  storage: (files) => ({ table: 'StorageBlobLogs', select: mappedSelect(storageColumns, files) }),
  signIns: (files) => ({ table: 'SignIns', select: mappedSelect(signInColumns, files) }),
  nsg: (files) => ({ table: 'FlowTuples', select: nsgSelect(files) }),
  vnet: (files) => ({ table: 'FlowTuples', select: vnetSelect(files) }),
}

const types: Readonly<Partial<Record<RivalColumn['type'], string>>> = {
  time: 'TIMESTAMP_NS',
  int: 'INTEGER',
  long: 'BIGINT',
  real: 'DOUBLE',
  bool: 'BOOLEAN',
  json: 'JSON',
}

function mappedSelect(columns: readonly RivalColumn[], files: string): string {
  const values = columns.map((column) => `${valueOf(column)} AS ${column.name}`)
  return `SELECT ${values.join(', ')} FROM read_ndjson('${files}', columns = {${rootTypes(columns)}}, hive_partitioning = false)`
}

function valueOf({ type, path }: RivalColumn): string {
  const value = path.map((key) => `"${key}"`).join('.')
  switch (type) {
    case 'constant':
      return `'${path[0]}'`
    case 'lower':
      return `lower(${value})`
    case 'subscription':
      return `lower(regexp_extract(${value}, '(?i)/subscriptions/([^/]+)', 1))`
    case 'group':
      return `regexp_extract(${value}, '([^/]*)/?$', 1)`
    case 'json':
      return `CAST(${value} AS VARCHAR)`
    case 'time':
      return `TRY_CAST(rtrim(${value}, 'Z') AS TIMESTAMP_NS)`
    default:
      return value
  }
}

interface TypeNode {
  readonly type?: string
  readonly children: Map<string, TypeNode>
}

function rootTypes(columns: readonly RivalColumn[]): string {
  const root: TypeNode = { children: new Map() }
  for (const { type, path } of columns.filter((column) => column.type !== 'constant')) {
    let node = root
    for (const key of path.slice(0, -1)) {
      const child = node.children.get(key) ?? { children: new Map() }
      node.children.set(key, child)
      node = child
    }
    const own = type === 'time' ? 'VARCHAR' : (types[type] ?? 'VARCHAR')
    node.children.set(path.at(-1) ?? '', { type: own, children: new Map() })
  }
  return Array.from(root.children, ([key, node]) => `"${key}": '${typeText(node)}'`).join(', ')
}

function typeText({ type, children }: TypeNode): string {
  return type ?? `STRUCT(${Array.from(children, ([key, child]) => `"${key}" ${typeText(child)}`).join(', ')})`
}

const readOptions = 'hive_partitioning = false, maximum_object_size = 268435456'
const counters = (field: (index: number) => string): string =>
  ['PacketsSent', 'BytesSent', 'PacketsReceived', 'BytesReceived']
    .map((name, index) => `TRY_CAST(${field(10 + index)} AS BIGINT) AS ${name}`)
    .join(', ')
const field = (index: number): string => `f[${index}]`
const ends = `f[2] AS SrcIp, f[3] AS DestIp, CAST(f[4] AS USMALLINT) AS SrcPort, CAST(f[5] AS USMALLINT) AS DestPort`
const head = `'99999999-9999-4999-8999-999999999999' AS TenantId, 'FlowTuples' AS Type`
const recordTime = `TRY_CAST(rtrim(log.time, 'Z') AS TIMESTAMP_NS) AS RecordTime`

function nsgSelect(files: string): string {
  const type = `STRUCT("time" VARCHAR, "resourceId" VARCHAR, "properties" STRUCT("Version" INTEGER, "flows" STRUCT("rule" VARCHAR, "flows" STRUCT("mac" VARCHAR, "flowTuples" VARCHAR[])[])[]))[]`
  return `SELECT ${head}, make_timestamp_ns(CAST(f[1] AS BIGINT) * 1000000000) AS TimeGenerated, RecordTime, version AS FlowLogVersion,
      resource AS LogResourceId, '' AS TargetResourceId, mac AS MacAddress, resource AS AclId, rule AS Rule, ${ends},
      CASE f[6] WHEN 'T' THEN 6 ELSE 17 END AS Protocol, CASE f[7] WHEN 'I' THEN 'Inbound' ELSE 'Outbound' END AS Direction,
      CASE f[8] WHEN 'A' THEN 'Allow' ELSE 'Deny' END AS Decision, f[9] AS State, '' AS Encryption, ${counters(field)}
    FROM (SELECT RecordTime, version, resource, rule, "group".mac AS mac, string_split(unnest("group".flowTuples), ',') AS f
      FROM (SELECT RecordTime, version, resource, flow.rule AS rule, unnest(flow.flows) AS "group"
        FROM (SELECT ${recordTime}, log.properties.Version AS version, log.resourceId AS resource, unnest(log.properties.flows) AS flow
          FROM (SELECT unnest(records) AS log FROM read_json('${files}', format = 'unstructured', columns = {records: '${type}'}, ${readOptions})))))`
}

function vnetSelect(files: string): string {
  const type = `STRUCT("time" VARCHAR, "macAddress" VARCHAR, "flowLogVersion" INTEGER, "flowLogResourceID" VARCHAR, "targetResourceID" VARCHAR, "flowRecords" STRUCT("flows" STRUCT("aclID" VARCHAR, "flowGroups" STRUCT("rule" VARCHAR, "flowTuples" VARCHAR[])[])[]))[]`
  return `SELECT ${head}, make_timestamp_ns(CAST(f[1] AS BIGINT) * 1000000) AS TimeGenerated, RecordTime, version AS FlowLogVersion,
      resource AS LogResourceId, target AS TargetResourceId, mac AS MacAddress, acl AS AclId, rule AS Rule, ${ends},
      CAST(f[6] AS UTINYINT) AS Protocol, CASE f[7] WHEN 'I' THEN 'Inbound' ELSE 'Outbound' END AS Direction,
      CASE f[8] WHEN 'D' THEN 'Deny' ELSE 'Allow' END AS Decision, f[8] AS State, f[9] AS Encryption, ${counters(field)}
    FROM (SELECT RecordTime, version, resource, target, mac, acl, "group".rule AS rule, string_split(unnest("group".flowTuples), ',') AS f
      FROM (SELECT RecordTime, version, resource, target, mac, flow.aclID AS acl, unnest(flow.flowGroups) AS "group"
        FROM (SELECT ${recordTime}, log.macAddress AS mac, log.flowLogVersion AS version, log.flowLogResourceID AS resource,
            log.targetResourceID AS target, unnest(log.flowRecords.flows) AS flow
          FROM (SELECT unnest(records) AS log FROM read_json('${files}', format = 'unstructured', columns = {records: '${type}'}, ${readOptions})))))`
}
