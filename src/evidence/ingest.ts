import { realpath } from 'node:fs/promises'
import type { CaseEngine } from '../engine/case-engine.ts'
import { isDiskFull, isUnanswered } from '../engine/errors.ts'
import type { Table } from '../tables/types.ts'
import { Batcher, type Batch } from './batch.ts'
import { allEnded, inOrder } from './in-order.ts'
import type { LandingTurns } from './land.ts'
import type { LandContext } from './landing.ts'
import { landSafely } from './land-safely.ts'
import { locationOf, type Root } from './location.ts'
import { batchState, Ledger, type SourceEntry } from './ledger.ts'
import { holdMerges, letMerge, maxUnmergedBatches } from './merges.ts'
import { prepare, type PassedFile, type PreparedFile } from './prepare.ts'
import { checkManifests, type ManifestCheck } from './read/check-manifests.ts'
import type { ReadLimits } from './read/limits.ts'
import { hashMember } from './read/hash-member.ts'
import type { Skipped } from './read/member.ts'
import { refuse, toProblem, type Problem } from './read/problem.ts'
import { walkEvidence } from './read/walk.ts'
import { buildReport, type IngestReport, type SeenFile } from './report.ts'
import { settleAll } from './settle.ts'
import { sourceEntry } from './source-entry.ts'
import { clearStage } from './stage.ts'

export interface IngestProgress {
  readonly files: number
  readonly rows: number
  readonly bytes: number
  readonly path?: string
}

export interface IngestOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: IngestProgress) => void
  /** For CSVs whose own dates don't tell: the day comes before the month. */
  readonly dayFirst?: boolean
  /** For CSVs whose header names a zone, and dates without one: an offset such as `+01:00`. */
  readonly timeZone?: string
  readonly explain?: boolean
  readonly limits?: Partial<ReadLimits>
  readonly spoolFolder?: string
}

export interface IngestTarget {
  /** May still be starting: evidence is read meanwhile. */
  readonly engine: Promise<CaseEngine>
  /** Stands in where a record names no tenant. */
  readonly tenantId: string
}

/**
 * Takes evidence in: finds, recognises, lands, settles and reports every file under the paths. What an earlier run
 * left unfinished is undone or finished first. Files whose bytes the case holds already are only noted.
 */
export async function ingest(
  target: IngestTarget,
  paths: readonly string[],
  options: IngestOptions = {},
): Promise<IngestReport> {
  const run = new Run(openRun(target, options.signal), options)
  const checksums: ManifestCheck[] = []
  try {
    for (const path of paths) {
      await run.takePath(path)
      for await (const check of checkManifests(path, options.signal)) checksums.push(check)
    }
    await run.finish()
  } catch (error) {
    const { engine, ledger } = await run.ended()
    // Where a server is away, or a full disk lets nothing be deleted, the next run undoes what this one left.
    if (isDiskFull(error)) await recover(engine, ledger, AbortSignal.timeout(fullDiskWaitMs)).catch(() => {})
    else if (!isUnanswered(error)) await recover(engine, ledger)
    throw error
  }
  const report = await buildReport((await target.engine).owner, run, options.explain === true)
  return { ...report, checksums }
}

/** What a run knows of the case when its engine has started. */
interface OpenRun {
  readonly context: LandContext
  /** Evidence that the case holds already. */
  readonly known: Set<string>
  readonly firstBatch: number
}

async function openRun(target: IngestTarget, signal: AbortSignal | undefined): Promise<OpenRun> {
  const { tenantId } = target
  const engine = await target.engine
  const ledger = new Ledger(engine)
  const begin = async (): Promise<[{ run: number; batch: number }, Set<string>, void]> =>
    await Promise.all([ledger.nextNumbers(), ledger.knownEvidence(), holdMerges(engine)])
  const [left, asItIs] = await Promise.all([ledger.unfinishedBatches(), begin()])
  if (left.length > 0) await recover(engine, ledger)
  const [{ run, batch }, known] = left.length > 0 ? await begin() : asItIs
  // Statements that an unfinished run left are ended by now, and read no stage any more.
  await clearStage(engine)
  const context = { engine, tenantId, ledger, run, startedAt: new Date(), signal }
  return { context, known, firstBatch: batch }
}

