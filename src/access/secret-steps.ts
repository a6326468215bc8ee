import type { AccessFacts } from './facts.ts'
import { linkToken } from './sign-in-steps.ts'
import { between, day } from './time.ts'
import { blank, type Told } from './told.ts'

/** A deed of the control plane that belongs to a chain. */
interface Deed {
  readonly caller: string
  readonly callerId: string
  readonly address: string
  readonly time: string
  readonly token: string
}

/** Tells what those who did something in a chain read out of vaults, from the same address within two days. */
export function tellSecrets(facts: AccessFacts, deeds: readonly Deed[], told: Told): void {
  const callers = deeds.map((deed) => ({
    ...deed,
    identity: deed.callerId || (facts.signIns.get(deed.token)?.identity ?? deed.caller),
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
    linkToken(facts, secret.token, id, told)
  }
}
