import { randomUUID } from 'node:crypto'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { AzimuthError } from '../error.ts'
import { isMissing } from './case-file.ts'
import { isRunning } from './process-state.ts'

const waitLimitMs = 15_000
const staleAfterMs = 30_000

/** Holds a lock file while `work` runs. The lock of a process that is gone is taken over. */
export async function withAppendLock<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  const owner = `${process.pid} ${hostname()} ${randomUUID()}\n`
  const started = Date.now()
  while (!(await tryCreate(file, owner))) {
    await removeIfAbandoned(file)
    if (Date.now() - started > waitLimitMs) {
      const holder = await readFile(file, 'utf8').catch(() => 'unknown')
      throw new AzimuthError('case-busy', `another process (${holder.split(' ')[0]}) holds ${file}`, {
        hint: 'wait for it to end; if no azimuth runs on this case, remove that file',
      })
    }
    await delay(5 + Math.random() * 20)
  }
  try {
    return await work()
  } finally {
    await rm(file, { force: true })
  }
}

async function tryCreate(file: string, owner: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600)
    try {
      await handle.writeFile(owner)
    } catch (error) {
      // A full disk, for one: a lock that names nobody would hold up the next for nothing.
      await rm(file, { force: true })
      throw error
    } finally {
      await handle.close()
    }
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** An abandoned lock is renamed before it is removed, so that two who see it cannot remove each other's new one. */
async function removeIfAbandoned(file: string): Promise<void> {
  try {
    const seen = await readFile(file, 'utf8')
    const ageMs = Date.now() - (await stat(file)).mtimeMs
    if (!isAbandoned(seen, ageMs)) return
    const aside = `${file}.${randomUUID()}`
    await rename(file, aside)
    const taken = await readFile(aside, 'utf8')
    if (taken === seen) await rm(aside, { force: true })
    else await rename(aside, file)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

function isAbandoned(owner: string, ageMs: number): boolean {
  const [pid = '', host = ''] = owner.split(' ')
  if (host === hostname()) return !isRunning(Number(pid))
  return ageMs > staleAfterMs || (owner === '' && ageMs > 2000)
}
