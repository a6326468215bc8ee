import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeWholeCase, removeFolder, temporaryFolder, type WholeCase } from './whole-case.ts'

let folder: string
let whole: WholeCase

const lines = [1, 2, 3].map((hour) =>
  JSON.stringify({
    TimeGenerated: `2026-03-0${hour}T10:00:00Z`,
    Type: 'AzureActivity',
    Caller: hour === 3 ? 'ann@acme.example' : 'kim@acme.example',
    CorrelationId: `00000000-0000-0000-0000-00000000000${hour}`,
  }),
)

beforeAll(async () => {
  folder = temporaryFolder()
  writeFileSync(join(folder, 'activity.json'), lines.join('\n'))
  whole = await makeWholeCase(join(folder, 'case'))
  await whole.case.ingest([join(folder, 'activity.json')])
})
afterAll(async () => {
  await whole[Symbol.asyncDispose]()
  removeFolder(folder)
})

test('a question tells the records behind its rows, what time it counted from and what it read', async () => {
  const kql =
    'AzureActivity | where TimeGenerated > ago(3d) | summarize n = count() by Caller | sort by n desc'
  const now = new Date('2026-03-04T00:00:00Z')
  const answer = await whole.case.ask(kql, { now, evidence: true })
  if (!answer.ok) throw new Error(JSON.stringify(answer.diagnostics))
  const evidence = createHash('sha256').update(lines.join('\n')).digest('hex')
  const rows = await Array.fromAsync(answer.rows)
  expect(answer.evidence).toEqual({ given: true })
  expect(answer.readsClock).toBe(true)
  expect(rows).toEqual([
    [
      'kim@acme.example',
      2,
      [
        [evidence, 1, 0],
        [evidence, 2, 0],
      ],
      2,
    ],
    ['ann@acme.example', 1, [[evidence, 3, 0]], 1],
  ])
  expect((await answer.summary()).readRows).toBeGreaterThan(0)
})

test('a case knows from when to when its records are', async () => {
  const ticks = (time: string) => BigInt(Date.parse(time)) * 10_000n
  expect(await whole.case.evidenceSpan()).toEqual({
    first: ticks('2026-03-01T10:00:00Z'),
    last: ticks('2026-03-03T10:00:00Z'),
  })
})
