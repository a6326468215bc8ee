import { linkFromBegin } from './episode-steps.ts'
import type { Episode } from './episodes.ts'
import type { AccessFacts } from './facts.ts'
import { grantStep } from './grant-steps.ts'
import { isOrderOf, isTransferOf, type Step, type Thread } from './story.ts'
import { blank, credentialName, type Told } from './told.ts'
import type { CopyOrder, Transfer } from './transfers.ts'

/** Tells the copies that the service made with the credentials of a thread; gives the copy that each episode ordered first. */
export function tellCopies(
  facts: AccessFacts,
  thread: Thread,
  begins: ReadonlyMap<Episode, string>,
  told: Told,
): ReadonlyMap<Episode, string> {
  const ordered = new Map<Episode, string>()
  for (const episode of thread.episodes)
    for (const transfer of facts.transfers.filter((deed) => isTransferOf(deed, episode))) {
      const orders = facts.orders.filter(
        ({ source, account }) => source === episode.account && account === transfer.destination,
      )
      const step = stepOfTransfer(episode, transfer, orders)
      told.steps.push(step)
      const from = begins.get(episode)
      linkFromBegin(episode, from, step.id, told)
      linkWriters(thread, orders, step.id, ordered, told)
    }
  for (const orders of ordersWithoutReads(facts, thread)) {
    const step = stepOfOrders(orders)
    told.steps.push(step)
    told.gaps.push({
      account: orders[0].source,
      missing: 'StorageRead',
      why: 'the reads of the service for these copies are in no log',
      steps: [step.id],
    })
    linkWriters(thread, orders, step.id, ordered, told)
  }
  return ordered
}

function stepOfTransfer(episode: Episode, transfer: Transfer, orders: readonly CopyOrder[]): Step {
  const { first, last, reads, objects, bytes, destination } = transfer
  const isOut = destination === ''
  const [order] = orders
  return {
    ...blank,
    id: `${isOut ? 'copy-out' : 'copy-in'} ${episode.account} ${first}`,
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
    ...{ requests: reads, objects, bytes },
    records: [...transfer.records, ...orders.flatMap(({ records }) => records)],
  }
}

type Orders = readonly [CopyOrder, ...CopyOrder[]]

/** Copies by the episodes of a thread out of accounts of the evidence, by account, of which no log shows the reads. */
function ordersWithoutReads(facts: AccessFacts, thread: Thread): readonly Orders[] {
  const alone = facts.orders.filter(
    (order) =>
      facts.coverage.has(order.source) &&
      thread.episodes.some((episode) => isOrderOf(order, episode)) &&
      !facts.transfers.some(
        ({ account, destination }) => account === order.source && destination === order.account,
      ),
  )
  const groups = Map.groupBy(alone, ({ source, account }) => `${source} ${account}`)
  return [...groups.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [[first, ...others] as const],
  )
}

function stepOfOrders(orders: Orders): Step {
  const [{ source, account, caller, agent }] = orders
  const first = orders.reduce((time, order) => (order.first < time ? order.first : time), orders[0].first)
  return {
    ...blank,
    id: `copy-in ${source} ${account} ${first}`,
    kind: 'copy-in',
    title: `The service copies into ${account} out of ${source}`,
    technique: 'T1074.002',
    account,
    first,
    last: orders.reduce((time, order) => (order.last > time ? order.last : time), orders[0].last),
    ...{ address: caller, tool: agent },
    requests: orders.reduce((sum, { copies }) => sum + copies, 0),
    records: orders.flatMap(({ records }) => records),
    unseen: 'How much was read for it, and with which credential, is in no log.',
  }
}

/** Links a copy to where those who ordered it had the credential that they wrote with. */
function linkWriters(
  thread: Thread,
  orders: readonly CopyOrder[],
  to: string,
  ordered: Map<Episode, string>,
  told: Told,
): void {
  for (const episode of thread.episodes) {
    if (!orders.some((order) => isOrderOf(order, episode))) continue
    if (!ordered.has(episode)) ordered.set(episode, to)
    const grant = thread.origins.get(episode)?.grant
    if (grant === undefined) continue
    const isHashed = episode.keyHash !== ''
    told.links.push({
      from: grantStep(grant),
      to,
      by: isHashed ? 'account and key hash' : 'account, means and time',
      value: isHashed ? episode.keyHash : episode.account,
      certainty: isHashed ? 'inferred' : 'assumed',
    })
  }
}
