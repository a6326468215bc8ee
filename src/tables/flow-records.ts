import { identifier, join, sql, type Sql } from '../sql/template.ts'
import { timeOf } from './compile.ts'
import { provenanceColumns, storedTable } from './create.ts'
import { flowTuples } from './flow-tuples.ts'
import { documentOf } from './form.ts'
import type { Source } from './source.ts'
import { hashOf, ingestedAt, type InsertContext } from './insert.ts'
import type { Shape } from './types.ts'

/**
 * The flow tuples of the records of one shape: those that read as a tuple of their version, with all that they say. The
 * checks are taken at once: an `AND` would copy the rows that pass one for the next.
 */
export function insertFlows(shape: Shape, source: Source, context: InsertContext): Sql {
  const columns = flowTuples.columns.map((column) => column.name)
  const names = [...columns, ...provenanceColumns.map(([name]) => name)]
  const { decision, state, encryption } = wordsOf(shape)
  return sql`INSERT INTO ${storedTable(flowTuples)} (${join(names.map((name) => identifier(name)))})
    SELECT ${context.tenantId}, ${tupleTime}, 'FlowTuples', recordTime, version, logResource, target, mac, acl, rule,
      source, sourcePort, destination, destinationPort, protocol, if(direction = 'I', 'Inbound', 'Outbound'),
      ${decision}, ${state}, ${encryption}, packetsSent, bytesSent, packetsReceived, bytesReceived,
      evidence, record, ordinal, identity, ${context.batch}, ${shape.richness * 256}, ${ingestedAt(context)}
    FROM (${tuplesOf(shape, flowRecords(shape, source))}) WHERE least(${checksOf(shape).map(([, check]) => check)})`
}

/**
 * Tuples that `insertFlows` leaves, with the reason; records of the shape without a list of flows have ordinal 0. A list
 * without tuples is a quiet minute: nothing is left of it.
 */
export function rejectFlows(shape: Shape, source: Sql): Sql {
  const reasons = checksOf(shape).flatMap(([reason, check]) => [sql`NOT (${check})`, reason])
  return sql`SELECT evidence, record, ordinal, multiIf(${reasons}, '') AS reason, tuple AS text
      FROM (${tuplesOf(shape, recordsOf(shape, source))}) WHERE notEmpty(reason)
    UNION ALL
    SELECT evidence, record, toUInt32(0), 'no-flows', line FROM (${recordsOf(shape, source)})
    WHERE NOT hasFlows`
}

/** The rows of `ledger.FlowRecords` for a landed batch: identity, evidence, record, tuples, first and last time. */
export function flowRecordsSelect(batch: number): Sql {
  return sql`SELECT any(_Identity) AS identity, _EvidenceId AS evidence, _EvidenceRecord AS record,
      toUInt32(count()) AS tuples, min(TimeGenerated) AS firstTime, max(TimeGenerated) AS lastTime
    FROM ${storedTable(flowTuples)} WHERE _Batch = ${batch} GROUP BY evidence, record`
}

/** What a record is known by, wherever it stands: log, record time and all that its tuples say, in their order. */
const recordIdentity = hashOf([
  sql`lower(logResource)`,
  sql`lower(target)`,
  sql`version`,
  sql`recordTime`,
  sql`arrayMap(entry -> (entry.1, entry.2, upper(entry.3)), groups)`,
  sql`groups.4`,
])

/**
 * One row a tuple: its place, its text, its fields read as what they are (NULL where they don't), and what stands
 * around it. Texts that repeat are dictionary-coded before they are multiplied.
 */
function tuplesOf(shape: Shape, records: Sql): Sql {
  const counter = (field: number, name: string): Sql =>
    sql`toInt64OrNull(fields[${field}]) AS ${identifier(name)}`
  const protocol =
    shape.name === 'nsg'
      ? sql`transform(fields[6], ['T', 'U'], [6, 17], NULL)`
      : sql`toUInt8OrNull(fields[6])`
  return sql`SELECT evidence, record, offset + place AS ordinal, identity, recordTime, version, logResource, target, acl, rule, mac, tuple,
      splitByChar(',', tuple) AS fields, length(fields) AS fieldCount,
      length(fields[1]) AS timeDigits, toUInt64OrNull(fields[1]) AS clock,
      fields[2] AS source, fields[3] AS destination, toUInt16OrNull(fields[4]) AS sourcePort, toUInt16OrNull(fields[5]) AS destinationPort,
      ${protocol} AS protocol, fields[7] AS direction, fields[8] AS eighth, fields[9] AS ninth,
      ${counter(10, 'packetsSent')}, ${counter(11, 'bytesSent')}, ${counter(12, 'packetsReceived')}, ${counter(13, 'bytesReceived')}
    FROM (SELECT evidence, record, identity, recordTime, version, logResource, target, toLowCardinality(entry.1) AS acl,
        toLowCardinality(entry.2) AS rule, toLowCardinality(entry.3) AS mac, entry.4 AS tuples, toUInt32(total - length(tuples)) AS offset
      FROM (SELECT *, ${recordIdentity} AS identity FROM (${records})) ARRAY JOIN groups AS entry, arrayCumSum(group -> length(group.4), groups) AS total)
    ARRAY JOIN tuples AS tuple, arrayEnumerate(tuples) AS place`
}

