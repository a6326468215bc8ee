import type { BlindSpot } from './blind.ts'
import { tellCommands } from './command-steps.ts'
import { tellCopies } from './copy-steps.ts'
import { tellEpisode } from './episode-steps.ts'
import type { Episode } from './episodes.ts'
import type { AccessFacts } from './facts.ts'
import type { Grant } from './grants.ts'
import { grantStep, tellGrant } from './grant-steps.ts'
import { missingLogs } from './missing.ts'
import { tellSecrets } from './secret-steps.ts'
import type { ChainGap, Thread } from './story.ts'
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
  const begins = new Map<Episode, string>()
  for (const episode of thread.episodes) {
    const begin = tellEpisode(facts, thread, episode, grantSteps, told)
    if (begin !== undefined) begins.set(episode, begin)
  }
  const copies = tellCopies(facts, thread, begins, told)
  for (const spot of thread.spots) tellSpot(facts, spot, grantSteps, begins, told)
  tellTampering(facts, thread, told)
  told.steps.sort((left, right) =>
    left.first < right.first ? -1 : left.first > right.first ? 1 : left.id < right.id ? -1 : 1,
  )
  return {
    ...told,
    gaps: gatherGaps([...told.gaps, ...missingLogs(facts, thread, new Map([...copies, ...begins]), told)]),
  }
}

/** Tells reads that metrics alone count; what they were authorised with is assumed where nothing else can have been it. */
function tellSpot(
  facts: AccessFacts,
  { grant, episode, isDelegable, ...spot }: BlindSpot,
  grantSteps: ReadonlyMap<Grant, string>,
  begins: ReadonlyMap<Episode, string>,
  told: Told,
): void {
  const { account } = spot
  const id = `blind-read ${account} ${spot.first}`
  told.steps.push({ ...blank, ...spot, id, kind: 'blind-read', technique: 'T1530' })
  told.gaps.push({
    account,
    missing: 'StorageRead',
    why: 'metrics alone count some of its reads',
    steps: [id],
  })
  const granted = grant && grantSteps.get(grant)
  if (granted !== undefined && isDelegable && grant?.kind !== 'user delegation key') {
    told.gaps.push({
      account,
      missing: 'where the credential came from',
      why: 'metrics count user delegation keys that no log shows, and these can have signed as well as what was handed out',
      steps: [granted, id],
    })
    return
  }
  const from = granted ?? (episode && begins.get(episode))
  if (from !== undefined)
    told.links.push({ from, to: id, by: 'account and time', value: account, certainty: 'assumed' })
  else
    told.gaps.push({
      account,
      missing: 'where the credential came from',
      why: `the Activity Log ends at ${facts.activity.last}: who was handed its keys after that is in no log`,
      steps: [id],
    })
}

/** One gap of an account for each log that is missing, with all reasons and all steps beside it. */
function gatherGaps(gaps: readonly ChainGap[]): ChainGap[] {
  const alike = Map.groupBy(gaps, ({ account, missing }) => JSON.stringify([account, missing]))
  return [...alike.values()].flatMap(([gap, ...others]) =>
    gap === undefined
      ? []
      : [
          {
            ...gap,
            why: [...new Set([gap, ...others].map(({ why }) => why))].join('; '),
            steps: [...new Set([gap, ...others].flatMap(({ steps }) => steps))],
          },
        ],
  )
}
