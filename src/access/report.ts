import { AzimuthError } from '../error.ts'
import { findChains } from './chain.ts'
import type { Chain } from './story.ts'
import { type AccountCoverage, measuredText } from './coverage.ts'
import type { Ask } from '../case/rows.ts'
import { type AccessFacts, gatherFacts } from './facts.ts'
import { beginsLate, endsEarly, type LogSpan } from './log-span.ts'
import { findSharedAccessSignatures, type SharedAccessSignature } from './sas.ts'
import type { Use } from './uses.ts'
import { findVaultUses, type VaultUse } from './vaults.ts'

/** Who reached data, by which means, and how. */
export interface AccessReport {
  readonly accounts: readonly AccountVerdict[]
  readonly uses: readonly Use[]
  readonly signatures: readonly SharedAccessSignature[]
  readonly vaults: readonly VaultUse[]
  readonly chains: readonly Chain[]
}

/** An account, and whether its log could have shown reads. */
export interface AccountVerdict extends AccountCoverage {
  /** 'logged' all through, 'partly', or 'blind'; never 'clean'. */
  readonly verdict: 'logged' | 'partly' | 'blind'
  readonly why: string
}

/** Reports on all accounts and vaults. */
export async function reportAccess(ask: Ask): Promise<AccessReport> {
  const facts = await gatherFacts(ask)
  return {
    accounts: [...facts.coverage.values()].map((entry) => verdictOf(entry, facts)),
    uses: facts.uses,
    signatures: await findSharedAccessSignatures(ask),
    vaults: await findVaultUses(ask),
    chains: findChains(facts),
  }
}

/** What a report says of one account or vault; throws `no-such-account` for a name that no log bears. */
export function ofAccount(report: AccessReport, given: string): AccessReport {
  const name = given.toLowerCase()
  const isNamed = ({ account }: { readonly account: string }): boolean => account === name
  const found = {
    accounts: report.accounts.filter(isNamed),
    uses: report.uses.filter(isNamed),
    signatures: report.signatures.filter(isNamed),
    vaults: report.vaults.filter(({ vault }) => vault === name),
    chains: report.chains.filter(({ accounts }) => accounts.includes(name)),
  }
  if (found.accounts.length + found.vaults.length > 0) return found
  const names = [
    ...new Set([
      ...report.accounts.map(({ account }) => account),
      ...report.vaults.map(({ vault }) => vault),
    ]),
  ]
  throw new AzimuthError('no-such-account', `no log names an account or vault ${name}`, {
    hint:
      names.length === 0 ? 'the evidence names none' : `the evidence names ${names.slice(0, 10).join(', ')}`,
  })
}

function verdictOf(entry: AccountCoverage, { evidence }: AccessFacts): AccountVerdict {
  const bound =
    entry.measuredReads + entry.measuredBytes > 0 ? measuredText(entry) : 'no metrics bound what went out'
  if (entry.reads === 0)
    return {
      ...entry,
      verdict: 'blind',
      why: `no read is in any log: StorageRead was off, or nothing was read; ${bound}`,
    }
  const gaps = missingEnds(entry, evidence)
  if (gaps === '')
    return { ...entry, verdict: 'logged', why: 'reads are logged from the first to the last day' }
  return { ...entry, verdict: 'partly', why: `${gaps}; ${bound}` }
}

function missingEnds(entry: AccountCoverage, evidence: LogSpan): string {
  const parts = [
    ...(beginsLate(entry.firstRead, evidence) ? [`no read before ${entry.firstRead}`] : []),
    ...(endsEarly(entry.lastRead, evidence) ? [`no read after ${entry.lastRead}`] : []),
  ]
  return parts.join(' and ')
}
