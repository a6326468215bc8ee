import type { FlowRecorder } from '../flow-recorder.ts'
import type { Random } from '../random.ts'
import { platformRule } from '../sources/flow.ts'
import type { VirtualMachine } from '../tenant.ts'
import { hourMs, minuteMs, secondMs } from '../time.ts'
import type { Generator, World } from '../world.ts'

/** A steady stream of connections seen by one interface under one rule. */
interface Traffic {
  readonly machine: VirtualMachine
  readonly rule: string
  readonly direction: 'I' | 'O'
  readonly protocol: 'T' | 'U'
  /** Peers, or prefixes of peers that end with a dot. */
  readonly peers: readonly string[]
  readonly ports: readonly number[]
  readonly denied: boolean
  /** Connections a minute at scale 1. */
  readonly rate: number
  /** How long each connection lasts. */
  readonly lastsMs: number
}

const numbers: readonly string[] = Array.from({ length: 65_536 }, (_, value) => String(value))

/** Whether a machine runs at a time. */
export function isAwake(machine: VirtualMachine, time: number): boolean {
  if (machine.alwaysOn && machine.role !== 'legacy') return true
  const weekday = new Date(time).getUTCDay()
  const hour = Math.floor(time / hourMs) % 24
  if (weekday === 0 || weekday === 6) return false
  return machine.role === 'legacy' ? hour >= 9 && hour < 12 : hour >= 7 && hour < 19
}

/** The flows of every working minute: clients, platform, neighbours, and scanners turned away at the firewall. */
export function networkTraffic(world: World, random: Random): Generator {
  const sources = trafficOf(world).map(
    (traffic, index) => new Connections(world.flows, traffic, random.fork(String(index))),
  )
  return (from, to) => {
    if (to <= world.flowStart) return
    for (let minute = Math.max(from, world.flowStart); minute < to; minute += minuteMs) {
      const hour = Math.floor(minute / hourMs) % 24
      const factor = (hour >= 7 && hour < 19 ? 1.4 : 0.6) * world.scale
      for (const source of sources) source.run(minute, isAwake(source.machine, minute) ? factor : 0)
    }
  }
}

/** Writes the tuples of one kind of traffic straight as text: this is the hot path of a big lab. */
class Connections {
  readonly machine: VirtualMachine
  readonly #flows: FlowRecorder
  readonly #traffic: Traffic
  readonly #random: Random
  readonly #middle: string
  readonly #closing: { readonly time: number; readonly ends: string }[] = []

  constructor(flows: FlowRecorder, traffic: Traffic, random: Random) {
    this.machine = traffic.machine
    this.#flows = flows
    this.#traffic = traffic
    this.#random = random
    const { kind } = traffic.machine.log
    const protocol = kind === 'vnet' ? (traffic.protocol === 'T' ? '6' : '17') : traffic.protocol
    this.#middle = `,${protocol},${traffic.direction},${kind === 'vnet' ? '' : traffic.denied ? 'D' : 'A'}`
  }

