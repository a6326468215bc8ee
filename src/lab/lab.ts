import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { AzimuthError } from '../error.ts'
import { Agenda } from './agenda.ts'
import { AnswerBook, type LabAnswers } from './answers.ts'
import { administration, lateHour } from './benign/administration.ts'
import { lookAlikes } from './benign/look-alikes.ts'
import { networkTraffic } from './benign/network.ts'
import { peopleAtWork } from './benign/people.ts'
import { networkSessions } from './benign/sessions.ts'
import { storageTraffic } from './benign/storage-traffic.ts'
import { workloads } from './benign/workloads.ts'
import type { Collector } from './collectors/collector.ts'
import { dfirO365Rc } from './collectors/dfir-o365rc.ts'
import { goose } from './collectors/goose.ts'
import { logAnalyticsExport } from './collectors/log-analytics.ts'
import { microsoftExtractorSuite } from './collectors/microsoft-extractor-suite.ts'
import { portal } from './collectors/portal.ts'
import { FlowRecorder } from './flow-recorder.ts'
import { Random } from './random.ts'
import { Recorder } from './recorder.ts'
import { application } from './scenarios/application.ts'
import { exfiltration } from './scenarios/exfiltration.ts'
import { oldKey } from './scenarios/old-key.ts'
import { quiet } from './scenarios/quiet.ts'
import { ransom } from './scenarios/ransom.ts'
import { session } from './scenarios/session.ts'
import { repeatFiles } from './repeats.ts'
import { storyBegins } from './scenarios/choices.ts'
import { makeTenant, type Tenant } from './tenant.ts'
import { dayMs, hourMs, isoExactZ, minuteMs, secondMs, startOfDay } from './time.ts'
import type { World } from './world.ts'
import { Archive } from './writer.ts'

export const scenarios = {
  quiet,
  exfiltration,
  ransom,
  application,
  session,
  'old-key': oldKey,
} as const

export type Scenario = keyof typeof scenarios

export interface LabOptions {
  readonly scenario: Scenario
  readonly seed: number
  readonly days: number
  /** Multiplies the benign volume. */
  readonly scale: number
  /** Midnight in UTC at which the evidence ends. */
  readonly end?: string
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: LabProgress) => void
}

export interface LabProgress {
  readonly hours: number
  readonly ofHours: number
  readonly bytes: number
}

/** Entries may fall this much before the span that is being made. */
const lagMs = 20 * secondMs

/** Writes a labelled synthetic tenant: `evidence/` and, beside it, `answers.json`. The same options give the same bytes. */
export async function makeLab(directory: string, options: LabOptions): Promise<LabAnswers> {
  const end = checkOptions(options)
  const start = end - options.days * dayMs
  await claim(directory)
  const random = new Random(`lab/${options.seed}`)
  const tenant = makeTenant(random.fork('tenant'), options.scale)
  const book = new AnswerBook()
  const archive = new Archive(join(directory, 'evidence'), book)
  try {
    const collectors = collectorsOf(tenant, random.fork('workspace').guid(), start, end)
    const recorder = new Recorder(tenant, book, archive, collectors, loggingOf(start, end), end)
    const flowStart = end - Math.ceil(options.days * 0.57) * dayMs
    const flows = new FlowRecorder(recorder, flowStart, end)
    const world: World = {
      tenant,
      recorder,
      flows,
      agenda: new Agenda(),
      start,
      end,
      flowStart,
      scale: options.scale,
    }
    const anchor = scenarios[options.scenario](world, random.fork('story'))
    lookAlikes(world, random.fork('look-alikes'), anchor)
    noteGaps(world)
    await live(world, random.fork('benign'), archive, options)
    archive.close()
    recorder.finish(start)
    repeatFiles(join(directory, 'evidence'), book, archive, random.fork('repeats'))
  } catch (error) {
    archive.close()
    await rm(join(directory, 'evidence'), { recursive: true, force: true })
    throw error
  }
  const answers = book.finish(
    {
      scenario: options.scenario,
      seed: options.seed,
      days: options.days,
      scale: options.scale,
      start: isoExactZ(start),
      end: isoExactZ(end),
      tenantId: tenant.id,
      subscriptions: tenant.subscriptions,
    },
    archive.bytes,
  )
  await writeFile(join(directory, 'answers.json'), `${JSON.stringify(answers, undefined, 1)}\n`)
  return answers
}

