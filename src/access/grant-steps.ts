import type { AccessFacts } from './facts.ts'
import type { Grant } from './grants.ts'
import { linkStorageSignIn, linkToken } from './sign-in-steps.ts'
import { blank, type Told } from './told.ts'

/** The step of a grant. */
export function grantStep(grant: Grant): string {
  return `credential ${grant.account} ${grant.time}`
}

/** Tells a grant, and the sign-in that its token came from; gives its step. */
export function tellGrant(facts: AccessFacts, grant: Grant, told: Told): string {
  const id = grantStep(grant)
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
  if (grant.kind === 'user delegation key') linkStorageSignIn(facts, grant, id, told)
  else linkToken(facts, grant.token, id, told)
  return id
}