function flowRecords(shape: Shape, { records, documents }: Source): Sql {
  const columns = sql`evidence, record, recordTime, version, logResource, target, groups`
  const parts = [
    ...(records === undefined ? [] : [recordsOf(shape, records)]),
    ...(documents === undefined ? [] : [recordsInDocuments(shape, documents)]),
  ]
  return join(
    parts.map((part) => sql`SELECT ${columns} FROM (${part})`),
    sql` UNION ALL `,
  )
}

/** How a kind of flow log holds its tuples. */
interface FlowLog {
  readonly type: Sql
  readonly version: Sql
  readonly resource: Sql
  readonly target: Sql
  /** ACL, rule, MAC address and tuples, of a `log`. */
  readonly groups: Sql
  readonly flows: readonly [string, string]
  readonly category: string
  /** Holds for a `log` only where all outer keys that are read stand as Azure spells them. */
  readonly isPlain: Sql
}

const nsgLog: FlowLog = {
  type: sql`Tuple(time String, resourceId String, category String, TimeGenerated String, properties Tuple(Version Int32, version Int32, flows Array(Tuple(rule String, flows Array(Tuple(mac String, flowTuples Array(String)))))))`,
  version: sql`greatest(log.properties.Version, log.properties.version)`,
  resource: sql`log.resourceId`,
  target: sql`''`,
  groups: sql`arrayFlatten(arrayMap(rule -> arrayMap(mac -> (log.resourceId, rule.1, mac.1, mac.2), rule.2), log.properties.flows))`,
  flows: ['properties', 'flows'],
  category: 'networksecuritygroupflowevent',
  isPlain: sql`notEmpty(log.time) AND notEmpty(log.resourceId) AND greatest(log.properties.Version, log.properties.version) > 0`,
}

const vnetLog: FlowLog = {
  type: sql`Tuple(time String, category String, TimeGenerated String, macAddress String, flowLogVersion Int32, flowLogResourceID String, targetResourceID String, flowRecords Tuple(flows Array(Tuple(aclID String, flowGroups Array(Tuple(rule String, flowTuples Array(String)))))))`,
  version: sql`log.flowLogVersion`,
  resource: sql`log.flowLogResourceID`,
  target: sql`log.targetResourceID`,
  groups: sql`arrayFlatten(arrayMap(acl -> arrayMap(rule -> (acl.1, rule.1, log.macAddress, rule.2), acl.2), log.flowRecords.flows))`,
  flows: ['flowRecords', 'flows'],
  category: 'flowlogflowevent',
  isPlain: sql`notEmpty(log.time) AND notEmpty(log.macAddress) AND log.flowLogVersion > 0 AND notEmpty(log.flowLogResourceID) AND notEmpty(log.targetResourceID) AND notEmpty(log.flowRecords.flows)`,
}

function flowLogOf(shape: Shape): FlowLog {
  return shape.name === 'nsg' ? nsgLog : vnetLog
}

/** One row a record, its tuples in groups of one ACL, rule and MAC address. */
function recordsOf(shape: Shape, source: Sql): Sql {
  const flowLog = flowLogOf(shape)
  const document = sql`SELECT evidence, record, line, ${documentOf(shape.form, sql`line`)} AS document FROM (${source})`
  return sql`SELECT evidence, record, line, ${recordColumns(flowLog)},
      JSONType(document, ${flowLog.flows}) = 'Array' AS hasFlows
    FROM (SELECT evidence, record, line, document, JSONExtract(document, ${flowLog.type.text}) AS log FROM (${document}))
    WHERE ${isOfKind(flowLog)}`
}

/**
 * The same of whole `{"records":[…]}` documents (`evidence`, `line`), each parsed once. Where a record's keys may be
 * spelled in another way, the document is taken apart record by record.
 */
function recordsInDocuments(shape: Shape, documents: Sql): Sql {
  const flowLog = flowLogOf(shape)
  const type = flowLog.type.text
  const apart = sql`arrayMap(each -> JSONExtract(${documentOf(shape.form, sql`each`)}, ${type}), JSONExtractArrayRaw(line, 'records'))`
  return sql`SELECT evidence, toUInt64(number) AS record, ${recordColumns(flowLog)}
    FROM (SELECT evidence, if(arrayAll(log -> lower(log.category) = ${flowLog.category} AND ${flowLog.isPlain}, parsed), parsed, ${apart}) AS logs
      FROM (SELECT evidence, line, JSONExtract(line, 'records', ${`Array(${type})`}) AS parsed FROM (${documents})))
    ARRAY JOIN logs AS log, arrayEnumerate(logs) AS number
    WHERE ${isOfKind(flowLog)}`
}

function recordColumns({ version, resource, target, groups }: FlowLog): Sql {
  return sql`${timeOf(sql`log.time`, false)} AS recordTime, ${version} AS version,
      toLowCardinality(${resource}) AS logResource, toLowCardinality(${target}) AS target, ${groups} AS groups`
}

function isOfKind({ category }: FlowLog): Sql {
  return sql`lower(log.category) = ${category} AND log.TimeGenerated = ''`
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
