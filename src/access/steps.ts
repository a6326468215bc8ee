import { tellCommands } from './command-steps.ts'
import { tellCopies } from './copy-steps.ts'
import { tellEpisode } from './episode-steps.ts'
import type { Episode } from './episodes.ts'
import type { AccessFacts } from './facts.ts'
import { grantStep, tellGrant } from './grant-steps.ts'
import { missingLogs } from './missing.ts'
import { tellSecrets } from './secret-steps.ts'
import type { Thread } from './story.ts'
import { tellTampering } from './tampering-steps.ts'
import { blank, type Told } from './told.ts'

/** Tells a thread as steps, the links between them, and what is missing. */
export function buildSteps(facts: AccessFacts, thread: Thread): Told {
  const told: Told = { steps: [], links: [], gaps: [] }
  const grantSteps = new Map(thread.grants.map((grant) => [grant, tellGrant(facts, grant, told)]))
  const commands = tellCommands(facts, thread, told)
  tellSecrets(
    facts,
    [...thread.grants.map((grant) => ({ ...grant, step: grantStep(grant) })), ...commands],
    told,
  )
  const listings = new Map<Episode, string>()
  for (const episode of thread.episodes) {
    const listing = tellEpisode(facts, thread, episode, grantSteps, told)
    if (listing !== undefined) listings.set(episode, listing)
  }
  tellCopies(facts, thread, listings, told)
  for (const { grant, episode, ...spot } of thread.spots) {
    const id = `blind-read ${spot.account} ${spot.first}`
    told.steps.push({ ...blank, ...spot, id, kind: 'blind-read', technique: 'T1530' })
    const from = (grant && grantSteps.get(grant)) ?? (episode && listings.get(episode))
    if (from !== undefined)
      told.links.push({ from, to: id, by: 'account and time', value: spot.account, certainty: 'assumed' })
  }
  tellTampering(facts, thread, told)
  told.gaps.push(...missingLogs(facts, thread))
  told.steps.sort((left, right) =>
    left.first < right.first ? -1 : left.first > right.first ? 1 : left.id < right.id ? -1 : 1,
  )
  return told
}
