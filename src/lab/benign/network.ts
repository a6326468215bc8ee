import type { FlowRecorder } from '../flow-recorder.ts'
import type { Random } from '../random.ts'
import { platformRule } from '../sources/flow.ts'
import type { VirtualMachine } from '../tenant.ts'
import { hourMs, minuteMs, secondMs } from '../time.ts'
import type { TupleList } from '../tuple-list.ts'
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

/** Whether a machine runs at a time. */
function isAwake(machine: VirtualMachine, time: number): boolean {
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

/** A connection that is still open: what its closing tuple needs. */
interface Open {
  readonly closesAt: number
  readonly peer: number
  readonly host: number
  readonly highPort: number
  readonly port: number
}

/** Writes the tuples of one kind of traffic straight as bytes: this is the hot path of a big lab. */
class Connections {
  readonly machine: VirtualMachine
  readonly #flows: FlowRecorder
  readonly #traffic: Traffic
  readonly #random: Random
  readonly #own: Buffer
  readonly #peers: readonly Buffer[]
  readonly #middle: Buffer
  readonly #opening: Buffer
  readonly #closing: Buffer
  readonly #inMilliseconds: boolean
  readonly #open: Open[] = []

  constructor(flows: FlowRecorder, traffic: Traffic, random: Random) {
    const { kind } = traffic.machine.log
    const isVnet = kind === 'vnet'
    const protocol = isVnet ? (traffic.protocol === 'T' ? '6' : '17') : traffic.protocol
    this.machine = traffic.machine
    this.#flows = flows
    this.#traffic = traffic
    this.#random = random
    this.#own = Buffer.from(traffic.machine.ip)
    this.#peers = traffic.peers.map((peer) => Buffer.from(peer))
    this.#middle = Buffer.from(
      `,${protocol},${traffic.direction},${isVnet ? '' : traffic.denied ? 'D' : 'A'}`,
    )
    this.#opening = Buffer.from(
      isVnet ? `${traffic.denied ? 'D' : 'B'},NX,0,0,0,0` : kind === 'nsg-v1' ? '' : ',B,,,,',
    )
    this.#closing = Buffer.from(isVnet ? 'E,NX,' : ',E,')
    this.#inMilliseconds = isVnet
  }

  run(minute: number, factor: number): void {
    const { rate, denied, lastsMs, rule } = this.#traffic
    const count = factor === 0 ? 0 : this.#random.poisson(rate * factor)
    const end = minute + minuteMs
    if (count === 0 && (this.#open[0]?.closesAt ?? end) >= end) return
    const tuples = this.#flows.rule(this.machine, minute, rule)
    const closes = !denied && this.machine.log.kind !== 'nsg-v1'
    const step = minuteMs / Math.max(1, count)
    let closed = 0
    for (let index = 0; index < count; index += 1) {
      const time = Math.floor(minute + (index + this.#random.unit()) * step)
      closed = this.#closeUntil(time, closed, tuples)
      const connection = this.#draw(time + lastsMs)
      this.#begin(tuples, time, connection)
      tuples.ascii(this.#opening)
      if (closes) this.#open.push(connection)
    }
    closed = this.#closeUntil(end, closed, tuples)
    if (closed > 0) this.#open.splice(0, closed)
  }

  #closeUntil(time: number, from: number, tuples: TupleList): number {
    let next = from
    for (let open = this.#open[next]; open !== undefined && open.closesAt < time; open = this.#open[next]) {
      const sent = 3 + this.#random.below(40)
      const received = 3 + this.#random.below(60)
      this.#begin(tuples, open.closesAt, open)
      tuples.ascii(this.#closing)
      tuples.integer(sent)
      tuples.comma()
      tuples.integer(sent * 211)
      tuples.comma()
      tuples.integer(received)
      tuples.comma()
      tuples.integer(received * 803)
      next += 1
    }
    return next
  }

  #draw(closesAt: number): Open {
    const { peers, ports } = this.#traffic
    return {
      closesAt,
      peer: this.#random.below(peers.length),
      host: 1 + this.#random.below(119),
      highPort: 32_768 + this.#random.below(28_000),
      port: this.#random.pick(ports),
    }
  }

  #begin(tuples: TupleList, time: number, connection: Open): void {
    tuples.begin()
    tuples.integer(Math.floor(time / secondMs))
    if (this.#inMilliseconds) tuples.padded(time % secondMs, 3)
    tuples.comma()
    if (this.#traffic.direction === 'O') {
      tuples.ascii(this.#own)
      tuples.comma()
    }
    this.#writePeer(tuples, connection)
    tuples.comma()
    if (this.#traffic.direction === 'I') {
      tuples.ascii(this.#own)
      tuples.comma()
    }
    tuples.integer(connection.highPort)
    tuples.comma()
    tuples.integer(connection.port)
    tuples.ascii(this.#middle)
  }

  /** A peer that ends with a dot is a prefix: any host of it. */
  #writePeer(tuples: TupleList, connection: Open): void {
    const peer = this.#peers[connection.peer]
    if (peer === undefined) throw new Error('no such peer')
    tuples.ascii(peer)
    if (peer.at(-1) === 0x2e) tuples.integer(connection.host)
  }
}

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
