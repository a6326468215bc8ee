import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AnswerRecord, LabAnswers } from './answers.ts'
import { makeLab, type LabOptions } from './lab.ts'

const stories = ['exfiltration', 'ransom', 'application', 'session', 'old-key'] as const
const folders: string[] = []

async function answersOf(options: Partial<LabOptions>): Promise<LabAnswers> {
  const folder = await mkdtemp(join(tmpdir(), 'azimuth-lab-'))
  folders.push(folder)
  return await makeLab(folder, { scenario: 'exfiltration', seed: 1, days: 1, scale: 0.1, ...options })
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

describe('the story', () => {
  let answers: LabAnswers
  beforeAll(async () => {
    answers = await answersOf({})
  })
  const stepRecords = (id: string): readonly AnswerRecord[] =>
    answers.steps.find((step) => step.id === id)?.records ?? []

  test('joins the sign-in to the calls made with its tokens', () => {
    const uti = answers.steps
      .flatMap((step) => step.records)
      .filter((record) => record.columns['uti'] !== undefined)
    const tokens = new Set(
      [...stepRecords('tokens'), ...stepRecords('application-sign-in')].map(
        (record) => record.columns['UniqueTokenIdentifier'],
      ),
    )
    expect(uti.length).toBeGreaterThan(4)
    for (const record of uti) expect(tokens).toContain(record.columns['uti'])
    for (const record of stepRecords('discovery'))
      expect(tokens).toContain(record.columns['SignInActivityId'])
  })

  test('copies by the service in three records that share a request', () => {
    const copies = Map.groupBy(
      stepRecords('stage').filter((record) => record.columns['OperationName']?.startsWith('CopyBlob')),
      (record) => record.columns['CorrelationId'],
    )
    expect(copies.size).toBe(8)
    for (const records of copies.values())
      expect(records.map((record) => record.columns['OperationCount'])).toEqual(['0', '1', '2'])
  })
})

test.each(stories)('%s links every step that left records to another step', async (scenario) => {
  const { links, steps } = await answersOf({ scenario, seed: 2 })
  const linked = new Set(links.flatMap((link) => [link.from, link.to]))
  const ids = new Set(steps.map((step) => step.id))
  for (const step of steps)
    if (step.technique !== '' && step.records.length > 0) expect(linked).toContain(step.id)
  for (const id of linked) expect(ids).toContain(id)
})

test('gives secrets whose hashes stand in the records made with them', async () => {
  for (const seed of [3, 6]) {
    const { credentials, steps } = await answersOf({ seed })
    const text = JSON.stringify(steps)
    for (const { kind, secret, hash } of credentials) {
      const bytes = kind === 'key' ? Buffer.from(secret, 'base64') : Buffer.from(decodeURIComponent(secret))
      expect(createHash('sha256').update(bytes).digest('hex').toUpperCase()).toBe(hash)
    }
    expect(credentials.filter(({ hash }) => text.includes(hash)).length).toBeGreaterThan(1)
  }
})

test('quiet has no step', async () => {
  const answers = await answersOf({ scenario: 'quiet', days: 1, scale: 0.2 })
  expect(answers.steps).toEqual([])
  expect(answers.totals.tables['SigninLogs']).toBeGreaterThan(0)
})

const required = {
  exfiltration: [
    ...['spray', 'sign-in', 'tokens', 'discovery', 'role-assignment', 'list-keys', 'enumerate', 'download'],
    ...['stage', 'blind-read', 'lateral-movement', 'beacon', 'secrets', 'tamper', 'alert'],
  ],
  ransom: [
    ...['sign-in', 'tokens', 'list-keys', 'enumerate', 'download', 'locks', 'recovery', 'foreign-key'],
    ...['delete-blobs', 'note', 'delete-machines'],
  ],
  application: [
    ...['application-sign-in', 'federated-credential', 'federated-sign-in', 'secrets', 'run-command'],
    ...['identity-token', 'list-keys', 'enumerate', 'download'],
  ],
  session: [
    ...[
      'sign-in',
      'detection',
      'tokens',
      'discovery',
      'device',
      'mail',
      'mail-rule',
      'enumerate',
      'download',
    ],
  ],
  'old-key': ['enumerate', 'download', 'copy-out'],
} as const

test.each(stories)('every seed of %s tells a whole story', async (scenario) => {
  const told = new Set<string>()
  for (let seed = 1; seed <= 5; seed += 1) {
    const answers = await answersOf({ scenario, seed })
    told.add(JSON.stringify([answers.choices['means'], answers.choices['keySlot'], answers.choices['agent']]))
    for (const id of required[scenario]) {
      const step = answers.steps.find((one) => one.id === id)
      expect(step?.records.length, `seed ${seed}, ${id}`).toBeGreaterThan(0)
    }
  }
  expect(told.size).toBeGreaterThan(1)
})

test('an old key was listed by nobody in the evidence', async () => {
  const { steps, links } = await answersOf({ scenario: 'old-key' })
  expect(steps.find(({ id }) => id === 'key-known')).toMatchObject({
    records: [],
    unseen: expect.stringContaining('before the evidence begins'),
  })
  expect(links.map(({ from }) => from)).not.toContain('key-known')
})
