import { createHash } from 'node:crypto'
import { AzimuthError } from '../error.ts'
import type { AccountCoverage } from './coverage.ts'
import { findCoverage } from './coverage.ts'
import type { Ask } from '../case/rows.ts'
import { findGrants } from './grants.ts'
import { between, day } from './time.ts'
import { findUses, type Use } from './uses.ts'

/** What a leaked credential can be recognised by in the logs. The secret itself is not kept. */
export interface Fingerprint {
  readonly kind: 'key' | 'signature'
  /** Upper-case hex of SHA-256. */
  readonly hash: string
}

/** Where a leaked credential was used, and what may be said of where it was not. */
export interface FingerprintFinding {
  readonly fingerprint: Fingerprint
  readonly uses: readonly Use[]
  readonly accounts: readonly string[]
  readonly verdict: 'used' | 'not used' | 'unproven'
  /** After a rotation: whether it was used since. */
  readonly rotation?: { readonly time: string; readonly verdict: 'evicted' | 'still used' | 'unproven' }
  readonly why: string
}

/**
 * Hashes a secret as storage logs do: a key (base64 of 64 bytes) by its bytes, the `sig` of a SAS by its URL-decoded
 * text. Takes a key, a connection string, a SAS, or an address with one; throws `not-a-credential`.
 */
export function fingerprintOf(secret: string): Fingerprint {
  const text = secret.trim()
  const key =
    /AccountKey=([A-Za-z0-9+/]{86}==)/.exec(text)?.[1] ??
    (/^[A-Za-z0-9+/]{86}==$/.test(text) ? text : undefined)
  if (key !== undefined) return { kind: 'key', hash: sha256(Buffer.from(key, 'base64')) }
  const given = /(?:^|[?&;])(?:SharedAccessSignature=)?[^#\s]*?\bsig=([^&\s;]+)/.exec(text)?.[1]
  const signature = given ?? (/^[A-Za-z0-9+/%]{40,}(?:=|%3D)$/i.test(text) ? text : undefined)
  if (signature !== undefined) return { kind: 'signature', hash: sha256(decoded(signature)) }
  throw new AzimuthError('not-a-credential', 'this is no storage key, connection string or SAS', {
    hint: 'a key is 88 characters of base64; a SAS has sig=…',
  })
}

function decoded(signature: string): string {
  try {
    return decodeURIComponent(signature)
  } catch {
    return signature
  }
}

function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex').toUpperCase()
}

/** Looks for a credential in the logs. 'Not used' and 'evicted' are said only where the logs can prove it. */
export async function findFingerprint(ask: Ask, fingerprint: Fingerprint): Promise<FingerprintFinding> {
  const everyUse = await findUses(ask)
  const uses = everyUse.filter((use) =>
    fingerprint.kind === 'key' ? use.keyHash === fingerprint.hash : use.signature === fingerprint.hash,
  )
  const accounts = [...new Set(uses.map(({ account }) => account))]
  const coverage = (await findCoverage(ask)).filter(({ hashed }) => hashed > 0)
  if (uses.length === 0)
    return {
      fingerprint,
      uses,
      accounts,
      verdict: 'unproven',
      why:
        coverage.length === 0
          ? 'no log in the evidence carries hashes of keys and signatures'
          : `its hash is in none of the logs of ${coverage.length} accounts; that hashes are made this way is known only once a known key or SAS of the account has matched`,
    }
  const rotation = await rotationOf(ask, fingerprint, uses, everyUse, coverage)
  return {
    fingerprint,
    uses,
    accounts,
    verdict: 'used',
    ...(rotation && { rotation }),
    why: 'its hash stands in the logs',
  }
}

async function rotationOf(
  ask: Ask,
  fingerprint: Fingerprint,
  uses: readonly Use[],
  everyUse: readonly Use[],
  coverage: readonly AccountCoverage[],
): Promise<FingerprintFinding['rotation']> {
  if (fingerprint.kind !== 'key') return undefined
  const account = uses[0]?.account ?? ''
  const grants = await findGrants(ask)
  const rotated = grants.findLast(
    (grant) => grant.kind === 'regenerate key' && grant.account === account && !grant.failed,
  )
  if (rotated === undefined) return undefined
  if (uses.some(({ last }) => last > rotated.time)) return { time: rotated.time, verdict: 'still used' }
  // Another hash in the same slot proves that it was this slot that was rotated.
  const slots = new Set(uses.map(({ keySlot }) => keySlot))
  const isReplaced = everyUse.some(
    (use) =>
      use.account === account &&
      slots.has(use.keySlot) &&
      use.keyHash !== fingerprint.hash &&
      use.last > rotated.time,
  )
  const log = coverage.find((entry) => entry.account === account)
  const isLogged =
    log !== undefined && log.lastRead > rotated.time && between(rotated.time, log.lastRead) > day
  return { time: rotated.time, verdict: isLogged && isReplaced ? 'evicted' : 'unproven' }
}