  run(minute: number, factor: number): void {
    const { rate, denied, lastsMs, rule } = this.#traffic
    const { kind } = this.machine.log
    const count = factor === 0 ? 0 : this.#random.poisson(rate * factor)
    const end = minute + minuteMs
    if (count === 0 && (this.#closing[0]?.time ?? end) >= end) return
    const tuples = this.#flows.rule(this.machine, minute, rule)
    const withStates = kind !== 'nsg-v1'
    const step = minuteMs / Math.max(1, count)
    let closed = 0
    for (let index = 0; index < count; index += 1) {
      const time = Math.floor(minute + (index + this.#random.unit()) * step)
      while ((this.#closing[closed]?.time ?? end) < time) closed = this.#close(tuples, closed)
      const ends = this.#ends()
      tuples.push(`${this.#stamp(time)}${ends}${this.#middle}${openings[denied ? 'denied' : 'begun'][kind]}`)
      if (!denied && withStates) this.#closing.push({ time: time + lastsMs, ends })
    }
    while ((this.#closing[closed]?.time ?? end) < end) closed = this.#close(tuples, closed)
    if (closed > 0) this.#closing.splice(0, closed)
  }

  #close(tuples: string[], index: number): number {
    const closing = this.#closing[index]
    if (closing === undefined) return index
    const sent = 3 + this.#random.below(40)
    const received = 3 + this.#random.below(60)
    const sums = `${numbers[sent]},${numbers[sent * 211]},${numbers[received]},${numbers[received * 803]}`
    const ending = this.machine.log.kind === 'vnet' ? 'E,NX,' : ',E,'
    tuples.push(`${this.#stamp(closing.time)}${closing.ends}${this.#middle}${ending}${sums}`)
    return index + 1
  }

  #stamp(time: number): string {
    return this.machine.log.kind === 'vnet' ? `${time},` : `${Math.floor(time / secondMs)},`
  }

  #ends(): string {
    const { peers, ports, direction } = this.#traffic
    const named = this.#random.pick(peers)
    const peer = named.endsWith('.') ? named + numbers[1 + this.#random.below(119)] : named
    const own = this.machine.ip
    const port = numbers[this.#random.pick(ports)]
    const high = numbers[32_768 + this.#random.below(28_000)]
    return direction === 'I' ? `${peer},${own},${high},${port}` : `${own},${peer},${high},${port}`
  }
}

const openings = {
  begun: { 'nsg-v1': '', 'nsg-v2': ',B,,,,', vnet: 'B,NX,0,0,0,0' },
  denied: { 'nsg-v1': '', 'nsg-v2': ',B,,,,', vnet: 'D,NX,0,0,0,0' },
} as const

function trafficOf(world: World): readonly Traffic[] {
  const { web, jump, application, database, build, legacy } = world.tenant.machines
  const clients = [
    '198.51.100.10',
    '198.51.100.20',
    '198.51.100.30',
    '203.0.113.201',
    '203.0.113.202',
    '203.0.113.240',
  ]
  const platform = ['192.0.2.90', '192.0.2.91', '192.0.2.97']
  const scanned = [21, 22, 23, 445, 1433, 2375, 3389, 5900, 6379, 8080, 8443, 9200]
  const allowed = { direction: 'I', protocol: 'T', denied: false, lastsMs: 7000 } as const
  const out = {
    ...allowed,
    rule: 'DefaultRule_AllowInternetOutBound',
    direction: 'O',
    peers: platform,
    ports: [443],
  } as const
  const refused = {
    ...allowed,
    rule: 'DefaultRule_DenyAllInBound',
    denied: true,
    peers: ['203.0.113.'],
    ports: scanned,
  } as const
  const inside = 'DefaultRule_AllowVnetInBound'
  return [
    { ...allowed, machine: web, rule: 'UserRule_AllowHttps', peers: clients, ports: [443], rate: 0.22 },
    { ...refused, machine: web, rate: 0.14 },
    { ...out, machine: web, rate: 0.07 },
    { ...refused, machine: jump, rate: 0.12 },
    { ...out, machine: jump, rate: 0.06 },
    { ...allowed, machine: application, rule: inside, peers: [web.ip], ports: [8080], rate: 0.12 },
    {
      ...out,
      machine: application,
      rule: 'DefaultRule_AllowVnetOutBound',
      peers: [database.ip],
      ports: [1433],
      rate: 0.08,
    },
    { ...out, machine: application, rate: 0.05 },
    {
      ...allowed,
      machine: database,
      rule: inside,
      peers: [application.ip, build.ip],
      ports: [1433],
      rate: 0.1,
    },
    {
      ...allowed,
      machine: database,
      rule: platformRule,
      peers: ['10.255.255.254'],
      ports: [32_526],
      rate: 0.01,
      lastsMs: 900,
    },
    {
      ...out,
      machine: database,
      protocol: 'U',
      peers: ['192.0.2.123'],
      ports: [123],
      rate: 0.03,
      lastsMs: 300,
    },
    { ...out, machine: build, rate: 0.15 },
    { ...refused, machine: build, rate: 0.05 },
    {
      ...allowed,
      machine: legacy,
      rule: 'UserRule_AllowDepot',
      peers: ['198.51.100.34', '198.51.100.35'],
      ports: [8080],
      rate: 0.3,
    },
    { ...refused, machine: legacy, rate: 0.3 },
  ]
}
