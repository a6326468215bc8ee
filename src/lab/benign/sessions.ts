import type { Random } from '../random.ts'
import { platformRule, type Counters } from '../sources/flow.ts'
import type { VirtualMachine } from '../tenant.ts'
import { dayMs, hourMs, isWorkday, minuteMs, secondMs } from '../time.ts'
import type { Planner, World } from '../world.ts'

export interface Connection {
  readonly time: number
  readonly from: VirtualMachine | string
  readonly to: VirtualMachine | string
  readonly port: number
  readonly lastsMs: number
  readonly sentBytes: number
  readonly receivedBytes: number
  readonly ruleIn?: string
  readonly ruleOut?: string
}

/** A connection in full: begun, counted every five minutes by what came since, ended; seen at both ends where both are ours. */
export function connect(world: World, random: Random, connection: Connection, mark?: string): void {
  const { from, to } = connection
  const sourcePort = random.between(49_152, 65_000)
  if (typeof from !== 'string') {
    const rule =
      connection.ruleOut ??
      (typeof to === 'string' ? 'DefaultRule_AllowInternetOutBound' : 'DefaultRule_AllowVnetOutBound')
    writeTuples(world, connection, from, 'O', rule, sourcePort, mark)
  }
  if (typeof to !== 'string') {
    const rule = connection.ruleIn ?? 'DefaultRule_AllowVnetInBound'
    writeTuples(world, connection, to, 'I', rule, sourcePort, mark)
  }
}

function writeTuples(
  world: World,
  connection: Connection,
  machine: VirtualMachine,
  direction: 'I' | 'O',
  rule: string,
  sourcePort: number,
  mark: string | undefined,
): void {
  const tuple = {
    source: ipOf(connection.from),
    destination: ipOf(connection.to),
    sourcePort,
    destinationPort: connection.port,
    protocol: 'T',
    direction,
  } as const
  const { time, lastsMs } = connection
  world.flows.add(machine, rule, { ...tuple, time, state: 'B' }, mark)
  if (machine.log.kind === 'nsg-v1') return
  const parts = Math.floor(lastsMs / (5 * minuteMs)) + 1
  for (let part = 1; part <= parts; part += 1) {
    const last = part === parts
    const at = last ? time + lastsMs : time + part * 5 * minuteMs
    world.flows.add(
      machine,
      rule,
      { ...tuple, time: at, state: last ? 'E' : 'C', counters: share(connection, part, parts) },
      mark,
    )
  }
}

/** What the counters grew by in one of the parts; the parts add up to the whole. */
function share(connection: Connection, part: number, parts: number): Counters {
  const slice = (total: number): number =>
    Math.floor((total * part) / parts) - Math.floor((total * (part - 1)) / parts)
  return {
    packetsOut: slice(Math.ceil(connection.sentBytes / 700)),
    bytesOut: slice(connection.sentBytes),
    packetsIn: slice(Math.ceil(connection.receivedBytes / 900)),
    bytesIn: slice(connection.receivedBytes),
  }
}

function ipOf(end: VirtualMachine | string): string {
  return typeof end === 'string' ? end : end.ip
}

/** A monitoring agent's regular call, a long database connection, a repeated refusal, administrators at the jump machine. */
export function networkSessions(world: World, random: Random): Planner {
  const { book } = world.recorder
  book.decoy(
    'regular-call',
    'A monitoring agent calls its service every five minutes, in all the time there is; its first day is named here.',
  )
  book.decoy(
    'administrator-hops',
    'Remote desktop from the office to the jump machine and SSH from there, in office hours, as on other days.',
  )
  return (day) => {
    if (day + dayMs <= world.flowStart) return
    const isFirst = day <= world.flowStart
    for (let time = Math.max(day, world.flowStart); time < day + dayMs; time += 5 * minuteMs) {
      world.agenda.at(time + random.below(4 * secondMs), (at) => {
        callMonitor(world, random, at, isFirst ? 'regular-call' : undefined)
      })
    }
    world.agenda.at(day + 9 * hourMs + random.below(50 * minuteMs), (at) => {
      talkToDatabase(world, random, at)
    })
    if (!isWorkday(day + 12 * hourMs, 0)) return
    for (let visit = random.between(1, 2); visit > 0; visit -= 1) {
      world.agenda.at(day + random.between(9 * 60 * minuteMs, 16 * 60 * minuteMs), (at) => {
        visitJumpMachine(world, random, at)
      })
    }
  }
}

function callMonitor(world: World, random: Random, time: number, mark: string | undefined): void {
  const { application } = world.tenant.machines
  connect(
    world,
    random,
    {
      time,
      from: application,
      to: '192.0.2.99',
      port: 443,
      lastsMs: 2100,
      sentBytes: 1840,
      receivedBytes: 4120,
    },
    mark,
  )
}

/** Hours of one connection; and one refused request that the log holds three times, as it does when it is repeated at once. */
function talkToDatabase(world: World, random: Random, time: number): void {
  const { application, database } = world.tenant.machines
  const refused = {
    time,
    source: '203.0.113.77',
    destination: database.ip,
    sourcePort: 40_022,
    destinationPort: 22,
    protocol: 'T',
    direction: 'I',
    state: 'D',
  } as const
  for (let again = 0; again < 3; again += 1) world.flows.add(database, 'DefaultRule_DenyAllInBound', refused)
  const lastsMs = random.between(40 * minuteMs, 150 * minuteMs)
  connect(world, random, {
    time: time + 2000,
    from: application,
    to: database,
    port: 1433,
    lastsMs,
    sentBytes: 9_200_411,
    receivedBytes: 61_004_118,
  })
  connect(world, random, {
    time: time + 5000,
    from: '10.255.255.254',
    to: database,
    port: 32_526,
    lastsMs: 800,
    sentBytes: 128,
    receivedBytes: 0,
    ruleIn: platformRule,
  })
}

function visitJumpMachine(world: World, random: Random, time: number): void {
  const { jump, application } = world.tenant.machines
  const mark = 'administrator-hops'
  const lastsMs = random.between(9 * minuteMs, 40 * minuteMs)
  const [administrator] = world.tenant.users
  const office = administrator?.office.address.ip ?? ''
  connect(
    world,
    random,
    {
      time,
      from: office,
      to: jump,
      port: 3389,
      lastsMs,
      sentBytes: 2_411_003,
      receivedBytes: 18_004_550,
      ruleIn: 'UserRule_AllowRdpOffices',
    },
    mark,
  )
  connect(
    world,
    random,
    {
      time: time + 90_000,
      from: jump,
      to: application,
      port: 22,
      lastsMs: lastsMs - 120_000,
      sentBytes: 81_220,
      receivedBytes: 240_550,
    },
    mark,
  )
}
