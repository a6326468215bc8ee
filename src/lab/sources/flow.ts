import type { FlowLog, VirtualMachine } from '../tenant.ts'
import { isoTicksZ } from '../time.ts'
import type { TupleList } from '../tuple-list.ts'

export const flowTable = 'FlowTuples'

/** The tuples of one network interface in one minute, by rule; `records` turns it into the log's record. */
export interface FlowMinute {
  readonly machine: VirtualMachine
  /** Start of the minute. */
  readonly minute: number
  readonly rules: Map<string, TupleList>
}

export type FlowState = 'B' | 'C' | 'E' | 'D'

export interface Counters {
  readonly packetsOut: number
  readonly bytesOut: number
  readonly packetsIn: number
  readonly bytesIn: number
}

export interface FlowTuple {
  readonly time: number
  readonly source: string
  readonly destination: string
  readonly sourcePort: number
  readonly destinationPort: number
  readonly protocol: 'T' | 'U'
  readonly direction: 'I' | 'O'
  /** D is a denied flow. */
  readonly state: FlowState
  readonly counters?: Counters
}

/** A tuple as the log of its kind writes it. */
export function tupleText(tuple: FlowTuple, kind: FlowLog['kind']): string {
  const ends = `${tuple.source},${tuple.destination},${tuple.sourcePort},${tuple.destinationPort}`
  const { counters } = tuple
  if (kind === 'vnet') {
    const sums = counters === undefined ? '0,0,0,0' : sumsOf(counters)
    return `${tuple.time},${ends},${tuple.protocol === 'T' ? 6 : 17},${tuple.direction},${tuple.state},NX,${sums}`
  }
  const seconds = Math.floor(tuple.time / 1000)
  const decision = tuple.state === 'D' ? 'D' : 'A'
  const head = `${seconds},${ends},${tuple.protocol},${tuple.direction},${decision}`
  if (kind === 'nsg-v1') return head
  return `${head},${tuple.state === 'D' ? 'B' : tuple.state},${counters === undefined ? ',,,' : sumsOf(counters)}`
}

function sumsOf(counters: Counters): string {
  return `${counters.packetsOut},${counters.bytesOut},${counters.packetsIn},${counters.bytesIn}`
}

/** Path prefix and suffix of a flow log's hourly files for one interface. */
export function flowFolder(machine: VirtualMachine): string {
  const { log } = machine
  const subscription = log.subscription.toUpperCase()
  return log.kind === 'vnet'
    ? `insights-logs-flowlogflowevent/flowLogResourceID=/${subscription}_NETWORKWATCHERRG/NETWORKWATCHER_WESTEUROPE_${flowLogName(log)}`
    : `insights-logs-networksecuritygroupflowevent/resourceId=${log.groupId.toUpperCase()}`
}

/** One record of the log: all tuples of an interface and a minute. */
export function flowRecord(minute: FlowMinute): string {
  const { machine } = minute
  const { log } = machine
  const time = isoTicksZ(minute.minute + 60_000 - 143)
  if (log.kind === 'vnet') return vnetRecord(minute, time)
  const rules: string[] = []
  for (const [rule, tuples] of minute.rules) {
    rules.push(`{"rule":"${rule}","flows":[{"mac":"${machine.mac}","flowTuples":["${tuples.text()}"]}]}`)
  }
  return (
    `{"time":"${time}","systemId":"${log.systemId}","macAddress":"${machine.mac}","category":"NetworkSecurityGroupFlowEvent",` +
    `"resourceId":"${log.groupId.toUpperCase()}","operationName":"NetworkSecurityGroupFlowEvents",` +
    `"properties":{"Version":${log.kind === 'nsg-v1' ? 1 : 2},"flows":[${rules.join(',')}]}}`
  )
}

function vnetRecord(minute: FlowMinute, time: string): string {
  const { machine } = minute
  const { log } = machine
  const own: string[] = []
  const platform: string[] = []
  for (const [rule, tuples] of minute.rules) {
    const groups = rule === platformRule ? platform : own
    groups.push(`{"rule":"${rule}","flowTuples":["${tuples.text()}"]}`)
  }
  const flows = [aclText(log.groupId, own), aclText('00000000-0000-0000-0000-000000000000', platform)]
  return (
    `{"time":"${time}","flowLogGUID":"${log.systemId}","macAddress":"${machine.mac}","category":"FlowLogFlowEvent",` +
    `"flowLogResourceID":"/SUBSCRIPTIONS/${log.subscription.toUpperCase()}/RESOURCEGROUPS/NETWORKWATCHERRG/PROVIDERS/MICROSOFT.NETWORK/NETWORKWATCHERS/NETWORKWATCHER_WESTEUROPE/FLOWLOGS/${flowLogName(log)}",` +
    `"targetResourceID":"${log.targetId}","flowLogVersion":4,"operationName":"FlowLogFlowEvent",` +
    `"flowRecords":{"flows":[${flows.filter((flow) => flow !== '').join(',')}]}}`
  )
}

export const platformRule = 'PlatformRule'

function aclText(acl: string, groups: readonly string[]): string {
  return groups.length === 0 ? '' : `{"aclID":"${acl}","flowGroups":[${groups.join(',')}]}`
}

function flowLogName(log: FlowLog): string {
  return `${log.targetId.slice(log.targetId.lastIndexOf('/') + 1)}-${log.resourceGroup}-flowlog`.toUpperCase()
}

/** The order in which the record of a minute shows its tuples. */
export function tuplesInOrder(minute: FlowMinute): readonly string[] {
  const rules = [...minute.rules]
  if (minute.machine.log.kind !== 'vnet') return rules.flatMap(([, tuples]) => tuples.list())
  const own = rules.filter(([rule]) => rule !== platformRule)
  const platform = rules.filter(([rule]) => rule === platformRule)
  return [...own, ...platform].flatMap(([, tuples]) => tuples.list())
}

export function countTuples(minute: FlowMinute): number {
  return minute.rules.values().reduce((sum, tuples) => sum + tuples.count, 0)
}
