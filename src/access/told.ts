import type { Episode } from './episodes.ts'
import type { ChainGap, Link, Step } from './story.ts'

/** What has been told of a chain so far. */
export interface Told {
  readonly steps: Step[]
  readonly links: Link[]
  readonly gaps: ChainGap[]
}

/** The name of the gap where the log of one category begins late. */
export function timeBefore(category: string): string {
  return `${category} before its log begins`
}

/** A step that nothing is known of yet. */
export const blank = {
  account: '',
  who: '',
  address: '',
  tool: '',
  requests: 0,
  objects: 0,
  bytes: 0,
} as const

/** By what two deeds of an episode are one credential's. */
export function sameCredential(episode: Episode): Pick<Link, 'by' | 'value' | 'certainty'> {
  const value = episode.signature || episode.keyHash
  if (value !== '') return { by: 'AuthenticationHash', value, certainty: 'observed' }
  if (episode.requesterId !== '')
    return { by: 'RequesterObjectId', value: episode.requesterId, certainty: 'observed' }
  return { by: 'account, means, address and time', value: episode.account, certainty: 'assumed' }
}

/** `key2` of an account, and what was made of it. */
export function credentialName({ means, keySlot, requesterId }: Episode): string {
  return [means, keySlot, requesterId].filter((part) => part !== '').join(' ')
}
