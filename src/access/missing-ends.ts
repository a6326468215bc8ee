import type { Episode } from './episodes.ts'
import type { AccessFacts } from './facts.ts'
import { grantStep } from './grant-steps.ts'
import { beginsLate, endsEarly, type LogSpan } from './log-span.ts'
import type { ChainGap, Thread } from './story.ts'
import { timeBefore, type Told } from './told.ts'

/** Logs that are not there, begin late or end early beside the others, where a thread would have left records. */
export function missingEnds(
  facts: AccessFacts,
  thread: Thread,
  begins: ReadonlyMap<Episode, string>,
  told: Told,
): readonly ChainGap[] {
  const handed = thread.grants.filter(({ failed }) => !failed)
  const accounts = new Set([...thread.episodes, ...handed].map(({ account }) => account))
  const besideReads = (account: string): readonly string[] => [
    ...withSignIns(handed.filter((grant) => grant.account === account).map(grantStep), told),
    ...[...begins].filter(([episode]) => episode.account === account).map(([, begin]) => begin),
  ]
  const signIns = told.steps.filter(({ kind }) => kind === 'sign-in').map(({ id }) => id)
  return [
    ...[...accounts].flatMap((account) => endsOfReads(facts, account, besideReads(account))),
    ...endsOf(facts, facts.activity, {
      missing: 'the Activity Log',
      what: 'credentials handed out, logs and guards changed',
      steps: signIns,
    }),
    ...endsOf(facts, facts.vaultSpan, {
      missing: 'Key Vault audit events',
      what: 'secrets that the same callers read',
      steps: signIns,
    }),
    ...endsOf(facts, facts.signInSpan, {
      missing: 'sign-in logs',
      what: 'how the callers came in',
      steps: [],
    }),
  ]
}

/** Steps and the sign-ins that led to them, which may have read by themselves. */
export function withSignIns(steps: readonly string[], told: Told): readonly string[] {
  const signIns = told.links.filter(({ to }) => steps.includes(to)).map(({ from }) => from)
  return [...steps, ...new Set(signIns)]
}

function endsOfReads(facts: AccessFacts, account: string, steps: readonly string[]): readonly ChainGap[] {
  const coverage = facts.coverage.get(account)
  if (coverage === undefined || coverage.reads === 0) return []
  const { firstRead, lastRead } = coverage
  const gaps: ChainGap[] = []
  if (beginsLate(firstRead, facts.evidence))
    gaps.push({
      account,
      missing: timeBefore('StorageRead'),
      why: `the first read logged is of ${firstRead}; other logs begin at ${facts.evidence.first}`,
      steps,
    })
  if (endsEarly(lastRead, facts.evidence))
    gaps.push({
      account,
      missing: 'StorageRead after the log fell silent',
      why: `the last read logged is of ${lastRead}; other logs go on until ${facts.evidence.last}`,
      steps,
    })
  return gaps
}

function endsOf(
  facts: AccessFacts,
  span: LogSpan,
  { missing, what, steps }: Pick<ChainGap, 'missing' | 'steps'> & { readonly what: string },
): readonly ChainGap[] {
  if (span.first === '')
    return [{ account: '', missing, why: `none is in the evidence: ${what} cannot be told`, steps }]
  const isLate = beginsLate(span.first, facts.evidence)
  const isShort = endsEarly(span.last, facts.evidence)
  if (!isLate && !isShort) return []
  const when = [...(isLate ? [`before ${span.first}`] : []), ...(isShort ? [`after ${span.last}`] : [])]
  return [{ account: '', missing, why: `none is there ${when.join(' and ')}: ${what} cannot be told`, steps }]
}
