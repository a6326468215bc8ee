import type { EpisodeAct } from './episode-rows.ts'
import { type Episode, isCutShort, isUnproven } from './episodes.ts'
import type { AccessFacts } from './facts.ts'
import type { Grant } from './grants.ts'
import { linkStorageSignIn } from './sign-in-steps.ts'
import type { Step, Thread } from './story.ts'
import { credentialName, sameCredential, timeBefore, type Told } from './told.ts'
import { isTransport } from './uses.ts'

const actSteps: Readonly<Partial<Record<EpisodeAct['act'], readonly [Step['kind'], string, string]>>> = {
  list: ['list', 'Containers and objects are listed', 'T1619'],
  read: ['read', 'Content is read', 'T1530'],
  write: ['write', 'Content is written', 'T1565.001'],
  delete: ['delete', 'Content is deleted', 'T1485'],
}

/** Tells what an episode did, and where its credential came from; gives its first step, that the others hang on. */
export function tellEpisode(
  facts: AccessFacts,
  thread: Thread,
  episode: Episode,
  grantSteps: ReadonlyMap<Grant, string>,
  told: Told,
): string | undefined {
  const users = episode.uses.filter((use) => !isTransport(use))
  const who =
    users.find(({ requesterName }) => requesterName !== '')?.requesterName ?? credentialName(episode)
  let begin: string | undefined
  for (const act of facts.acts.get(episode) ?? []) {
    const kind = actSteps[act.act]
    if (kind === undefined) continue
    const { first, last, requests, objects, bytes, records } = act
    const id = `${kind[0]} ${episode.account} ${first}`
    told.steps.push({
      ...{ who, address: act.callers.join(', '), tool: act.agents.join(', ') },
      ...{ id, kind: kind[0], title: `${kind[1]} (${act.operations.join(', ')})`, technique: kind[2] },
      ...{
        account: episode.account,
        first,
        last,
        requests,
        objects,
        bytes: act.act === 'read' ? bytes : 0,
        records,
      },
      ...(begin === undefined &&
        isUnproven(episode) && {
          unseen: `Whether this user is new is unproven: ${episode.past.category} begins less than three days before.`,
        }),
    })
    if (begin === undefined) linkOrigin(facts, thread, episode, id, grantSteps, told)
    else linkFromBegin(episode, begin, id, told)
    begin ??= id
  }
  return begin
}

/** Links a deed of an episode to its first, unless an earlier one can have been before the log began: that is a gap beside it. */
export function linkFromBegin(episode: Episode, begin: string | undefined, to: string, told: Told): void {
  if (isCutShort(episode))
    told.gaps.push({
      account: episode.account,
      missing: timeBefore(episode.past.category),
      why: 'what the same user did first may lie before it',
      steps: [to],
    })
  else if (begin !== undefined) told.links.push({ from: begin, to, ...sameCredential(episode) })
}

function linkOrigin(
  facts: AccessFacts,
  thread: Thread,
  episode: Episode,
  to: string,
  grantSteps: ReadonlyMap<Grant, string>,
  told: Told,
): void {
  if (episode.means === 'OAuth') {
    for (const address of new Set(episode.uses.map(({ caller }) => caller)))
      linkStorageSignIn(facts, { caller: episode.requesterId, address, time: episode.first }, to, told)
    return
  }
  const grant = thread.origins.get(episode)?.grant
  const from = grant && grantSteps.get(grant)
  if (from === undefined) return
  const isHashed = episode.keyHash !== ''
  told.links.push({
    from,
    to,
    by: isHashed ? 'account and key hash' : 'account, means and time',
    value: isHashed ? episode.keyHash : episode.account,
    certainty: isHashed ? 'inferred' : 'assumed',
  })
}
