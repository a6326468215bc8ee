import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'vitest'
import { makeLab } from '../src/lab/lab.ts'
import { fingerprint, makeWholeCase, type TablePrint } from './whole-case.ts'

/** Whether this system lets a user mount a disk of their own, in a namespace that ends with its processes. */
export const canMount =
  process.platform === 'linux' &&
  spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0

interface Outcome {
  readonly size: string
  readonly status: number | null
  readonly stderr: string
  readonly prints: Readonly<Record<string, TablePrint>>
  readonly faults: readonly unknown[]
  readonly unfinished: number
}

/** Ingests on disks of so many megabytes: each that fails says so, and after the disk grew ends as on a large one. */
export async function fillDisks(folder: string, megabytes: readonly number[]): Promise<void> {
  await makeLab(join(folder, 'lab'), { scenario: 'quiet', seed: 12, days: 1, scale: 0.05 })
  const evidence = join(folder, 'lab', 'evidence')
  const child = join(import.meta.dirname, 'disk-full-child.ts')
  const words = ['-rm', process.execPath, child, folder, evidence, ...megabytes.map(String)]
  const { stdout, stderr } = spawnSync('unshare', words, { encoding: 'utf8', maxBuffer: 2 ** 26 })
  expect(stderr).toBe('')
  const outcomes = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Outcome)
  await using whole = await makeWholeCase(join(folder, 'case'))
  await whole.case.ingest([evidence])
  const expected = await fingerprint(whole)
  expect(outcomes.map(({ size }) => size)).toEqual(megabytes.map(String))
  for (const { status, stderr: talk, prints, faults, unfinished } of outcomes) {
    expect(status).toBe(1)
    expect(talk).toMatch(/\[engine-disk-full\]|\[ENOSPC\]|\[engine-(?:start|crashed)\]/u)
    expect(talk).toMatch(/\n {2}next /u)
    expect({ prints, faults, unfinished }).toEqual({ prints: expected, faults: [], unfinished: 0 })
  }
}
