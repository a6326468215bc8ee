import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'

/** What a command and all processes that it started took together. */
export interface Measured {
  readonly stdout: string
  readonly elapsedMs: number
  /** Processor time of all of them, until the command's end. */
  readonly processorMs: number
  /** The greatest sum of their resident memory, by samples. */
  readonly peakBytes: number
}

const sampleMs = 40
const ticksPerSecond = 100

/** Runs a command to its end and measures it with its descendants (Linux). Waits until none of them runs any more. */
export async function measure(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  goodCodes: readonly number[] = [0],
): Promise<Measured> {
  const [command = '', ...rest] = words
  const started = performance.now()
  const child = spawn(command, rest, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  const family = new Family(child.pid ?? 0)
  const output = Promise.all([text(child.stdout), text(child.stderr)])
  const sampling = setInterval(() => family.sample(), sampleMs)
  const [code] = (await once(child, 'exit')) as [number | null]
  const elapsedMs = performance.now() - started
  clearInterval(sampling)
  family.sample()
  const { peakBytes, processorMs } = family
  const [stdout, stderr] = await output
  if (code === null || !goodCodes.includes(code))
    throw new Error(`${words.join(' ')} ended with ${code}:\n${stderr}${stdout}`)
  while (family.isRunning()) await delay(sampleMs)
  return { stdout, elapsedMs, processorMs, peakBytes }
}

/** A process and its descendants, those that it left behind too. */
class Family {
  peakBytes = 0
  /** By process, the most that it was seen to have used. */
  readonly #ticks = new Map<number, number>()
  /** Processes that were none of them, by how often they were looked at: twice is enough, so that measuring costs little. */
  #strangers = new Map<number, number>()

  constructor(root: number) {
    this.#ticks.set(root, 0)
  }

  get processorMs(): number {
    return (this.#ticks.values().reduce((sum, ticks) => sum + ticks, 0) * 1000) / ticksPerSecond
  }

  sample(): void {
    let bytes = 0
    const pids = processIds()
    const looks = this.#strangers
    this.#strangers = new Map(pids.map((pid) => [pid, looks.get(pid) ?? 0]))
    const looked = pids.filter((pid) => (looks.get(pid) ?? 0) < 2)
    for (const { pid, parent, residentBytes, ticks } of processesOf(looked)) {
      if (!this.#ticks.has(pid) && !this.#ticks.has(parent)) {
        this.#strangers.set(pid, (looks.get(pid) ?? 0) + 1)
        continue
      }
      this.#ticks.set(pid, ticks)
      bytes += residentBytes
    }
    this.peakBytes = Math.max(this.peakBytes, bytes)
  }

  isRunning(): boolean {
    return processesOf([...this.#ticks.keys()]).some(({ state }) => state !== 'Z')
  }
}

/** Processor time that a running process has taken so far (Linux). */
export function processorMsOf(pid: number): number {
  const ticks = processesOf([pid])[0]?.ticks
  if (ticks === undefined) throw new Error(`no process ${pid}`)
  return (ticks * 1000) / ticksPerSecond
}

interface Process {
  readonly pid: number
  readonly parent: number
  readonly state: string
  readonly ticks: number
  readonly residentBytes: number
}

function processIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .toSorted((one, other) => one - other)
}

/** Those of them that run, or wait to be buried. */
function processesOf(pids: readonly number[]): Process[] {
  const found: Process[] = []
  for (const pid of pids) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      found.push({
        pid,
        state: fields[0] ?? '',
        parent: Number(fields[1]),
        ticks: Number(fields[11]) + Number(fields[12]),
        residentBytes: Number(fields[21]) * 4096,
      })
    } catch {
      // It ended between the listing and the reading.
    }
  }
  return found
}
