import type { BlindSpot } from './blind.ts'
import type { Episode } from './episodes.ts'
import type { RecordName } from '../case/rows.ts'
import type { Grant } from './grants.ts'
import type { Origin } from './origin.ts'
import type { Reason } from './score.ts'
import type { CopyOrder, Transfer } from './transfers.ts'
import { isTransport } from './uses.ts'

export type Certainty = 'observed' | 'inferred' | 'assumed'

/** One link of a chain in time: what was done, by whom, with the records that show it. */
export interface Step {
  readonly id: string
  readonly kind:
    | 'sign-in'
    | 'secrets'
    | 'command'
    | 'credential'
    | 'list'
    | 'read'
    | 'write'
    | 'delete'
    | 'copy-in'
    | 'copy-out'
    | 'blind-read'
    | 'tampering'
  readonly title: string
  readonly technique: string
  readonly account: string
  readonly first: string
  readonly last: string
  readonly who: string
  readonly address: string
  readonly tool: string
  readonly requests: number
  readonly objects: number
  readonly bytes: number
  readonly records: readonly RecordName[]
  /** What no record can show of this step. */
  readonly unseen?: string
}

export interface Link {
  readonly from: string
  readonly to: string
  readonly by: string
  readonly value: string
  readonly certainty: Certainty
}

/** A place where the chain is open, and the log that would close it. */
export interface ChainGap {
  readonly account: string
  readonly missing: string
  readonly why: string
  /** Steps beside it: what led to them, or what followed them, is not told. Empty where it is none's more than another's. */
  readonly steps: readonly string[]
}

export type ChainLevel = 'high' | 'medium' | 'low'

export interface Chain {
  readonly id: string
  readonly level: ChainLevel
  readonly score: number
  readonly reasons: readonly Reason[]
  readonly accounts: readonly string[]
  readonly first: string
  readonly last: string
  readonly steps: readonly Step[]
  readonly links: readonly Link[]
  readonly gaps: readonly ChainGap[]
}

/** Episodes and grants that belong together, before they are told as a chain. */
export interface Thread {
  readonly episodes: readonly Episode[]
  readonly grants: readonly Grant[]
  readonly origins: ReadonlyMap<Episode, Origin>
  readonly spots: readonly BlindSpot[]
  /** Nobody else's: changes by these callers belong to their own chains. */
  readonly newcomers: ReadonlySet<string>
}

/** Whether reads of the service itself are those of an episode: by its credential, and after one of its requests. */
export function isTransferOf(transfer: Transfer, episode: Episode): boolean {
  return isOf(transfer, episode) && episode.uses.some(isTransport)
}

/** Whether copies were ordered by a user of an episode. */
export function isOrderOf(order: CopyOrder, episode: Episode): boolean {
  return isOf(order, episode) && episode.uses.some(({ caller }) => caller === order.caller)
}

/** Whether something was done with the credential of an episode. */
function isOf(
  deed: Pick<Episode, 'account' | 'means' | 'keyHash' | 'signature' | 'requesterId'>,
  episode: Episode,
): boolean {
  return (
    deed.account === episode.account &&
    deed.means === episode.means &&
    deed.keyHash === episode.keyHash &&
    deed.signature === episode.signature &&
    deed.requesterId === episode.requesterId
  )
}
