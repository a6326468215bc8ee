import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Random } from '../src/lab/random.ts'

const machines = 8
const hours = 24
const minutes = 60
const start = Date.UTC(2026, 1, 20)
const rules = [
  'DefaultRule_AllowVnetInBound',
  'UserRule_AllowWeb',
  'UserRule_AllowDns',
  'DefaultRule_DenyAllInBound',
]

/** Writes flow logs as Azure does: a `{"records":[…]}` document an hour and interface, a record a minute. */
export function writeFlowLogs(folder: string, kind: 'nsg' | 'vnet', tuples: number): void {
  const random = new Random(`bench/${kind}`)
  const perRule = Math.max(1, Math.round(tuples / (machines * hours * minutes * rules.length)))
  for (let machine = 0; machine < machines; machine++) {
    const mac = `000D3A${random.hex(6).toUpperCase()}`
    for (let hour = 0; hour < hours; hour++) {
      const records = Array.from({ length: minutes }, (_, minute) => {
        const time = start + (hour * minutes + minute) * 60_000
        const lists = rules.map((_rule, index) => tupleList(random, kind, time, perRule, index))
        return kind === 'nsg' ? nsgRecord(mac, machine, time, lists) : vnetRecord(mac, machine, time, lists)
      })
      const path = join(folder, `${kind}/y=2026/m=02/d=20/h=${two(hour)}/m=00/macAddress=${mac}/PT1H.json`)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, `{"records":[${records.join(',')}]}`)
    }
  }
}

function tupleList(random: Random, kind: 'nsg' | 'vnet', time: number, count: number, rule: number): string {
  const tuples: string[] = []
  for (let index = 0; index < count; index++) {
    const at = time + Math.floor((index * 60_000) / count)
    const isDenied = rule === rules.length - 1
    const source = `${isDenied ? '198.51' : '10.40'}.${random.below(100)}.${random.below(254) + 1}`
    const ports = `${49_152 + random.below(16_000)},${rule === 1 ? 443 : 53}`
    const ends = `${source},10.40.${random.below(4)}.${random.below(32) + 4},${ports}`
    const direction = rule < 2 ? 'I' : 'O'
    const state = isDenied ? 'D' : random.pick(['B', 'C', 'E'])
    const packets = random.below(40) + 1
    const counters =
      state === 'B' || isDenied ? undefined : `${packets},${packets * 640},${packets},${packets * 910}`
    tuples.push(
      kind === 'vnet'
        ? `${at},${ends},${rule === 2 ? 17 : 6},${direction},${state},NX,${counters ?? '0,0,0,0'}`
        : `${Math.floor(at / 1000)},${ends},${rule === 2 ? 'U' : 'T'},${direction},${isDenied ? 'D,B' : `A,${state}`},${counters ?? ',,,'}`,
    )
  }
  return tuples.join('","')
}

const subscription = '11111111-2222-4333-8444-555555555555'

function nsgRecord(mac: string, machine: number, time: number, lists: readonly string[]): string {
  const flows = lists.map(
    (list, index) => `{"rule":"${rules[index]}","flows":[{"mac":"${mac}","flowTuples":["${list}"]}]}`,
  )
  return (
    `{"time":"${recordTime(time)}","systemId":"${subscription}","macAddress":"${mac}","category":"NetworkSecurityGroupFlowEvent",` +
    `"resourceId":"/SUBSCRIPTIONS/${subscription}/RESOURCEGROUPS/RG-WEB/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/NSG-${machine}",` +
    `"operationName":"NetworkSecurityGroupFlowEvents","properties":{"Version":2,"flows":[${flows.join(',')}]}}`
  )
}

function vnetRecord(mac: string, machine: number, time: number, lists: readonly string[]): string {
  const groups = lists.map((list, index) => `{"rule":"${rules[index]}","flowTuples":["${list}"]}`)
  const network = `/subscriptions/${subscription}/resourceGroups/rg-web/providers/Microsoft.Network`
  return (
    `{"time":"${recordTime(time)}","flowLogGUID":"${subscription}","macAddress":"${mac}","category":"FlowLogFlowEvent",` +
    `"flowLogResourceID":"${network.toUpperCase()}/NETWORKWATCHERS/NW/FLOWLOGS/LOG-${machine}","targetResourceID":"${network}/virtualNetworks/vnet-${machine}",` +
    `"flowLogVersion":4,"operationName":"FlowLogFlowEvent","flowRecords":{"flows":[{"aclID":"${network}/networkSecurityGroups/nsg-${machine}","flowGroups":[${groups.join(',')}]}]}}`
  )
}

function recordTime(time: number): string {
  return new Date(time + 59_857).toISOString().replace('Z', '8493Z')
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
