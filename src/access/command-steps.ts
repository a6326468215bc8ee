import type { Command } from './commands.ts'
import type { AccessFacts } from './facts.ts'
import type { Grant } from './grants.ts'
import { grantStep } from './grant-steps.ts'
import { callerOf } from './origin.ts'
import { linkToken } from './sign-in-steps.ts'
import type { Thread } from './story.ts'
import { between, day } from './time.ts'
import { blank, type Told } from './told.ts'

/** A token of a managed identity works for about a day. */
const tokenMs = day

/** A command that was told, and its step. */
export type ToldCommand = Command & { readonly step: string }

/**
 * Where a managed identity was handed credentials: the command of a newcomer on the resource that owns it, by which its token can
 * have been had; told where there is one such caller, never merely the latest.
 */
export function tellCommands(facts: AccessFacts, thread: Thread, told: Told): readonly ToldCommand[] {
  const found: ToldCommand[] = []
  for (const ofOwner of Map.groupBy(thread.grants, ({ owner }) => owner).values()) {
    const [grant] = ofOwner
    if (grant === undefined || grant.owner === '') continue
    const command = findCommand(facts, grant)
    if (command === undefined) {
      told.gaps.push({
        account: grant.account,
        missing: "how the identity's token was had",
        why: `no single newcomer ran a command on ${grant.owner} before; what runs on it by itself is in no log of Azure`,
        steps: [beginOf(grant, told)],
      })
      continue
    }
    const step = `command ${command.resource} ${command.time}`
    found.push({ ...command, step })
    told.steps.push({
      ...blank,
      ...{ id: step, kind: 'command', technique: 'T1651', first: command.time, last: command.time },
      title: `A command is run on ${command.resource.split('/').at(-1) ?? ''}, which owns the identity`,
      ...{ who: command.caller, address: command.address, requests: 1, records: command.records },
    })
    const to = beginOf(grant, told)
    told.links.push({ from: step, to, by: 'machine', value: grant.owner, certainty: 'inferred' })
    linkToken(facts, command.token, step, told)
  }
  return found
}

/** The sign-in whose token was handed a credential; the grant itself where none is told. */
function beginOf(grant: Grant, told: Told): string {
  const step = grantStep(grant)
  return told.links.find(({ to }) => to === step)?.from ?? step
}

/** The last command of the one caller who had run none on the owner of a grant's identity the day before. */
function findCommand(facts: AccessFacts, grant: Grant): Command | undefined {
  const before = facts.commands.filter(
    ({ resource, time, failed }) => !failed && resource === grant.owner && time <= grant.time,
  )
  const isNear = ({ time }: Command): boolean => between(time, grant.time) < tokenMs
  const known = new Set(before.filter((command) => !isNear(command)).map(callerOf))
  const fresh = before.filter((command) => isNear(command) && !known.has(callerOf(command)))
  return new Set(fresh.map(callerOf)).size === 1 ? fresh.at(-1) : undefined
}