/** Undoes batches that only started, and settles those that landed. Nobody else may be writing. */
export async function recover(engine: CaseEngine, ledger: Ledger, signal?: AbortSignal): Promise<void> {
  const [left] = await Promise.all([ledger.unfinishedBatches(), letMerge(engine)])
  if (left.length === 0) return
  await ledger.endStrayWrites()
  const unfinished = await ledger.unfinishedBatches()
  for (const { batch, state } of unfinished) {
    if (state < batchState.landed) await ledger.undo(batch, signal)
  }
  const landed = unfinished.filter(({ state }) => state === batchState.landed)
  if (landed.length > 0) await settleAll(engine, ledger, landed)
}

const fullDiskWaitMs = 5000

/** The end of a statement is one thread's work: another begins meanwhile. Each takes memory. */
const insertsAtOnce = 2

/** As many are made ready meanwhile: statements that are alike end at the same time. */
const landedAtOnce = 2 * insertsAtOnce

/** How many files may be prepared before the engine has started. */
const maxWaitingFiles = 2000

/** So that the engine and what reads for it need not wait for a disk in turn. */
const preparedAtOnce = 4

/** Something in the evidence whose bytes cannot be read. */
interface UnreadFile {
  readonly kind: 'unread'
  readonly member: { readonly path: string }
  readonly problem: Problem
}

/** What cannot be opened is hashed all the same, so that custody can name it. */
async function unopened(skipped: Skipped, position: number, root: Root): Promise<PassedFile | UnreadFile> {
  const { path, problem, unopened: member } = skipped
  if (member === undefined) return { kind: 'unread', member: { path }, problem }
  const { sha256: evidence, sizeBytes } = await hashMember(member).catch(unhashed)
  const location = locationOf(member, root)
  return { kind: 'passed', position, member, location, evidence, sizeBytes, problem }
}

/** What cannot be unpacked at all has no hash of its own; its location still tells that of the archive. */
function unhashed(error: unknown): { readonly sha256: string; readonly sizeBytes: number } {
  toProblem(error)
  return { sha256: '', sizeBytes: 0 }
}

type MetFile = PreparedFile | PassedFile | UnreadFile

class Run {
  readonly seen: SeenFile[] = []
  readonly batches: number[] = []
  /** Files whose landing failed, by evidence id. */
  readonly failures = new Map<string, Problem>()
  readonly #tables = new Map<string, Table>()
  readonly #opening: Promise<OpenRun>
  readonly #options: IngestOptions
  readonly #batcher = new Batcher()
  #isOpen = false
  /** Met before the engine had started. */
  readonly #waiting: MetFile[] = []
  #passed: SourceEntry[] = []
  #nextBatch = 0
  /** Batches whose rows are not yet where they belong, in order. */
  readonly #inserting: Promise<void>[] = []
  readonly #landings: Promise<void>[] = []
  #hasFailed = false
  #met = 0
  #files = 0
  #bytes = 0
  #rows = 0

