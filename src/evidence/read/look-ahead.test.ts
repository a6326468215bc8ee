import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { LookAhead, lookAhead } from './look-ahead.ts'
import { walkEvidence } from './walk.ts'

const folder = mkdtempSync(join(tmpdir(), 'azimuth-ahead-'))
const files = lookAhead.worthFiles + lookAhead.files + 500
for (let count = 0; count < files; count += 1) {
  const below = join(folder, `h=${Math.floor(count / 50)}`)
  mkdirSync(below, { recursive: true })
  writeFileSync(join(below, `${count}.json`), '{"records":[]}')
}
symlinkSync('/', join(folder, 'h=0', 'link'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a thread reads small files ahead of the walk, and waits where it is far ahead', async () => {
  await using ahead = new LookAhead(folder, 100)
  for (let count = 0; count <= lookAhead.worthFiles; count += 1) ahead.pass()
  await vi.waitFor(() => expect(ahead.filesRead).toBe(lookAhead.files), { timeout: 20_000 })
  for (let count = 0; count < 200; count += 1) ahead.pass()
  await vi.waitFor(() => expect(ahead.filesRead).toBe(lookAhead.files + 200), { timeout: 20_000 })
})

test('it leaves to the walk what the walk has passed', async () => {
  await using ahead = new LookAhead(folder, 100)
  for (let count = 0; count < files; count += 1) ahead.pass()
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(ahead.filesRead).toBe(0)
})

test('a walk finds the same with it, and can be left', async () => {
  const found = await Array.fromAsync(walkEvidence([folder]))
  expect(found.filter(({ kind }) => kind === 'member')).toHaveLength(files)
  expect(found.filter(({ kind }) => kind === 'skipped')).toHaveLength(1)
  let count = 0
  for await (const _ of walkEvidence([folder])) {
    count += 1
    if (count > lookAhead.worthFiles + 50) break
  }
})
