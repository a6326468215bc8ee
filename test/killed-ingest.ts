import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text as readText } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
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
  unfinishedBatches,
  type TablePrint,
  type WholeCase,
} from './whole-case.ts'

export const victims = ['command', 'engine', 'command and engine', 'interrupted command'] as const

type Command = ChildProcessByStdio<null, Readable, Readable>

type Victim = (typeof victims)[number]

const command = join(import.meta.dirname, '..', 'src', 'cli', 'azimuth.ts')

/** An ingest that is disturbed in many ways, and must always end where the undisturbed one ended. */
export class KilledIngest {
  readonly #folder: string
  readonly #expected: Readonly<Record<string, TablePrint>>
  /** How many notes the ledger holds of the batches of an undisturbed run. */
  readonly #notes: number
  readonly #random = new Random('moments')

  private constructor(folder: string, expected: Readonly<Record<string, TablePrint>>, notes: number) {
    this.#folder = folder
    this.#expected = expected
    this.#notes = notes
  }

  /** Makes the evidence, and takes it in undisturbed. */
  static async prepare(folder: string): Promise<KilledIngest> {
    await makeLab(join(folder, 'lab'), { scenario: 'exfiltration', seed: 11, days: 1, scale: 0.01 })
    // Keyed, unkeyed, poor and rich layouts, flows, and archives of them all, but few shapes: that is what costs time.
    const kept = /insights-activity-logs|storage(?:read|write|delete)|flowevent|auditevent|portal|\$logs/u
    const evidence = evidenceIn(folder)
    cpSync(join(folder, 'lab', 'evidence'), evidence, {
      recursive: true,
      filter: (source) => !/\.(?:json|csv|log)$/u.test(source) || kept.test(source),
    })
    await using whole = await makeWholeCase(join(folder, 'case'))
    await whole.case.ingest([evidence])
    return new KilledIngest(folder, await fingerprint(whole), await batchNotes(whole))
  }

  /** So many moments of an ingest, from its beginning to its end, one at random in each equal part. */
  moments(count: number): readonly number[] {
    return Array.from({ length: count }, (_, index) => (index + this.#random.unit()) / count)
  }

  /** Ends an ingest at a moment (0 to 1), runs it again, and expects what the undisturbed one gave. */
  async killAt(moment: number, victim: Victim): Promise<void> {
    await using whole = await makeWholeCase(join(this.#folder, `case ${victim} ${moment}`))
    const child = this.#ingest(whole)
    const ended = once(child, 'exit')
    child.stderr.resume()
    await untilNotes(whole, child, Math.floor(moment * this.#notes))
    await wait(this.#random.below(40))
    if (victim === 'command' || victim === 'command and engine') child.kill('SIGKILL')
    if (victim === 'interrupted command') child.kill('SIGINT')
    if (victim === 'engine' || victim === 'command and engine') await killEngine(whole.engineDirectory)
    const [code, signal] = (await ended) as [number | null, NodeJS.Signals | null]
    // A command that has only begun to start ends by the signal itself.
    if (victim === 'interrupted command') expect([0, 130, 'SIGINT']).toContain(code ?? signal)
    await whole.case.ingest([evidenceIn(this.#folder)])
    await this.expectUndisturbed(whole)
  }

  /** Two commands that take the same evidence in at once. */
  async takeTwice(): Promise<void> {
    await using whole = await this.#emptyCase('case of two')
    expect(await Promise.all([this.#end(this.#ingest(whole)), this.#end(this.#ingest(whole))])).toEqual([
      'well',
      'well',
    ])
    await this.expectUndisturbed(whole)
  }

  /** A command that asks again and again while another takes evidence in; every answer counts rows that were there. */
  async askMeanwhile(): Promise<readonly number[]> {
    await using whole = await this.#emptyCase('case of two kinds')
    const taking = this.#ingest(whole)
    const end = this.#end(taking)
    const counts: number[] = []
    while (taking.exitCode === null) counts.push(await this.#count(whole))
    expect(await end).toBe('well')
    counts.push(await this.#count(whole))
    await this.expectUndisturbed(whole)
    return counts
  }

  /** The engine dies while one command takes evidence in and another asks; both say so, or had ended before. */
  async killUnderTwo(moment: number): Promise<void> {
    await using whole = await this.#emptyCase(`case of two killed ${moment}`)
    const taking = this.#ingest(whole)
    const end = this.#end(taking)
    await untilNotes(whole, taking, Math.floor(moment * this.#notes))
    const asking = this.#end(
      this.#run(whole, 'query', 'FlowTuples | extend x = hash_sha256(SrcIp) | summarize count() by x'),
    )
    await wait(this.#random.below(1500))
    await killEngine(whole.engineDirectory)
    for (const talk of [await end, await asking]) {
      if (talk !== 'well') expect(talk).toMatch(/\[engine-crashed\]|\[engine-/u)
    }
    await whole.case.ingest([evidenceIn(this.#folder)])
    await this.expectUndisturbed(whole)
  }

  /** That rows, content and provenance are as of the undisturbed run, nothing is unfinished, and `verify` is content. */
  async expectUndisturbed(whole: WholeCase): Promise<void> {
    expect(await unfinishedBatches(whole)).toBe(0)
    expect(await fingerprint(whole)).toEqual(this.#expected)
    expect(await faultsOf(whole)).toEqual([])
  }

  async #emptyCase(name: string): Promise<WholeCase> {
    return await openWholeCase(await makeCaseFolder(join(this.#folder, name)))
  }

  async #count(whole: WholeCase): Promise<number> {
    const child = this.#run(whole, 'query', 'union withsource = T * | count', '--output', 'ndjson')
    const answer = readText(child.stdout)
    expect(await this.#end(child)).toBe('well')
    const row = JSON.parse(await answer) as { readonly Count: number }
    return row.Count
  }

  /** `well`, or what the command said instead. */
  async #end(child: Command): Promise<string> {
    const [talk, [code]] = await Promise.all([readText(child.stderr), once(child, 'exit')])
    return code === 0 ? 'well' : talk
  }

  #ingest(whole: WholeCase): Command {
    const child = this.#run(whole, 'ingest', evidenceIn(this.#folder))
    child.stdout.resume()
    return child
  }

  #run(whole: WholeCase, ...words: readonly string[]): Command {
    return spawn(process.execPath, [command, ...words, '--case', whole.folder.path], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, HOME: this.#folder, XDG_DATA_HOME: this.#folder },
    })
  }
}

function evidenceIn(folder: string): string {
  return join(folder, 'evidence')
}

async function batchNotes({ owner }: WholeCase): Promise<number> {
  const rows = await owner.rows<{ count: string }>(sql`SELECT count() AS count FROM ledger.Batches`)
  return Number(rows[0]?.count)
}

/** Waits until the ledger holds as many notes, or the command has ended. */
async function untilNotes(whole: WholeCase, child: ChildProcess, count: number): Promise<void> {
  while (child.exitCode === null && (await batchNotes(whole)) < count) await wait(5)
}
