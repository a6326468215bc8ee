import { identifier, join, sql, type Sql } from '../sql/template.ts'
import { provenanceOf, storedTable } from './create.ts'
import { documentOf } from './form.ts'
import { flowTuples } from './flow-tuples.ts'
import { timeOf } from './compile.ts'
import { hashOf, type InsertContext } from './insert.ts'
import type { Shape } from './types.ts'

/** The flow tuples of the records of one shape: those that read as a tuple of their version, with all that they say. */
export function insertFlows(shape: Shape, source: Sql, context: InsertContext): Sql {
  const columns = flowTuples.columns.map((column) => column.name)
  const names = [...columns, ...provenanceOf(flowTuples).map(([name]) => name)]
  return sql`INSERT INTO ${storedTable(flowTuples)} (${join(names.map((name) => identifier(name)))})
    SELECT ${context.tenantId}, assumeNotNull(${tupleTime}), 'FlowTuples', recordTime, version, logResource, target, mac, acl, rule,
      f[2], toUInt16OrZero(f[4]), f[3], toUInt16OrZero(f[5]), ${parts(shape).protocol},
      if(f[7] = 'I', 'Inbound', 'Outbound'), ${parts(shape).decision}, ${parts(shape).state}, ${parts(shape).encryption},
      ${join([10, 11, 12, 13].map((field) => sql`toInt64OrNull(f[${field}])`))},
      evidence, record, ordinal, ${context.batch}, ${shape.richness * 256}, toDateTime(${Math.floor(context.ingestedAt.getTime() / 1000)}, 'UTC')
    FROM (${flowFields(shape, source)}) WHERE ${isWellFormed(shape)}`
}

/** Tuples that `insertFlows` leaves, with the reason; records of the shape without any list of tuples have ordinal 0. */
export function rejectFlows(shape: Shape, source: Sql): Sql {
  return sql`SELECT evidence, record, ordinal, ${rejectReason(shape)} AS reason, tuple AS text
      FROM (${flowFields(shape, source)}) WHERE NOT (${isWellFormed(shape)})
    UNION ALL
    SELECT evidence, record, toUInt32(0), 'no-flows', line FROM (${flowLists(shape, source)}) WHERE NOT hasFlows`
}

/**
 * The rows of `ledger.FlowRecords` for a landed batch: identity (log, MAC address, record time and all that its tuples
 * say, in their order), evidence, record, tuples, first and last time.
 */
export function flowRecordsSelect(batch: number): Sql {
  const said = flowTuples.columns
    .map((column) => column.name)
    .filter((name) => !['TenantId', 'Type', 'LogResourceId', 'MacAddress', 'RecordTime'].includes(name))
  return sql`SELECT ${hashOf([sql`any(lower(LogResourceId))`, sql`any(upper(MacAddress))`, sql`any(RecordTime)`, sql`sum(${hashOf([sql`_EvidenceOrdinal`, ...said.map((name) => identifier(name))])})`])} AS identity,
      _EvidenceId AS evidence, _EvidenceRecord AS record, toUInt32(count()) AS tuples, min(TimeGenerated) AS firstTime, max(TimeGenerated) AS lastTime
    FROM ${storedTable(flowTuples)} WHERE _Batch = ${batch} GROUP BY evidence, record`
}

/** One row a tuple: `evidence`, `record`, `ordinal`, what stands around it, its text and its fields `f`. */
function flowFields(shape: Shape, source: Sql): Sql {
  return sql`SELECT evidence, record, line, recordTime, version, logResource, target,
      entry.1 AS acl, entry.2 AS rule, entry.3 AS mac, entry.4 AS tuple, ordinal, splitByChar(',', tuple) AS f
    FROM (${flowLists(shape, source)}) ARRAY JOIN tuples AS entry, arrayEnumerate(tuples) AS ordinal`
}

function flowLists(shape: Shape, source: Sql): Sql {
  const document = sql`SELECT evidence, record, line, ${documentOf(shape.form, sql`line`)} AS document FROM (${source})`
  return shape.name === 'nsg' ? nsgLists(document) : vnetLists(document)
}

const nsgType = sql`Tuple(time String, resourceId String, category String, TimeGenerated String, properties Tuple(Version Int32, version Int32, flows Array(Tuple(rule String, flows Array(Tuple(mac String, flowTuples Array(String)))))))`

