import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { text as readText } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeLab } from '../src/lab/lab.ts'
import { Random } from '../src/lab/random.ts'
import { sql } from '../src/sql/template.ts'
import {
  faultsOf,
  fingerprint,
  killEngine,
  makeCaseFolder,
  makeWholeCase,
  openWholeCase,
  removeFolder,
  temporaryFolder,
  unfinishedBatches,
  type TablePrint,
  type WholeCase,
} from './whole-case.ts'

const isLong = process.env['AZIMUTH_LONG'] === '1'
const minutes = 60_000
const folder = temporaryFolder()
const evidence = join(folder, 'evidence')
const command = join(import.meta.dirname, '..', 'src', 'cli', 'azimuth.ts')

const victims = ['command', 'engine', 'interrupted command', 'engine', 'command'] as const

let expected: Readonly<Record<string, TablePrint>>
/** How many notes the ledger holds of the batches of an undisturbed run. */
let notes: number

beforeAll(async () => {
  await makeLab(join(folder, 'lab'), { scenario: 'exfiltration', seed: 11, days: 1, scale: 0.01 })
  // Keyed, unkeyed, poor and rich layouts, flows, and archives of them all, but few shapes: that is what costs time.
  const kept = /insights-activity-logs|storage(?:read|write|delete)|flowevent|auditevent|portal|\$logs/u
  cpSync(join(folder, 'lab', 'evidence'), evidence, {
    recursive: true,
    filter: (source) => !/\.(?:json|csv|log)$/u.test(source) || kept.test(source),
  })
  await using whole = await makeWholeCase(join(folder, 'case'))
  await whole.case.ingest([evidence])
  expected = await fingerprint(whole)
  notes = await batchNotes(whole)
}, 5 * minutes)

afterAll(() => removeFolder(folder))

describe('an ingest that is killed', () => {
  const random = new Random('moments')
  const count = isLong ? 48 : 4
  const moments = Array.from({ length: count }, (_, index) => ({
    victim: victims[index % victims.length],
    moment: (index + random.unit()) / count,
  }))

  test.each(moments)(
    '($victim, at $moment) ends where an undisturbed one ends when it is run again',
    async ({ victim, moment }) => {
      await using whole = await makeWholeCase(join(folder, `case ${victim} ${moment}`))
      const child = startIngest(whole)
      const ended = once(child, 'exit')
      child.stderr.resume()
      await untilNotes(whole, child, Math.floor(moment * notes))
      await wait(random.below(40))
      if (victim === 'engine') await killEngine(whole.engineDirectory)
      else child.kill(victim === 'command' ? 'SIGKILL' : 'SIGINT')
      const [code] = await ended
      if (victim === 'interrupted command') expect([0, 130]).toContain(code)
      await whole.case.ingest([evidence])
      expect(await unfinishedBatches(whole)).toBe(0)
      expect(await fingerprint(whole)).toEqual(expected)
      expect(await faultsOf(whole)).toEqual([])
    },
    5 * minutes,
  )
})

describe('two commands', () => {
  test(
    'that take the same evidence in at once both end, and the rows are right',
    async () => {
      const caseFolder = await makeCaseFolder(join(folder, 'case of two'))
      const whole = await openWholeCase(caseFolder)
      await using _ = whole
      const children = [startIngest(whole), startIngest(whole)]
      const ends = await Promise.all(
        children.map(async (child) => {
          const [talk, [code]] = await Promise.all([readText(child.stderr), once(child, 'exit')])
          return code === 0 ? 'well' : talk
        }),
      )
      expect(ends).toEqual(['well', 'well'])
      expect(await fingerprint(whole)).toEqual(expected)
      expect(await faultsOf(whole)).toEqual([])
    },
    5 * minutes,
  )
})

function startIngest(whole: WholeCase) {
  return spawn(process.execPath, [command, 'ingest', evidence, '--case', whole.folder.path], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder },
  })
}

async function batchNotes({ owner }: WholeCase): Promise<number> {
  const rows = await owner.rows<{ count: string }>(sql`SELECT count() AS count FROM ledger.Batches`)
  return Number(rows[0]?.count)
}

/** Waits until the ledger holds as many notes, or the command has ended. */
async function untilNotes(whole: WholeCase, child: ChildProcess, count: number): Promise<void> {
  while (child.exitCode === null && (await batchNotes(whole)) < count) await wait(5)
}
