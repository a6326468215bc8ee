import type { AccessFacts } from './facts.ts'
import { callerOf } from './origin.ts'
import { linkToken } from './sign-in-steps.ts'
import type { Thread } from './story.ts'
import type { Tampering } from './tampering.ts'
import { between, day } from './time.ts'
import { blank, type Told } from './told.ts'

/** How long after the last use a change of logs or guards belongs to it. */
const tamperingMs = 7 * day

/** Tells the changes of logs, guards and copies by the callers of a thread; where it has none, those from the address of a user of the account. */
export function tellTampering(facts: AccessFacts, thread: Thread, told: Told): void {
  const begin = told.steps.reduce(
    (first, step) => (first === '' || step.first < first ? step.first : first),
    '',
  )
  const end = told.steps.reduce((last, step) => (step.last > last ? step.last : last), '')
  const users = new Set(
    thread.episodes.flatMap(({ account, uses }) => uses.map(({ caller }) => `${account} ${caller}`)),
  )
  for (const change of facts.tampering) {
    if (change.failed || change.time < begin || between(end, change.time) > tamperingMs) continue
    const isOfCaller = thread.grants.some(
      ({ caller, address }) => caller === change.caller && address === change.address,
    )
    const isStranger =
      thread.grants.length === 0 &&
      users.has(`${change.account} ${change.address}`) &&
      !thread.newcomers.has(callerOf(change)) &&
      isNewHand(facts, change)
    if (!isOfCaller && !isStranger) continue
    const id = `tampering ${change.operation} ${change.time}`
    told.steps.push({
      ...blank,
      ...{ id, kind: 'tampering', title: change.title, technique: change.technique, account: change.account },
      ...{ first: change.time, last: change.time, who: change.caller, address: change.address },
      ...{ requests: 1, records: change.records },
    })
    linkToken(facts, change.token, id, told)
  }
}

/** Whether nobody made this kind of change from there before, and it was not undone within five minutes. */
function isNewHand(facts: AccessFacts, change: Tampering): boolean {
  return !facts.tampering.some(
    (other) =>
      other !== change &&
      ((other.caller === change.caller &&
        other.address === change.address &&
        between(other.time, change.time) > day) ||
        (other.resource === change.resource &&
          Math.abs(between(change.time, other.time)) < 300_000 &&
          other.operation !== change.operation)),
  )
}
