import { callGraph } from '../directory-actions.ts'
import { signInUser } from '../sign-in-actions.ts'
import { type Application, clients, type ResourceName } from '../applications.ts'
import { type Address, travelAddress, type User } from '../people.ts'
import type { Random } from '../random.ts'
import { dayMs, hourMs, isWorkday, minuteMs } from '../time.ts'
import type { Planner, World } from '../world.ts'

const visits: readonly { readonly application: Application; readonly resource: ResourceName }[] = [
  { application: clients.officeHome, resource: 'graph' },
  { application: clients.office, resource: 'exchange' },
  { application: clients.teams, resource: 'teams' },
  { application: clients.exchange, resource: 'exchange' },
]
const graphPaths = [
  '/me',
  '/me/joinedTeams',
  '/me/drive/recent?$top=20',
  '/me/messages?$select=subject&$top=10',
  '/me/calendarView',
  '/me/photo/$value',
]

/** Working days of all users: sign-ins, renewals, calls to Graph, mail and files; mistyped passwords, prompts, travel. */
export function peopleAtWork(world: World, random: Random): Planner {
  const { users } = world.tenant
  // Beyond a few thousand people each one's clients grow busier instead.
  const busy = Math.max(1, (24 * world.scale) / users.length)
  const journeys = planJourneys(world, random)
  return (day) => {
    for (const user of users) {
      const offset = user.office.offsetHours
      const present = isWorkday(day + 12 * hourMs, 0) ? random.chance(0.88) : random.chance(0.06)
      if (!present) continue
      const begin = Math.max(day, day + (9 - offset) * hourMs + random.between(-70 * minuteMs, 50 * minuteMs))
      const journey = journeys.find((one) => one.user === user && begin >= one.from && begin < one.to)
      const address = journey?.address ?? (random.chance(0.7) ? user.office.address : user.home)
      planDay(world, random, user, address, begin, busy)
    }
  }
}

function planDay(
  world: World,
  random: Random,
  user: User,
  address: Address,
  begin: number,
  busy: number,
): void {
  const { agenda } = world
  const sessionId = random.guid()
  agenda.at(begin, (time) => {
    signInOfMorning(world, random, user, address, time, sessionId)
  })
  const graphToken = (time: number): void => {
    const token = signInUser(world, random, {
      time,
      user,
      application: clients.teams,
      resource: 'graph',
      address,
      kind: 'non-interactive',
      sessionId,
      multiFactor: true,
    })
    for (let call = random.between(1, 4); call > 0; call -= 1) {
      callGraph(world, random, time + random.between(1, 900) * 1000, token, random.pick(graphPaths), {
        scopes: 'Mail.Read User.Read Team.ReadBasic.All',
      })
    }
  }
  agenda.at(begin + random.between(1 * minuteMs, 20 * minuteMs), graphToken)
  for (let renewal = Math.round(random.between(3, 8) * busy); renewal > 0; renewal -= 1) {
    agenda.at(begin + random.between(5 * minuteMs, 520 * minuteMs), (time) => {
      const visit = random.pick(visits)
      signInUser(world, random, {
        time,
        user,
        ...visit,
        address,
        kind: 'non-interactive',
        sessionId,
        multiFactor: true,
      })
    })
  }
  for (let visit = random.between(0, 2); visit > 0; visit -= 1) {
    agenda.at(begin + random.between(30 * minuteMs, 480 * minuteMs), (time) => {
      signInUser(world, random, {
        time,
        user,
        ...random.pick(visits),
        address,
        sessionId,
        multiFactor: random.chance(0.5),
      })
    })
  }
  for (let deed = random.between(1, 4); deed > 0; deed -= 1) {
    agenda.at(begin + random.between(10 * minuteMs, 500 * minuteMs), (time) => {
      useOffice(world, random, user, address, time)
    })
  }
}

/** The first sign-in of a day, with the mistakes and prompts that come before it. */
function signInOfMorning(
  world: World,
  random: Random,
  user: User,
  address: Address,
  time: number,
  sessionId: string,
): void {
  const visit = random.pick(visits)
  const attempt = { user, ...visit, address, sessionId, correlationId: random.guid() }
  let at = time
  if (random.chance(0.07)) {
    for (let mistake = random.between(1, 3); mistake > 0; mistake -= 1) {
      signInUser(world, random, { ...attempt, time: at, errorCode: 50126 })
      at += random.between(8, 40) * 1000
    }
  }
  const prompted = random.chance(0.3)
  if (prompted) {
    signInUser(world, random, { ...attempt, time: at, errorCode: random.chance(0.5) ? 50074 : 50076 })
    at += random.between(9, 45) * 1000
    if (random.chance(0.05)) {
      signInUser(world, random, { ...attempt, time: at, errorCode: 500121 })
      at += random.between(20, 60) * 1000
    }
  } else if (random.chance(0.2)) {
    signInUser(world, random, { ...attempt, time: at, errorCode: 50140 })
    at += 4000
  }
  signInUser(world, random, { ...attempt, time: at, multiFactor: prompted })
}

function useOffice(world: World, random: Random, user: User, address: Address, time: number): void {
  const kind = random.below(3)
  world.recorder.unified({
    time,
    id: random.guid(),
    user,
    address: address.ip,
    ...(kind === 0
      ? { recordType: 'ExchangeItemAggregated', operation: 'MailItemsAccessed', object: '' }
      : kind === 1
        ? {
            recordType: 'SharePointFileOperation',
            operation: random.chance(0.8) ? 'FileAccessed' : 'FileDownloaded',
            object: `https://meridian.example/sites/operations/Shared Documents/manifest ${random.between(1, 400)}, "final".xlsx`,
          }
        : {
            recordType: 'AzureActiveDirectoryStsLogon',
            operation: 'UserLoggedIn',
            object: '00000002-0000-0ff1-ce00-000000000000',
          }),
  })
}

interface Journey {
  readonly user: User
  readonly address: Address
  readonly from: number
  readonly to: number
}

/** Who travels and when; each journey raises one detection that is dismissed. */
function planJourneys(world: World, random: Random): readonly Journey[] {
  const mark = 'traveller'
  world.recorder.book.decoy(
    mark,
    'A sign-in from a far country with a dismissed detection: the user is on a journey and stays there for days.',
  )
  const staff = world.tenant.users.filter((user) => user.duty === 'staff')
  const count = Math.max(
    1,
    Math.round(((world.end - world.start) / dayMs / 7) * Math.min(20, staff.length / 16)),
  )
  return random
    .shuffle(staff)
    .slice(0, count)
    .map((user) => {
      const from = world.start + Math.floor(random.unit() * (world.end - world.start) * 0.6)
      const journey = {
        user,
        address: travelAddress(random),
        from,
        to: from + random.between(2 * dayMs, 4 * dayMs),
      }
      world.agenda.at(from + 6 * hourMs, (time) => {
        const token = signInUser(world, random, {
          time,
          user,
          application: clients.officeHome,
          resource: 'graph',
          address: journey.address,
          risk: 'low',
          mark,
          multiFactor: true,
        })
        world.recorder.risk(
          {
            time,
            detectedAt: time + random.between(2 * minuteMs, 200 * minuteMs),
            id: random.hex(64),
            requestId: token.signInId,
            correlationId: random.guid(),
            type: 'unlikelyTravel',
            level: 'low',
            state: 'dismissed',
            timing: 'offline',
            user,
            address: journey.address,
          },
          mark,
        )
      })
      return journey
    })
}