/** Lets time pass, hour by hour in spans that shrink as the volume grows. */
async function live(world: World, random: Random, archive: Archive, options: LabOptions): Promise<void> {
  const planners = [
    peopleAtWork(world, random.fork('people')),
    administration(world, random.fork('administration')),
    lateHour(world, random.fork('late')),
    workloads(world, random.fork('workloads')),
    networkSessions(world, random.fork('sessions')),
  ]
  const generators = [
    storageTraffic(world, random.fork('storage')),
    networkTraffic(world, random.fork('network')),
  ]
  const spanMs = spanOf(options.scale)
  const ofHours = options.days * 24
  for (let hour = 0; hour < ofHours; hour += 1) {
    options.signal?.throwIfAborted()
    const begin = world.start + hour * hourMs
    if (hour % 24 === 0) for (const plan of planners) plan(begin)
    for (let from = begin; from < begin + hourMs; from += spanMs) {
      const to = from + spanMs
      world.agenda.runUntil(to)
      for (const generate of generators) generate(from, to)
      world.flows.recordUntil(to - minuteMs - lagMs)
      archive.writeUntil(to - 2 * lagMs)
    }
    options.onProgress?.({ hours: hour + 1, ofHours, bytes: archive.bytes })
    await setImmediate()
  }
  world.flows.recordUntil(world.end)
  archive.writeUntil(world.end)
}

function spanOf(scale: number): number {
  const most = 60 / Math.max(1, scale / 4)
  const minutes = [60, 30, 20, 15, 10, 5, 2].find((candidate) => candidate <= most) ?? 1
  return minutes * minuteMs
}

/** What the logs of this tenant cannot show, whatever happens. */
function noteGaps(world: World): void {
  const { book } = world.recorder
  const { archive } = world.tenant.accounts
  const [from, to] = [isoExactZ(world.start), isoExactZ(world.end)]
  book.gaps.push({
    table: 'StorageBlobLogs',
    resource: archive.id,
    from,
    to,
    why: 'its diagnostic setting leaves StorageRead out',
  })
  if (world.flowStart === world.start) return
  book.gaps.push({
    table: 'FlowTuples',
    resource: '',
    from,
    to: isoExactZ(world.flowStart),
    why: 'flow logs are kept for a few days only',
  })
}

/** Five tools, each pointed at some of the time in which a story would happen. */
function collectorsOf(tenant: Tenant, workspaceId: string, start: number, end: number): readonly Collector[] {
  const from = startOfDay(start + Math.floor((end - start) * storyBegins))
  const most = 20_000
  const until = (days: number): number => Math.min(end, from + days * dayMs)
  return [
    microsoftExtractorSuite(tenant, { from, to: until(2), most }),
    goose(tenant, { from, to: until(1), most }),
    dfirO365Rc(tenant, { from: from + 12 * hourMs, to: from + 18 * hourMs, most }),
    portal(tenant, { from, to: until(3), most }),
    logAnalyticsExport(tenant, { from: from - dayMs, to: from + 6 * hourMs, most }, workspaceId),
  ]
}

function loggingOf(start: number, end: number): ConstructorParameters<typeof Recorder>[4] {
  const always = {
    resourceLogFrom: start,
    resourceLogUntil: end,
    withoutReads: false,
    classicVersion: () => undefined,
  }
  const middle = start + Math.floor((end - start) / 2)
  return {
    documents: { ...always },
    application: { ...always },
    archive: { ...always, withoutReads: true },
    legacy: {
      ...always,
      resourceLogFrom: end - Math.floor((end - start) / 5),
      classicVersion: (time) => (time < middle ? '1.0' : '2.0'),
    },
  }
}

function checkOptions(options: LabOptions): number {
  const end = Date.parse(options.end ?? '2026-03-01T00:00:00Z')
  if (Number.isNaN(end) || end % dayMs !== 0) {
    throw new AzimuthError('lab-end', `the lab cannot end at ${options.end}`, {
      hint: 'give a midnight in UTC: 2026-03-01T00:00:00Z',
    })
  }
  if (!Number.isInteger(options.days) || options.days < 1 || options.days > 366) {
    throw new AzimuthError('lab-days', `a lab of ${options.days} days cannot be made`, {
      hint: 'give 1 to 366 days',
    })
  }
  if (!(options.scale > 0 && options.scale <= 10_000)) {
    throw new AzimuthError('lab-scale', `a lab at scale ${options.scale} cannot be made`, {
      hint: 'give a scale above 0, at most 10000',
    })
  }
  return end
}

/** Evidence is never written among other files. */
async function claim(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  const found = await readdir(directory)
  if (found.length === 0) return
  throw new AzimuthError('lab-folder-not-empty', `${directory} is not empty`, {
    hint: 'give a folder that does not exist yet',
  })
}
