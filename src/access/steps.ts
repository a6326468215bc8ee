import { type ChainGap, isOf, type Link, type Step, type Thread } from './story.ts'
import type { EpisodeAct } from './episode-rows.ts'
import type { Episode } from './episodes.ts'
import type { AccessFacts } from './facts.ts'
import type { Grant } from './grants.ts'
import { missingLogs } from './missing.ts'
import { callerOf } from './origin.ts'
import type { SignIn } from './sign-ins.ts'
import type { Tampering } from './tampering.ts'
import { between, day } from './time.ts'
import { isTransport } from './uses.ts'

export interface Told {
  readonly steps: Step[]
  readonly links: Link[]
  readonly gaps: ChainGap[]
}

const blank = { account: '', who: '', address: '', tool: '', requests: 0, objects: 0, bytes: 0 } as const
/** How long after the last use a change of logs or guards belongs to it. */
const tamperingMs = 7 * day

/** Tells a thread as steps, the links between them, and what is missing. */
export function buildSteps(facts: AccessFacts, thread: Thread): Told {
  const told: Told = { steps: [], links: [], gaps: [] }
  const tellGrant = grantTeller(facts, told)
  const grantSteps = new Map(thread.grants.map((grant) => [grant, tellGrant(grant)]))
  tellSecrets(facts, thread, told)
  const listings = new Map<Episode, string>()
  for (const episode of thread.episodes) tellEpisode(facts, thread, episode, grantSteps, listings, told)
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

/** Tells a grant, and once for each identity and session the sign-in that its token came from. */
function grantTeller(facts: AccessFacts, told: Told): (grant: Grant) => string {
  return (grant) => {
    const id = `credential ${grant.account} ${grant.time}`
    told.steps.push({
      ...blank,
      id,
      kind: 'credential',
      title: `${grant.kind} of ${grant.account}${grant.failed ? ' (refused)' : ''}`,
      technique: grant.kind === 'user delegation key' ? 'T1098' : 'T1528',
      account: grant.account,
      first: grant.time,
      last: grant.time,
      who: grant.caller,
      address: grant.address,
      tool: grant.application,
      requests: 1,
      records: grant.records,
    })
    linkSignIn(facts.signIns.get(grant.token), id, told)
    return id
  }
}

function linkSignIn(signIn: SignIn | undefined, to: string, told: Told): void {
  if (signIn === undefined) return
  const id = `sign-in ${signIn.identity} ${signIn.session || signIn.address}`
  const at = told.steps.findIndex((step) => step.id === id)
  const before = told.steps[at]
  if (before === undefined)
    told.steps.push({
      ...blank,
      id,
      kind: 'sign-in',
      title: `${signIn.name || signIn.identity} signs in`,
      technique: 'T1078.004',
      first: signIn.time,
      last: signIn.time,
      who: signIn.name || signIn.identity,
      address: signIn.address,
      tool: signIn.application,
      requests: 1,
      records: [signIn.record],
    })
  else if (
    !before.records.some(
      (record) => record.evidenceId === signIn.record.evidenceId && record.record === signIn.record.record,
    )
  )
    told.steps[at] = {
      ...before,
      first: before.first < signIn.time ? before.first : signIn.time,
      last: before.last > signIn.time ? before.last : signIn.time,
      requests: before.requests + 1,
      records: [...before.records, signIn.record],
    }
  told.links.push({ from: id, to, by: 'uti', value: signIn.token, certainty: 'observed' })
}

function tellSecrets(facts: AccessFacts, thread: Thread, told: Told): void {
  const callers = thread.grants.map((grant) => ({
    identity: facts.signIns.get(grant.token)?.identity ?? grant.caller,
    address: grant.address,
    time: grant.time,
  }))
  for (const secret of facts.secrets) {
    const caller = callers.find(
      ({ identity, address, time }) =>
        identity === secret.identity &&
        address === secret.address &&
        Math.abs(between(time, secret.first)) < 2 * day,
    )
    if (caller === undefined) continue
    const id = `secrets ${secret.vault} ${secret.first}`
    told.steps.push({
      ...blank,
      id,
      kind: 'secrets',
      title: `${secret.operations.join(', ')} in ${secret.vault}`,
      technique: 'T1555.006',
      account: secret.vault,
      first: secret.first,
      last: secret.last,
      who: secret.identity,
      address: secret.address,
      requests: secret.requests,
      objects: secret.objects,
      records: secret.records,
    })
    const signIn = facts.signIns.get(secret.token)
    if (signIn !== undefined) linkSignIn(signIn, id, told)
    else if (thread.grants[0] !== undefined)
      told.links.push({
        from: id,
        to: `credential ${thread.grants[0].account} ${thread.grants[0].time}`,
        by: 'identity and address',
        value: secret.identity,
        certainty: 'inferred',
      })
  }
}

const actSteps: Readonly<Partial<Record<EpisodeAct['act'], readonly [Step['kind'], string, string]>>> = {
  list: ['list', 'Containers and objects are listed', 'T1619'],
  read: ['read', 'Content is read', 'T1530'],
  write: ['write', 'Content is written', 'T1565.001'],
  delete: ['delete', 'Content is deleted', 'T1485'],
}

function tellEpisode(
  facts: AccessFacts,
  thread: Thread,
  episode: Episode,
  grantSteps: ReadonlyMap<Grant, string>,
  listings: Map<Episode, string>,
  told: Told,
): void {
  const users = episode.uses.filter((use) => !isTransport(use))
  const who =
    users.find(({ requesterName }) => requesterName !== '')?.requesterName ?? credentialName(episode)
  let previous: string | undefined
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
    })
    if (previous === undefined) linkOrigin(thread, episode, id, grantSteps, told)
    else told.links.push({ from: previous, to: id, ...sameCredential(episode) })
    previous ??= id
  }
  if (previous !== undefined) listings.set(episode, previous)
}

