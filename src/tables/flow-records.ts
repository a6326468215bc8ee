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
 * Tuples that `insertFlows` leaves, with the reason. With ordinal 0 the records of the shape that have no list of flows,
 * and those that hold tuples elsewhere than where these belong; `records` is how many tuples that is. A list without
 * tuples is a quiet minute: nothing is left of it.
 */
export function rejectFlows(shape: Shape, source: Sql): Sql {
  const reasons = checksOf(shape).flatMap(([reason, check]) => [sql`NOT (${check})`, reason])
  return sql`SELECT evidence, record, ordinal, multiIf(${reasons}, '') AS reason, tuple AS text, toInt64(1) AS records
      FROM (${tuplesOf(shape, recordsOf(shape, source))}) WHERE notEmpty(reason)
    UNION ALL
    SELECT evidence, record, toUInt32(0), if(hasFlows, 'tuple-place', 'no-flows'), line,
      if(hasFlows, ${tuplesIn(sql`line`)} - length(arrayFlatten(arrayFlatten(flows.2).2)), ${unitsIn(sql`line`)}) AS records
    FROM (${recordsOf(shape, source)})
    WHERE NOT hasFlows OR records > 0`
}

/** How many units the text of a record comes to: its tuples, or one where it has no list of these. */
export function unitsIn(text: Sql): Sql {
  return sql`if(position(${text}, '"flowTuples"') > 0, ${tuplesIn(text)}, 1)`
}

/** How many tuples stand in the text of a record, wherever they stand. */
function tuplesIn(text: Sql): Sql {
  return sql`toInt64(arraySum(list -> intDiv(countSubstrings(list, '"') + 1, 2),
    extractAll(${text}, '"flowTuples"\\\\s*:\\\\s*\\\\[([^\\\\]]*)')))`
}

/** The rows of `ledger.FlowRecords` for a landed batch: identity, evidence, record, tuples, first and last time. */
export function flowRecordsSelect(batch: number): Sql {
  return sql`SELECT any(_Identity) AS identity, _EvidenceId AS evidence, _EvidenceRecord AS record,
      toUInt32(count()) AS tuples, min(TimeGenerated) AS firstTime, max(TimeGenerated) AS lastTime
    FROM ${storedTable(flowTuples)} WHERE _Batch = ${batch} GROUP BY evidence, record`
}

/**
 * What a record is known by, wherever it stands: log, record time and all that its tuples say, in their order. Their texts
 * are hashed as one, and how many stand in each list: a hash for each text would cost three times as much.
 */
function recordIdentity({ groupName }: FlowLog): Sql {
  return hashOf([
    sql`lower(logResource)`,
    sql`lower(target)`,
    sql`version`,
    sql`recordTime`,
    sql`upper(macAddress)`,
    sql`flows.1`,
    sql`arrayMap(flow -> arrayMap(group -> (${groupName}, length(group.2)), flow.2), flows)`,
    sql`arrayStringConcat(arrayFlatten(arrayFlatten(flows.2.2)), '\n')`,
  ])
}

/**
 * One row a tuple: its place, its text, its fields read as what they are (NULL where they don't), and what stands
 * around it. Texts that repeat are dictionary-coded before they are multiplied, and lists are unfolded one by one: one
 * list of all would be a copy of the tuples.
 */
