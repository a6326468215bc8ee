import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AnswerRecord, LabAnswers } from './answers.ts'
import { makeLab, type LabOptions } from './lab.ts'

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

  test('links every step that left records to another step', () => {
    const linked = new Set(answers.links.flatMap((link) => [link.from, link.to]))
    const ids = new Set(answers.steps.map((step) => step.id))
    for (const step of answers.steps)
      if (step.technique !== '' && step.records.length > 0) expect(linked).toContain(step.id)
    for (const id of linked) expect(ids).toContain(id)
  })
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

test('every seed tells a whole story', async () => {
  const required = [
    'spray',
    'sign-in',
    'tokens',
    'discovery',
    'role-assignment',
    'list-keys',
    'enumerate',
    'download',
    'stage',
    'blind-read',
    'lateral-movement',
    'beacon',
    'secrets',
    'tamper',
    'alert',
  ]
  const means = new Set<string | undefined>()
  for (let seed = 1; seed <= 5; seed += 1) {
    const answers = await answersOf({ seed, days: 1, scale: 0.1 })
    means.add(answers.choices['means'])
    for (const id of required) {
      const step = answers.steps.find((one) => one.id === id)
      expect(step?.records.length, `seed ${seed}, ${id}`).toBeGreaterThan(0)
    }
  }
  expect(means.size).toBeGreaterThan(1)
})
