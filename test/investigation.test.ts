import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Chain } from '../src/access/story.ts'
import { askOf, text } from '../src/case/rows.ts'
import { findFingerprint, fingerprintOf } from '../src/access/fingerprint.ts'
import { type AccessReport, ofAccount, reportAccess } from '../src/access/report.ts'
import { chainSvg } from '../src/access/svg.ts'
import type { LabAnswers } from '../src/lab/answers.ts'
import { makeLab } from '../src/lab/lab.ts'
import { accessSteps, identitySteps, recogniseAnswers, type Recogniser } from './investigation-answers.ts'
import { followIdentity, type IdentityTrail } from '../src/trail/identity.ts'
import { searchTerms } from '../src/trail/search.ts'
import { summaryAspects } from '../src/trail/aspects.ts'
import { summaryQuestion } from '../src/trail/summary.ts'
import { timelineQuestion } from '../src/trail/timeline.ts'
import { makeWholeCase, removeFolder, temporaryFolder, type WholeCase } from './whole-case.ts'

const minutes = 60_000
const folder = temporaryFolder()
let answers: LabAnswers
let whole: WholeCase
let report: AccessReport
let recogniser: Recogniser
let chain: Chain

beforeAll(async () => {
  answers = await makeLab(join(folder, 'lab'), { scenario: 'exfiltration', seed: 6, days: 8, scale: 0.2 })
  whole = await makeWholeCase(join(folder, 'case'))
  await whole.case.ingest([join(folder, 'lab', 'evidence')], { dayFirst: false })
  report = await reportAccess(askOf(whole.case))
  recogniser = await recogniseAnswers(whole.case, answers)
  const [gravest] = report.chains
  if (gravest === undefined) throw new Error('no chain was found')
  chain = gravest
}, 10 * minutes)

afterAll(async () => {
  await whole[Symbol.asyncDispose]()
  removeFolder(folder)
})

describe('the exfiltration of the lab', () => {
  test('is one chain of high level, and nothing else is more than low', () => {
    expect(report.chains.map(({ level }) => level)).toEqual([
      'high',
      ...Array.from({ length: report.chains.length - 1 }, () => 'low'),
    ])
  })

  test.each(accessSteps)('each record of the step %s is in the chain', (id) => {
    const { all, found } = recogniser.recall(chain.steps, id)
    expect(found).toBe(all)
  })

  test('no record of anything else is in the chain', () => {
    const others = chain.steps
      .filter(({ kind }) => kind !== 'sign-in')
      .map((step) => recogniser.stepsOf(step))
    expect(others.filter((ids) => ids.length !== 1 || ids[0] === '')).toEqual([])
  })

  test('its links are those of the story, as certain as they can be', () => {
    const ids = new Map(chain.steps.map((step) => [step.id, recogniser.stepsOf(step)[0] ?? '']))
    const isOurs = (id: string): boolean => accessSteps.some((step) => step === id)
    const told = chain.links
      .map(({ from, to, certainty }) => ({ from: ids.get(from) ?? '', to: ids.get(to) ?? '', certainty }))
      .filter(({ from, to }) => isOurs(from) && isOurs(to))
      .map(({ from, to, certainty }) => `${from} > ${to}: ${certainty}`)
    const wanted = answers.links
      .filter(({ from, to }) => isOurs(from) && isOurs(to))
      .map(({ from, to, certainty }) => `${from} > ${to}: ${certainty}`)
    expect(told.toSorted()).toEqual(wanted.toSorted())
  })

  test('the account without a read log is blind, with the bound that metrics give', () => {
    const archive = report.accounts.find(({ account }) => account.includes('arch'))
    expect(archive).toMatchObject({ verdict: 'blind' })
    expect(archive?.measuredReads).toBeGreaterThan(150)
    expect(
      chain.gaps.some(({ account, missing }) => account === archive?.account && missing === 'StorageRead'),
    ).toBe(true)
  })

  test('a secret is found by its fingerprint; where it was not used stays unproven', async () => {
    const ask = askOf(whole.case)
    const used = answers.credentials.filter(({ hash }) =>
      report.uses.some(({ keyHash, signature }) => keyHash === hash || signature === hash),
    )
    expect(used.length).toBeGreaterThan(1)
    for (const { secret, hash, account } of used.slice(0, 2)) {
      const finding = await findFingerprint(ask, fingerprintOf(secret))
      expect(finding).toMatchObject({ verdict: 'used', fingerprint: { hash } })
      expect(finding.accounts).toContain(account)
    }
    const unused = Buffer.alloc(64, 7).toString('base64')
    expect(await findFingerprint(ask, fingerprintOf(unused))).toMatchObject({ verdict: 'unproven', uses: [] })
  })

  test('an account that no log names is refused, with those that are', () => {
    expect(() => ofAccount(report, 'nobody')).toThrow('no log names an account or vault nobody')
    expect(ofAccount(report, chain.accounts[0] ?? '').chains).toContain(chain)
  })
})

