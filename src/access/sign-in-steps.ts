import type { AccessFacts } from './facts.ts'
import type { SignIn } from './sign-ins.ts'
import type { ChainGap, Link } from './story.ts'
import { between, day } from './time.ts'
import { blank, type Told } from './told.ts'

/** Tells the sign-in that a deed's token came from, once for each identity and session, and gives its step. */
export function linkSignIn(
  signIn: SignIn,
  to: string,
  told: Told,
  link: Pick<Link, 'by' | 'value' | 'certainty'> = { by: 'uti', value: signIn.token, certainty: 'observed' },
): string {
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
  told.links.push({ from: id, to, ...link })
  return id
}

/** Tells the sign-in of a token, or that it is missing beside the step of what the token did. */
export function linkToken(facts: AccessFacts, token: string, to: string, told: Told): void {
  const signIn = facts.signIns.get(token)
  if (signIn !== undefined) linkSignIn(signIn, to, told)
  else
    told.gaps.push(noSignIn(facts, to, token === '' ? 'and the record names no token' : 'without this token'))
}

function noSignIn(facts: AccessFacts, step: string, without: string): ChainGap {
  const { first, last } = facts.signInSpan
  const why =
    first === ''
      ? 'no sign-in log is in the evidence'
      : `sign-in logs are there from ${first} to ${last}, ${without}`
  return { account: '', missing: 'the sign-in that issued the token', why, steps: [step] }
}

/**
 * Tells the sign-in for storage of an identity at an address within the day before a request, or that it is missing: storage
 * logs hold no token id, so that identity and address must do.
 */
export function linkStorageSignIn(
  facts: AccessFacts,
  request: { readonly caller: string; readonly address: string; readonly time: string },
  to: string,
  told: Told,
): void {
  const signIn = facts.storageSignIns.findLast(
    ({ identity, address, time }) =>
      identity === request.caller &&
      address === request.address &&
      time <= request.time &&
      between(time, request.time) < day,
  )
  if (signIn === undefined)
    told.gaps.push(noSignIn(facts, to, 'none for storage by this identity from this address the day before'))
  else
    linkSignIn(signIn, to, told, {
      by: 'identity and address',
      value: signIn.identity,
      certainty: 'inferred',
    })
}
