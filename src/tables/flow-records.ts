import { identifier, join, sql, type Sql } from '../sql/template.ts'
import { timeOf } from './compile.ts'
import { provenanceOf, storedTable } from './create.ts'
import { flowTuples } from './flow-tuples.ts'
import { documentOf } from './form.ts'
import { hashOf, ingestedAt, type InsertContext } from './insert.ts'
import type { Shape } from './types.ts'

/** The flow tuples of the records of one shape: those that read as a tuple of their version, with all that they say. */
export function insertFlows(shape: Shape, source: Sql, context: InsertContext): Sql {
  const columns = flowTuples.columns.map((column) => column.name)
  const names = [...columns, ...provenanceOf(flowTuples).map(([name]) => name)]
  const { decision, state, encryption } = wordsOf(shape)
  return sql`INSERT INTO ${storedTable(flowTuples)} (${join(names.map((name) => identifier(name)))})
    SELECT ${context.tenantId}, ${tupleTime}, 'FlowTuples', recordTime, version, logResource, target, mac, acl, rule,
      source, sourcePort, destination, destinationPort, protocol, if(direction = 'I', 'Inbound', 'Outbound'),
      ${decision}, ${state}, ${encryption}, packetsSent, bytesSent, packetsReceived, bytesReceived,
      evidence, record, ordinal, ${context.batch}, ${shape.richness * 256}, ${ingestedAt(context)}
    FROM (${tuplesOf(shape, source)}) WHERE ${join(
      checksOf(shape).map(([, check]) => check),
      sql` AND `,
    )}`
}

/**
 * Tuples that `insertFlows` leaves, with the reason; records of the shape without a list of flows have ordinal 0. A list
 * without tuples is a quiet minute: nothing is left of it.
 */
export function rejectFlows(shape: Shape, source: Sql): Sql {
  const reasons = checksOf(shape).flatMap(([reason, check]) => [sql`NOT (${check})`, reason])
  return sql`SELECT evidence, record, ordinal, multiIf(${reasons}, '') AS reason, tuple AS text
      FROM (${tuplesOf(shape, source)}) WHERE notEmpty(reason)
    UNION ALL
    SELECT evidence, record, toUInt32(0), 'no-flows', line FROM (${recordsOf(shape, source)})
    WHERE NOT hasFlows`
}

/**
 * The rows of `ledger.FlowRecords` for a landed batch: identity (log, MAC address, record time and all that its tuples
 * say, in their order), evidence, record, tuples, first and last time.
 */
export function flowRecordsSelect(batch: number): Sql {
  const said = flowTuples.columns
    .map((column) => column.name)
    .filter((name) => !['TenantId', 'Type', 'LogResourceId', 'MacAddress', 'RecordTime'].includes(name))
    .map((name) => identifier(name))
  const content = sql`sum(${hashOf([sql`_EvidenceOrdinal`, sql`upper(MacAddress)`, ...said])})`
  const identity = hashOf([
    sql`min(lower(LogResourceId))`,
    sql`min(upper(MacAddress))`,
    sql`min(RecordTime)`,
    content,
  ])
  return sql`SELECT ${identity} AS identity, _EvidenceId AS evidence, _EvidenceRecord AS record,
      toUInt32(count()) AS tuples, min(TimeGenerated) AS firstTime, max(TimeGenerated) AS lastTime
    FROM ${storedTable(flowTuples)} WHERE _Batch = ${batch} GROUP BY evidence, record`
}

/**
 * One row a tuple: its place, its text, its fields read as what they are (NULL where they don't), and what stands
 * around it. Texts that repeat are dictionary-coded before they are multiplied.
 */
function tuplesOf(shape: Shape, source: Sql): Sql {
  const counter = (field: number, name: string): Sql =>
    sql`toInt64OrNull(fields[${field}]) AS ${identifier(name)}`
  const protocol =
    shape.name === 'nsg'
      ? sql`transform(fields[6], ['T', 'U'], [6, 17], NULL)`
      : sql`toUInt8OrNull(fields[6])`
  return sql`SELECT evidence, record, offset + place AS ordinal, recordTime, version, logResource, target, acl, rule, mac, tuple,
      splitByChar(',', tuple) AS fields, length(fields) AS fieldCount,
      length(fields[1]) AS timeDigits, toUInt64OrNull(fields[1]) AS clock,
      fields[2] AS source, fields[3] AS destination, toUInt16OrNull(fields[4]) AS sourcePort, toUInt16OrNull(fields[5]) AS destinationPort,
      ${protocol} AS protocol, fields[7] AS direction, fields[8] AS eighth, fields[9] AS ninth,
      ${counter(10, 'packetsSent')}, ${counter(11, 'bytesSent')}, ${counter(12, 'packetsReceived')}, ${counter(13, 'bytesReceived')}
    FROM (SELECT evidence, record, recordTime, version, logResource, target, toLowCardinality(entry.1) AS acl,
        toLowCardinality(entry.2) AS rule, toLowCardinality(entry.3) AS mac, entry.4 AS tuples, toUInt32(total - length(tuples)) AS offset
      FROM (${recordsOf(shape, source)}) ARRAY JOIN groups AS entry, arrayCumSum(group -> length(group.4), groups) AS total)
    ARRAY JOIN tuples AS tuple, arrayEnumerate(tuples) AS place`
}