function linkOrigin(
  thread: Thread,
  episode: Episode,
  to: string,
  grantSteps: ReadonlyMap<Grant, string>,
  told: Told,
): void {
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

function tellCopies(
  facts: AccessFacts,
  thread: Thread,
  listings: ReadonlyMap<Episode, string>,
  told: Told,
): void {
  for (const episode of thread.episodes) {
    for (const transfer of facts.transfers.filter((deed) => isOf(deed, episode))) {
      const { first, last, reads, objects, bytes, destination } = transfer
      const orders = facts.orders.filter(
        (order) => order.source === episode.account && order.account === destination,
      )
      const isOut = destination === ''
      const id = `${isOut ? 'copy-out' : 'copy-in'} ${episode.account} ${first}`
      const [order] = orders
      told.steps.push({
        ...blank,
        id,
        kind: isOut ? 'copy-out' : 'copy-in',
        title: isOut
          ? `The service reads for a copy to an account that is not in the evidence`
          : `The service copies into ${destination}`,
        technique: isOut ? 'T1537' : 'T1074.002',
        account: episode.account,
        first: order !== undefined && order.first < first ? order.first : first,
        last: order !== undefined && order.last > last ? order.last : last,
        who: credentialName(episode),
        address: order?.caller ?? '',
        tool: order?.agent ?? '',
        requests: reads,
        objects,
        bytes,
        records: [...transfer.records, ...orders.flatMap(({ records }) => records)],
      })
      const from = listings.get(episode)
      if (from !== undefined) told.links.push({ from, to: id, ...sameCredential(episode) })
      for (const written of thread.episodes) {
        const grant = orders.some((deed) => isOf(deed, written))
          ? thread.origins.get(written)?.grant
          : undefined
        if (grant !== undefined)
          told.links.push({
            from: `credential ${grant.account} ${grant.time}`,
            to: id,
            by: written.keyHash === '' ? 'account, means and time' : 'account and key hash',
            value: written.keyHash || written.account,
            certainty: written.keyHash === '' ? 'assumed' : 'inferred',
          })
      }
    }
  }
}

function tellTampering(facts: AccessFacts, thread: Thread, told: Told): void {
  const begin = told.steps.reduce(
    (first, step) => (first === '' || step.first < first ? step.first : first),
    '',
  )
  const end = told.steps.reduce((last, step) => (step.last > last ? step.last : last), '')
  const accounts = new Set(thread.episodes.map(({ account }) => account))
  for (const change of facts.tampering) {
    if (change.failed || change.time < begin || between(end, change.time) > tamperingMs) continue
    const grant = thread.grants.find(
      ({ caller, address }) => caller === change.caller && address === change.address,
    )
    const isStranger =
      thread.grants.length === 0 &&
      accounts.has(change.account) &&
      !thread.newcomers.has(callerOf(change)) &&
      isNewHand(facts, change)
    if (grant === undefined && !isStranger) continue
    const id = `tampering ${change.operation} ${change.time}`
    told.steps.push({
      ...blank,
      ...{ id, kind: 'tampering', title: change.title, technique: change.technique, account: change.account },
      ...{ first: change.time, last: change.time, who: change.caller, address: change.address },
      ...{ requests: 1, records: change.records },
    })
    const signIn = facts.signIns.get(change.token)
    if (signIn !== undefined) linkSignIn(signIn, id, told)
    else
      told.links.push({
        from: grant === undefined ? (told.steps[0]?.id ?? '') : `credential ${grant.account} ${grant.time}`,
        to: id,
        by: grant === undefined ? 'account and time' : 'identity and address',
        value: grant === undefined ? change.account : change.caller,
        certainty: grant === undefined ? 'assumed' : 'inferred',
      })
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

function sameCredential(episode: Episode): Pick<Link, 'by' | 'value' | 'certainty'> {
  const value = episode.signature || episode.keyHash
  if (value !== '') return { by: 'AuthenticationHash', value, certainty: 'observed' }
  if (episode.requesterId !== '')
    return { by: 'RequesterObjectId', value: episode.requesterId, certainty: 'observed' }
  return { by: 'account, means, address and time', value: episode.account, certainty: 'assumed' }
}

/** `key2` of an account, and what was made of it. */
function credentialName({ means, keySlot, requesterId }: Episode): string {
  return [means, keySlot, requesterId].filter((part) => part !== '').join(' ')
}
