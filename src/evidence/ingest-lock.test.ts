import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lockIngest } from './ingest-lock.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-lock-'))
})
afterAll(() => rm(directory, { recursive: true }))

test('a second taker waits until the first lets go', async () => {
  const file = join(directory, 'wait.lock')
  const first = await lockIngest(file)
  const { promise: waiting, resolve } = Promise.withResolvers<void>()
  const second = lockIngest(file, { onWait: resolve })
  await waiting
  first[Symbol.dispose]()
  const lock = await second
  lock[Symbol.dispose]()
})

test('waiting ends with the signal', async () => {
  const file = join(directory, 'signal.lock')
  using _lock = await lockIngest(file)
  const controller = new AbortController()
  const waiting = lockIngest(file, { signal: controller.signal, onWait: () => controller.abort() })
  await expect(waiting).rejects.toThrow(/abort/i)
})

test('the lock of a killed process is free at once', async () => {
  const file = join(directory, 'killed.lock')
  const child = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `import { lockIngest } from ${JSON.stringify(new URL('./ingest-lock.ts', import.meta.url).href)}
     await lockIngest(process.argv[1]); console.log('held'); setInterval(() => {}, 1000)`,
    file,
  ])
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  const lock = await lockIngest(file, { onWait: () => expect.unreachable('the lock is still held') })
  lock[Symbol.dispose]()
})