function tuplesOf(shape: Shape, records: Sql): Sql {
  const counted = counters.map((name, index) => {
    const [text, value] = [identifier(`${name}Text`), identifier(name)]
    return sql`fields[${10 + index}] AS ${text}, toInt64OrNull(${text}) AS ${value}, isNotNull(${value}) OR empty(${text}) AS ${readable(name)}`
  })
  const protocol =
    shape.name === 'nsg'
      ? sql`multiIf(fields[6] = 'T', 6, fields[6] = 'U', 17, NULL)`
      : sql`toUInt8OrNull(fields[6])`
  const flowLog = flowLogOf(shape)
  const { acl, rule, mac } = flowLog
  const around = sql`evidence, record, identity, recordTime, version, logResource, target`
  return sql`SELECT ${around}, offset + place AS ordinal, acl, rule, mac, tuple,
      splitByChar(',', tuple) AS fields, length(fields) AS fieldCount,
      length(fields[1]) AS timeDigits, toUInt64OrNull(fields[1]) AS clock,
      fields[2] AS source, fields[3] AS destination, toUInt16OrNull(fields[4]) AS sourcePort, toUInt16OrNull(fields[5]) AS destinationPort,
      ${protocol} AS protocol, fields[7] AS direction, fields[8] AS eighth, fields[9] AS ninth,
      ${join(counted)}
    FROM (SELECT ${around}, ${acl} AS acl, ${rule} AS rule, ${mac} AS mac, group.2 AS tuples,
        toUInt32(flowEnd - flowLength + groupEnd - length(tuples)) AS offset
      FROM (SELECT ${around}, macAddress, toLowCardinality(flow.1) AS outer, flow.2 AS groups, flowEnd, flowLength
        FROM (SELECT *, ${recordIdentity(flowLog)} AS identity, arrayMap(each -> arraySum(group -> length(group.2), each.2), flows) AS lengths
          FROM (${records}))
        ARRAY JOIN flows AS flow, lengths AS flowLength, arrayCumSum(lengths) AS flowEnd)
      ARRAY JOIN groups AS group, arrayCumSum(each -> length(each.2), groups) AS groupEnd)
    ARRAY JOIN tuples AS tuple, arrayEnumerate(tuples) AS place`
}

function flowRecords(shape: Shape, { records, documents }: Source): Sql {
  const columns = sql`evidence, record, recordTime, version, logResource, target, macAddress, flows`
  const parts = [
    ...(records === undefined ? [] : [recordsOf(shape, records)]),
    ...(documents === undefined ? [] : [recordsInDocuments(shape, documents)]),
  ]
  return join(
    parts.map((part) => sql`SELECT ${columns} FROM (${part})`),
    sql` UNION ALL `,
  )
}

/** How a kind of flow log holds its tuples: in lists within lists, each under a name. */
interface FlowLog {
  readonly type: Sql
  readonly version: Sql
  readonly resource: Sql
  readonly target: Sql
  readonly macAddress: Sql
  /** The lists of a `log`, and where they stand in it. */
  readonly flows: Sql
  readonly path: readonly [string, string]
  /** What a tuple's lists are called: by the name of the `outer` one, and of the inner one (`group.1`). */
  readonly acl: Sql
  readonly rule: Sql
  readonly mac: Sql
  /** The name of a `group` as it tells records apart. */
  readonly groupName: Sql
  readonly category: string
  /** Holds for a `log` only where all outer keys that are read stand as Azure spells them. */
  readonly isPlain: Sql
}

const nsgLog: FlowLog = {
  type: sql`Tuple(time String, resourceId String, category String, TimeGenerated String, properties Tuple(Version Int32, version Int32, flows Array(Tuple(rule String, flows Array(Tuple(mac String, flowTuples Array(String)))))))`,
  version: sql`greatest(log.properties.Version, log.properties.version)`,
  resource: sql`log.resourceId`,
  target: sql`''`,
  macAddress: sql`''`,
  flows: sql`log.properties.flows`,
  path: ['properties', 'flows'],
  acl: sql`logResource`,
  rule: sql`outer`,
  mac: sql`toLowCardinality(group.1)`,
  groupName: sql`upper(group.1)`,
  category: 'networksecuritygroupflowevent',
  isPlain: sql`notEmpty(log.time) AND notEmpty(log.resourceId) AND greatest(log.properties.Version, log.properties.version) > 0`,
}