describe('the trail of the victim', () => {
  let trail: IdentityTrail

  beforeAll(async () => {
    trail = await followIdentity(askOf(whole.case), answers.choices['victim'] ?? '')
  }, minutes)

  test.each(identitySteps)('holds each record of the step %s', (id) => {
    const followed = trail.followed.flatMap(({ sessions }) => sessions)
    const deeds = [
      ...[...trail.sessions, ...followed].flatMap((session) => session.deeds),
      ...trail.sprays.flatMap(({ attempts }) => attempts),
      ...trail.others,
    ]
    const { all, found } = recogniser.recall(deeds, id)
    expect(found).toBe(all)
  })

  test('has no try in a spray that is not of the story', () => {
    const tried = trail.sprays.flatMap(({ attempts }) => attempts)
    expect(tried.filter((deed) => recogniser.stepsOf(deed).join() !== 'spray')).toEqual([])
  })

  test('tells the session of the intruder from those of the user', () => {
    const stolen = trail.sessions.filter(({ deeds }) =>
      deeds.some((deed) => recogniser.stepsOf(deed).includes('sign-in')),
    )
    expect(stolen).toHaveLength(1)
    const [session] = stolen
    expect(session?.news).toContain(`address ${answers.choices['entranceAddress']}`)
    const steps = new Set(session?.deeds.flatMap((deed) => recogniser.stepsOf(deed)))
    expect([...steps].filter((id) => !answers.steps.some((step) => step.id === id))).toEqual([])
  })

  test('an identity that no log names is refused, with names that are alike', async () => {
    const part = (answers.choices['victim'] ?? '').split('@')[0] ?? ''
    await expect(followIdentity(askOf(whole.case), part)).rejects.toMatchObject({
      code: 'no-such-identity',
      hint: expect.stringContaining(answers.choices['victim'] ?? '-'),
    })
  })
})

test('a term is found whole, whatever it holds, and counted as the tables hold it', async () => {
  const ask = askOf(whole.case)
  const address = answers.choices['entranceAddress'] ?? ''
  const hits = await searchTerms(whole.case, [address, '"; drop table x; --', `${address}0`])
  expect(new Set(hits.map(({ term }) => term))).toEqual(new Set([address]))
  const [row] = await ask('declare query_parameters(a: string); SigninLogs | where IPAddress == a | count', {
    a: address,
  })
  const inSigninLogs = hits.find(({ table }) => table === 'SigninLogs')
  expect(inSigninLogs?.count).toBe(row?.['Count'])
})

test('a timeline of an entity is in order, and bounded by its times', async () => {
  const entity = answers.choices['entranceAddress'] ?? ''
  const all = timelineQuestion({ entity })
  const rows = await askOf(whole.case)(all.kql, all.values)
  const times = rows.map((row) => text(row, 'TimeGenerated'))
  expect(times.length).toBeGreaterThan(20)
  expect(times).toEqual(times.toSorted())
  const since = new Date(times[5] ?? '')
  const part = timelineQuestion({ entity, since, until: new Date(since.getTime() + 60_000) })
  const some = await askOf(whole.case)(part.kql, part.values)
  expect(some.length).toBeGreaterThan(0)
  expect(some.length).toBeLessThan(rows.length)
})

test.each(summaryAspects)('a summary by %s counts what there is', async (aspect) => {
  const rows = await askOf(whole.case)(summaryQuestion(aspect))
  expect(rows.length).toBeGreaterThan(0)
  const counts = rows.map((row) => Number(row['Records']))
  expect(counts).toEqual(counts.toSorted((left, right) => right - left))
})

test('nothing that a log says can be markup in the picture', () => {
  const hostile = '</text><script>alert(1)</script>"\u0000'
  const [step] = chain.steps
  if (step === undefined) throw new Error('a chain without a step')
  const svg = chainSvg({ ...chain, accounts: [hostile], steps: [{ ...step, title: hostile, who: hostile }] })
  expect(svg).not.toContain('<script')
  expect(svg).toContain('&lt;script&gt;')
  expect(svg).not.toContain('\u0000')
})