  constructor(opening: Promise<OpenRun>, options: IngestOptions) {
    this.#options = options
    this.#opening = opening.then((opened) => {
      this.#nextBatch = opened.firstBatch
      this.#isOpen = true
      return opened
    })
    this.#opening.catch(() => {})
  }

  get tables(): readonly Table[] {
    return [...this.#tables.values()]
  }

  async takePath(path: string): Promise<void> {
    const { signal, limits, spoolFolder } = this.#options
    const shown = path.length > 1 ? path.replace(/\/+$/u, '') : path
    const real = await realpath(path).catch((error: unknown) => {
      throw refuse(
        'evidence-missing',
        `${JSON.stringify(path)} cannot be opened (${toProblem(error).message})`,
      )
    })
    const root = { shown, real }
    const walk = walkEvidence([path], {
      ...(limits && { limits }),
      ...(signal && { signal }),
      ...(spoolFolder !== undefined && { spoolFolder }),
    })
    const met = inOrder(walk, preparedAtOnce, async (found) =>
      found.kind === 'skipped'
        ? await unopened(found, this.#met++, root)
        : await prepare(found, this.#met++, root, this.#options),
    )
    for await (const file of met) {
      signal?.throwIfAborted()
      this.#files += 1
      this.#waiting.push(file)
      if (this.#isOpen || this.#waiting.length >= maxWaitingFiles) await this.#takeWaiting()
      this.#report(file.member.path)
    }
  }

  /** Waits until nothing is being landed any more, however that ends. */
  async ended(): Promise<LandContext> {
    const { context } = await this.#opening
    await Promise.allSettled(this.#landings)
    return context
  }

  async finish(): Promise<void> {
    await this.#takeWaiting()
    for (const batch of this.#batcher.rest(insertsAtOnce)) await this.#land(batch)
    await allEnded(this.#landings)
    const { engine, ledger } = (await this.#opening).context
    await allEnded([ledger.addSources(this.#passed), letMerge(engine)])
    const tables = this.tables.map((table) => table.name)
    await settleAll(
      engine,
      ledger,
      this.batches.map((batch) => ({ batch, tables })),
    )
  }

  async #takeWaiting(): Promise<void> {
    const opened = await this.#opening
    for (const file of this.#waiting.splice(0)) this.#takeFile(file, opened)
    const next = (): Batch | undefined =>
      this.#batcher.next(Math.max(0, insertsAtOnce - this.#inserting.length))
    for (let batch = next(); batch !== undefined; batch = next()) await this.#land(batch)
  }

  #takeFile(file: MetFile, { context, known }: OpenRun): void {
    const { path } = file.member
    if (file.kind === 'unread') {
      this.seen.push({ kind: 'skipped', path, evidence: '', problem: file.problem })
      return
    }
    this.#bytes += file.sizeBytes
    if (file.kind === 'passed') {
      this.seen.push({ kind: 'skipped', path, evidence: file.evidence, problem: file.problem })
      this.#passed.push(sourceEntry(file, context.run, 'skipped', file.problem.code))
    } else if (known.has(file.evidence)) {
      this.seen.push({ kind: 'known', path, evidence: file.evidence, why: file.why })
      this.#passed.push(sourceEntry(file, context.run, 'known', ''))
    } else {
      known.add(file.evidence)
      this.seen.push({ kind: 'taken', path, evidence: file.evidence, why: file.why })
      this.#batcher.add(file)
    }
  }

  /** Begins to land a batch as soon as it may be made ready; meanwhile others are prepared. */
  async #land(batch: Batch): Promise<void> {
    const { context } = await this.#opening
    while (this.#inserting.length >= landedAtOnce) await Promise.race(this.#inserting)
    if (this.#hasFailed) await allEnded(this.#landings)
    const inserted = Promise.withResolvers<void>()
    const inserting = inserted.promise.then(() => {
      void this.#inserting.splice(this.#inserting.indexOf(inserting), 1)
    })
    this.#inserting.push(inserting)
    const mayInsert = async (): Promise<void> => {
      while (this.#inserting.indexOf(inserting) >= insertsAtOnce) await Promise.race(this.#inserting)
    }
    const turns = { mayInsert, onInserted: inserted.resolve }
    const landing = this.#landSafely(context, batch, turns).finally(inserted.resolve)
    landing.catch(() => {})
    this.#landings.push(landing)
    if (this.#landings.length === maxUnmergedBatches) await letMerge(context.engine)
  }

  async #landSafely(context: LandContext, batch: Batch, turns: LandingTurns): Promise<void> {
    const landing = landSafely(context, batch, () => this.#nextBatch++, turns)
    landing.catch(() => (this.#hasFailed = true))
    const { landed, failed } = await landing
    for (const { batch: number, tables, rows } of landed) {
      this.batches.push(number)
      for (const table of tables) this.#tables.set(table.name, table)
      this.#rows += rows
    }
    for (const { file, problem } of failed) {
      this.failures.set(file.evidence, problem)
      this.#passed.push(sourceEntry(file, context.run, 'skipped', problem.code))
    }
    this.#report()
  }

  #report(path?: string): void {
    this.#options.onProgress?.({
      files: this.#files,
      rows: this.#rows,
      bytes: this.#bytes,
      ...(path !== undefined && { path }),
    })
  }
}
