import type { Episode } from './episodes.ts'
import type { AccessFacts } from './facts.ts'
import { grantStep } from './grant-steps.ts'
import { isOf, type Thread } from './story.ts'
import { blank, credentialName, sameCredential, type Told } from './told.ts'

/** Tells the copies that the service made with the credentials of a thread. */
export function tellCopies(
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
          ? `The service reads for a copy to an account whose log is not in the evidence`
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
            from: grantStep(grant),
            to: id,
            by: written.keyHash === '' ? 'account, means and time' : 'account and key hash',
            value: written.keyHash || written.account,
            certainty: written.keyHash === '' ? 'assumed' : 'inferred',
          })
      }
    }
  }
}
