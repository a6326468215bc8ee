import type { AccessFacts, LogSpan } from './facts.ts'
import type { ChainGap, Thread } from './story.ts'
import { between, day } from './time.ts'

/** Logs that are not there, begin late or end early beside the others, where a thread would have left records. */
export function missingEnds(facts: AccessFacts, thread: Thread): readonly ChainGap[] {
  const handed = thread.grants.filter(({ failed }) => !failed)
  const accounts = new Set([...thread.episodes, ...handed].map(({ account }) => account))
  return [
    ...[...accounts].flatMap((account) => endsOfReads(facts, account)),
    ...endsOf(facts, facts.activity, 'the Activity Log', 'credentials handed out, logs and guards changed'),
    ...endsOf(facts, facts.vaultSpan, 'Key Vault audit events', 'secrets that the same callers read'),
    ...endsOf(facts, facts.signInSpan, 'sign-in logs', 'how the callers came in'),
  ]
}

function endsOfReads(facts: AccessFacts, account: string): readonly ChainGap[] {
  const coverage = facts.coverage.get(account)
  if (coverage === undefined || coverage.reads === 0) return []
  const { firstRead, lastRead } = coverage
  const gaps: ChainGap[] = []
  if (between(facts.evidence.first, firstRead) > day)
    gaps.push({
      account,
      missing: 'StorageRead before its log begins',
      why: `the first read logged is of ${firstRead}; other logs begin at ${facts.evidence.first}`,
    })
  if (between(lastRead, facts.evidence.last) > day)
    gaps.push({
      account,
      missing: 'StorageRead after the log fell silent',
      why: `the last read logged is of ${lastRead}; other logs go on until ${facts.evidence.last}`,
    })
  return gaps
}

function endsOf(facts: AccessFacts, span: LogSpan, missing: string, what: string): readonly ChainGap[] {
  const { first, last } = facts.evidence
  if (span.first === '')
    return [{ account: '', missing, why: `none is in the evidence: ${what} cannot be told` }]
  const isLate = between(first, span.first) > day
  const isShort = between(span.last, last) > day
  if (!isLate && !isShort) return []
  const when = [...(isLate ? [`before ${span.first}`] : []), ...(isShort ? [`after ${span.last}`] : [])]
  return [{ account: '', missing, why: `none is there ${when.join(' and ')}: ${what} cannot be told` }]
}
