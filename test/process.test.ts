import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { snapshotName } from '../src/kql/compiler-process.ts'

const root = join(import.meta.dirname, '..')
const built = join(root, 'dist', 'kql')
const command = join(root, 'dist', 'cli', 'azimuth.js')
const isBuilt = existsSync(command)
const oldNode = ['/usr/bin/node', '/usr/local/bin/node'].find(isOldNode)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'azimuth-process-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Starts a command that would run for minutes, and waits until it is at work. */
async function startLongCommand(node: string) {
  const lab = join(folder, 'lab')
  const child = spawn(node, [command, 'lab', lab, '--days', '300', '--scale', '20'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(child, 'exit')
  let talk = ''
  child.stderr.on('data', (piece: Buffer) => (talk += piece.toString()))
  await vi.waitFor(() => expect(readdirSync(join(lab, 'evidence')).length).toBeGreaterThan(0), {
    timeout: 20_000,
  })
  return { child, ended, talk: () => talk }
}

describe.skipIf(!isBuilt)('the process', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('stops at %s and exits with %i', async (signal, code) => {
    const { child, ended, talk } = await startLongCommand(process.execPath)
    child.kill(signal)
    expect(await ended).toEqual([code, null])
    expect(talk()).toMatch(/stopped\n$/)
  })

  test('ends in peace when nobody reads its output any more', () => {
    const script = `"${process.execPath}" "${command}" --help | head -1; echo "\${PIPESTATUS[0]}"`
    expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toMatch(/^Usage: .*\n0\n$/)
  })

  test.skipIf(!existsSync('/dev/full'))('does not pass over what could not be written', () => {
    const script = `"${process.execPath}" "${command}" --help > /dev/full`
    expect(() => execFileSync('bash', ['-c', script], { stdio: 'pipe' })).toThrow(
      expect.objectContaining({ status: 1, message: expect.stringContaining('[ENOSPC]') }),
    )
  })

  test.skipIf(oldNode === undefined)(
    'hands over to the Node it brings along, passing on output and exit code',
    () => {
      expect(execFileSync(oldNode ?? '', [command, '--version'], { encoding: 'utf8' })).toMatch(
        /^\d+\.\d+\.\d+\n$/,
      )
      expect(() => execFileSync(oldNode ?? '', [command, 'qery'], { stdio: 'pipe' })).toThrow(
        expect.objectContaining({ status: 64 }),
      )
    },
  )

  test.skipIf(oldNode === undefined)('hands on a signal', async () => {
    const { child, ended } = await startLongCommand(oldNode ?? '')
    child.kill('SIGINT')
    expect(await ended).toEqual([130, null])
  })

  test.skipIf(oldNode === undefined || process.platform !== 'linux')(
    'does not go on alone when the one that handed over is killed',
    async () => {
      const { child, ended } = await startLongCommand(oldNode ?? '')
      const heir = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim())
      child.kill('SIGKILL')
      await ended
      await vi.waitFor(() => expect(isAtWork(heir)).toBe(false), { timeout: 10_000 })
    },
  )
})

describe.skipIf(!isBuilt)('the compiler', () => {
  test('begins from the picture of the parser that the build left', async () => {
    const child = spawn(
      process.execPath,
      ['--snapshot-blob', join(built, snapshotName), join(built, 'compiler-child.js'), '1000'],
      { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' },
    )
    const ended = once(child, 'exit')
    expect(await once(child, 'message')).toEqual([{ kind: 'ready' }, undefined])
    child.disconnect()
    expect(await ended).toEqual([0, null])
  })

  test('loads the parser where the picture cannot be read', () => {
    const copy = join(folder, 'dist')
    cpSync(join(root, 'dist'), copy, { recursive: true, filter: (path) => !path.endsWith('.blob') })
    writeFileSync(join(copy, 'kql', snapshotName), 'no picture')
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    const program = `
      import { createCompiler } from ${JSON.stringify(join(copy, 'kql', 'compile.js'))}
      const compiler = await createCompiler({ tables: [] })
      console.log((await compiler.compile('print 1')).ok)`
    const words = ['--input-type=module', '--eval', program]
    expect(execFileSync(process.execPath, words, { encoding: 'utf8' })).toBe('true\n')
  })
})

function isAtWork(pid: number): boolean {
  const file = `/proc/${pid}/stat`
  return existsSync(file) && !/^\d+ \(.*\) Z/.test(readFileSync(file, 'utf8'))
}

function isOldNode(path: string): boolean {
  if (!existsSync(path)) return false
  return Number(execFileSync(path, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' })) < 22
}