/** One row a record, its tuples in groups of one ACL, rule and MAC address. */
function recordsOf(shape: Shape, source: Sql): Sql {
  const document = sql`SELECT evidence, record, line, ${documentOf(shape.form, sql`line`)} AS document FROM (${source})`
  return shape.name === 'nsg' ? nsgRecords(document) : vnetRecords(document)
}

const nsgType = sql`Tuple(time String, resourceId String, category String, TimeGenerated String, properties Tuple(Version Int32, version Int32, flows Array(Tuple(rule String, flows Array(Tuple(mac String, flowTuples Array(String)))))))`

function nsgRecords(document: Sql): Sql {
  return sql`SELECT evidence, record, line, ${timeOf(sql`log.time`, false)} AS recordTime,
      greatest(log.properties.Version, log.properties.version) AS version,
      toLowCardinality(log.resourceId) AS logResource, toLowCardinality('') AS target,
      arrayFlatten(arrayMap(rule -> arrayMap(mac -> (log.resourceId, rule.1, mac.1, mac.2), rule.2), log.properties.flows)) AS groups,
      JSONType(document, 'properties', 'flows') = 'Array' AS hasFlows
    FROM (SELECT evidence, record, line, document, JSONExtract(document, ${nsgType.text}) AS log FROM (${document}))
    WHERE lower(log.category) = 'networksecuritygroupflowevent' AND log.TimeGenerated = ''`
}

const vnetType = sql`Tuple(time String, category String, TimeGenerated String, macAddress String, flowLogVersion Int32, flowLogResourceID String, targetResourceID String, flowRecords Tuple(flows Array(Tuple(aclID String, flowGroups Array(Tuple(rule String, flowTuples Array(String)))))))`

function vnetRecords(document: Sql): Sql {
  return sql`SELECT evidence, record, line, ${timeOf(sql`log.time`, false)} AS recordTime, log.flowLogVersion AS version,
      toLowCardinality(log.flowLogResourceID) AS logResource, toLowCardinality(log.targetResourceID) AS target,
      arrayFlatten(arrayMap(acl -> arrayMap(rule -> (acl.1, rule.1, log.macAddress, rule.2), acl.2), log.flowRecords.flows)) AS groups,
      JSONType(document, 'flowRecords', 'flows') = 'Array' AS hasFlows
    FROM (SELECT evidence, record, line, document, JSONExtract(document, ${vnetType.text}) AS log FROM (${document}))
    WHERE lower(log.category) = 'flowlogflowevent' AND log.TimeGenerated = ''`
}

/** Seconds have 10 digits, milliseconds 13. */
const tupleTime = sql`CAST(fromUnixTimestamp64Milli(toInt64(assumeNotNull(clock) * if(timeDigits = 13, 1, 1000)), 'UTC'), 'DateTime64(7, \\'UTC\\')')`

/** NSG tuples have a letter for the decision and one for the state; in virtual network tuples state D is a denial. */
function wordsOf(shape: Shape): { readonly decision: Sql; readonly state: Sql; readonly encryption: Sql } {
  return shape.name === 'nsg'
    ? { decision: sql`if(eighth = 'A', 'Allow', 'Deny')`, state: sql`ninth`, encryption: sql`''` }
    : { decision: sql`if(eighth = 'D', 'Deny', 'Allow')`, state: sql`eighth`, encryption: sql`ninth` }
}

function checksOf(shape: Shape): readonly (readonly [string, Sql])[] {
  const nsg = shape.name === 'nsg'
  const counters = ['packetsSent', 'bytesSent', 'packetsReceived', 'bytesReceived']
  const readable = counters.map(
    (name, index) => sql`(isNotNull(${identifier(name)}) OR empty(fields[${10 + index}]))`,
  )
  return [
    ['tuple-field-count', sql`fieldCount = ${nsg ? sql`if(version = 1, 8, 13)` : 13}`],
    ['tuple-time', sql`timeDigits IN (10, 13) AND isNotNull(clock)`],
    ['tuple-address', sql`notEmpty(source) AND notEmpty(destination)`],
    ['tuple-port', sql`isNotNull(sourcePort) AND isNotNull(destinationPort)`],
    ['tuple-protocol', sql`isNotNull(protocol)`],
    ['tuple-direction', sql`direction IN ('I', 'O')`],
    nsg
      ? ['tuple-decision', sql`eighth IN ('A', 'D')`]
      : ['tuple-state', sql`eighth IN ('B', 'C', 'E', 'D')`],
    ...(nsg ? ([['tuple-state', sql`(version = 1 OR ninth IN ('B', 'C', 'E'))`]] as const) : []),
    ['tuple-counter', join(readable, sql` AND `)],
  ]
}