function nsgLists(document: Sql): Sql {
  return sql`SELECT evidence, record, line, ${timeOf(sql`x.time`, false)} AS recordTime, greatest(x.properties.Version, x.properties.version) AS version,
      x.resourceId AS logResource, '' AS target,
      arrayFlatten(arrayMap(rules -> arrayMap(macs -> arrayMap(tuple -> (logResource, rules.1, macs.1, tuple), macs.2), rules.2), x.properties.flows)) AS tuples,
      JSONType(document, 'properties', 'flows') = 'Array' AS hasFlows
    FROM (SELECT evidence, record, line, document, JSONExtract(document, ${nsgType.text}) AS x FROM (${document}))
    WHERE lower(x.category) = 'networksecuritygroupflowevent' AND x.TimeGenerated = ''`
}

const vnetType = sql`Tuple(time String, category String, TimeGenerated String, macAddress String, flowLogVersion Int32, flowLogResourceID String, targetResourceID String, flowRecords Tuple(flows Array(Tuple(aclID String, flowGroups Array(Tuple(rule String, flowTuples Array(String)))))))`

function vnetLists(document: Sql): Sql {
  return sql`SELECT evidence, record, line, ${timeOf(sql`x.time`, false)} AS recordTime, x.flowLogVersion AS version,
      x.flowLogResourceID AS logResource, x.targetResourceID AS target, x.macAddress AS macAddress,
      arrayFlatten(arrayMap(acls -> arrayMap(groups -> arrayMap(tuple -> (acls.1, groups.1, macAddress, tuple), groups.2), acls.2), x.flowRecords.flows)) AS tuples,
      JSONType(document, 'flowRecords', 'flows') = 'Array' AS hasFlows
    FROM (SELECT evidence, record, line, document, JSONExtract(document, ${vnetType.text}) AS x FROM (${document}))
    WHERE lower(x.category) = 'flowlogflowevent' AND x.TimeGenerated = ''`
}

/** Seconds have 10 digits, milliseconds 13. */
const tupleTime = sql`multiIf(
  length(f[1]) = 13, CAST(fromUnixTimestamp64Milli(assumeNotNull(toInt64OrZero(f[1])), 'UTC'), 'DateTime64(7, \\'UTC\\')'),
  CAST(fromUnixTimestamp64Second(assumeNotNull(toInt64OrZero(f[1])), 'UTC'), 'DateTime64(7, \\'UTC\\')'))`

interface TupleParts {
  readonly protocol: Sql
  readonly decision: Sql
  readonly state: Sql
  readonly encryption: Sql
}

function parts(shape: Shape): TupleParts {
  return shape.name === 'nsg'
    ? {
        protocol: sql`if(f[6] = 'T', 6, 17)`,
        decision: sql`if(f[8] = 'A', 'Allow', 'Deny')`,
        state: sql`f[9]`,
        encryption: sql`''`,
      }
    : {
        protocol: sql`toUInt8OrZero(f[6])`,
        decision: sql`if(f[8] = 'D', 'Deny', 'Allow')`,
        state: sql`f[8]`,
        encryption: sql`f[9]`,
      }
}

function isWellFormed(shape: Shape): Sql {
  return sql`${join(
    checks(shape).map(([, check]) => check),
    sql` AND `,
  )}`
}

function rejectReason(shape: Shape): Sql {
  return sql`multiIf(${checks(shape).flatMap(([reason, check]) => [sql`NOT (${check})`, reason])}, 'unreadable-tuple')`
}

function checks(shape: Shape): readonly (readonly [string, Sql])[] {
  const nsg = shape.name === 'nsg'
  const counters = join(
    [10, 11, 12, 13].map((field) => sql`(f[${field}] = '' OR isNotNull(toInt64OrNull(f[${field}])))`),
    sql` AND `,
  )
  return [
    ['tuple-field-count', nsg ? sql`length(f) = if(version = 1, 8, 13)` : sql`length(f) = 13`],
    ['tuple-time', sql`match(f[1], '^[0-9]{10}$|^[0-9]{13}$')`],
    ['tuple-address', sql`notEmpty(f[2]) AND notEmpty(f[3])`],
    ['tuple-port', sql`isNotNull(toUInt16OrNull(f[4])) AND isNotNull(toUInt16OrNull(f[5]))`],
    ['tuple-protocol', nsg ? sql`f[6] IN ('T', 'U')` : sql`isNotNull(toUInt8OrNull(f[6]))`],
    ['tuple-direction', sql`f[7] IN ('I', 'O')`],
    ...(nsg
      ? ([
          ['tuple-decision', sql`f[8] IN ('A', 'D')`],
          ['tuple-state', sql`(version = 1 OR f[9] IN ('B', 'C', 'E'))`],
        ] as const)
      : ([['tuple-state', sql`f[8] IN ('B', 'C', 'E', 'D')`]] as const)),
    ['tuple-counter', counters],
  ]
}