const vnetLog: FlowLog = {
  type: sql`Tuple(time String, category String, TimeGenerated String, macAddress String, flowLogVersion Int32, flowLogResourceID String, targetResourceID String, flowRecords Tuple(flows Array(Tuple(aclID String, flowGroups Array(Tuple(rule String, flowTuples Array(String)))))))`,
  version: sql`log.flowLogVersion`,
  resource: sql`log.flowLogResourceID`,
  target: sql`log.targetResourceID`,
  macAddress: sql`log.macAddress`,
  flows: sql`log.flowRecords.flows`,
  path: ['flowRecords', 'flows'],
  acl: sql`outer`,
  rule: sql`toLowCardinality(group.1)`,
  mac: sql`macAddress`,
  groupName: sql`group.1`,
  category: 'flowlogflowevent',
  isPlain: sql`notEmpty(log.time) AND notEmpty(log.macAddress) AND log.flowLogVersion > 0 AND notEmpty(log.flowLogResourceID) AND notEmpty(log.targetResourceID) AND notEmpty(log.flowRecords.flows)`,
}

function flowLogOf(shape: Shape): FlowLog {
  return shape.name === 'nsg' ? nsgLog : vnetLog
}

/** One row a record, with its lists of tuples. */
function recordsOf(shape: Shape, source: Sql): Sql {
  const flowLog = flowLogOf(shape)
  const document = sql`SELECT evidence, record, line, ${documentOf(shape.form, sql`line`)} AS document FROM (${source})`
  return sql`SELECT evidence, record, line, ${recordColumns(flowLog)},
      JSONType(document, ${flowLog.path}) = 'Array' AS hasFlows
    FROM (SELECT evidence, record, line, document, JSONExtract(document, ${flowLog.type.text}) AS log FROM (${document}))
    WHERE ${isOfKind(flowLog)}`
}

/**
 * The same of whole `{"records":[…]}` documents (`evidence`, `line`), each parsed once. A document with any record of another
 * kind, or whose keys may be spelled in another way, is passed over whole: it is to be taken apart record by record.
 */
function recordsInDocuments(shape: Shape, documents: Sql): Sql {
  const flowLog = flowLogOf(shape)
  return sql`SELECT evidence, toUInt64(number) AS record, ${recordColumns(flowLog)}
    FROM (SELECT evidence, JSONExtract(line, 'records', ${`Array(${flowLog.type.text})`}) AS logs FROM (${documents})
      WHERE arrayAll(log -> ${isOfKind(flowLog)} AND ${flowLog.isPlain}, logs))
    ARRAY JOIN logs AS log, arrayEnumerate(logs) AS number`
}

function recordColumns({ version, resource, target, macAddress, flows }: FlowLog): Sql {
  return sql`${timeOf(sql`log.time`, false)} AS recordTime, ${version} AS version,
      toLowCardinality(${resource}) AS logResource, toLowCardinality(${target}) AS target,
      toLowCardinality(${macAddress}) AS macAddress, ${flows} AS flows`
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

/** Each with its reason; the words of a field are compared one by one, which is faster than with a set of them. */
function checksOf(shape: Shape): readonly (readonly [string, Sql])[] {
  const nsg = shape.name === 'nsg'
  return [
    ['tuple-field-count', sql`fieldCount = ${nsg ? sql`if(version = 1, 8, 13)` : 13}`],
    ['tuple-time', sql`timeDigits IN (10, 13) AND isNotNull(clock)`],
    ['tuple-address', sql`notEmpty(source) AND notEmpty(destination)`],
    ['tuple-port', sql`isNotNull(sourcePort) AND isNotNull(destinationPort)`],
    ['tuple-protocol', sql`isNotNull(protocol)`],
    ['tuple-direction', isOneOf('direction', 'IO')],
    nsg ? ['tuple-decision', isOneOf('eighth', 'AD')] : ['tuple-state', isOneOf('eighth', 'BCED')],
    ...(nsg ? ([['tuple-state', sql`(version = 1 OR ${isOneOf('ninth', 'BCE')})`]] as const) : []),
    ['tuple-counter', sql`least(${counters.map((name) => readable(name))})`],
  ]
}

function isOneOf(field: string, letters: string): Sql {
  const tests = Array.from(letters, (letter) => sql`${identifier(field)} = ${letter}`)
  return sql`(${join(tests, sql` OR `)})`
}

/** The columns of a tuple's last fields, from the tenth; each is empty where it was not logged. */
const counters = ['packetsSent', 'bytesSent', 'packetsReceived', 'bytesReceived'] as const

function readable(counter: string): Sql {
  return identifier(`${counter}Readable`)
}
