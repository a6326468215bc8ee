import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { memoryTerminal } from '../../../test/memory-terminal.ts'
import { doctor } from './doctor.ts'

test('doctor names the engine, the disk and the case, and is content with a machine that has no case yet', async () => {
  const home = await mkdtemp(join(tmpdir(), 'doctor-'))
  onTestFinished(async () => await rm(home, { recursive: true }))
  const terminal = memoryTerminal({ home })
  expect(await doctor({ terminal, words: [] }, { output: 'json' })).toBe(0)
  const findings: readonly { readonly Check: string; readonly State: string }[] = JSON.parse(
    terminal.out.text(),
  )
  expect(findings.map(({ Check }) => Check)).toEqual(['versions', 'engine', 'memory', 'disk', 'case'])
  expect(findings.filter(({ State }) => State === 'fault')).toEqual([])
})

test('doctor exits with 1 where the data directory cannot be made', async () => {
  const terminal = memoryTerminal({ home: '/dev/null' })
  expect(await doctor({ terminal, words: [] }, {})).toBe(1)
  expect(terminal.out.text()).toMatch(/^disk +fault +ENOTDIR/m)
})
