import { describe, expect, test } from 'vitest'
import { memoryTerminal } from '../../test/memory-terminal.ts'
import { AzimuthError } from '../error.ts'
import { UsageError, reportFailure } from './failure.ts'
import { OutputClosed } from './terminal.ts'

async function reported(error: unknown, reason?: string) {
  const terminal = memoryTerminal(reason === undefined ? {} : { signal: AbortSignal.abort(reason) })
  return { code: await reportFailure(terminal, error), text: terminal.err.text() }
}

describe('a failure', () => {
  test('says what, where and what next', async () => {
    const cause = new Error('connect ECONNREFUSED')
    expect(
      await reported(
        new AzimuthError('engine-gone', 'the engine has ended', { hint: 'run azimuth doctor', cause }),
      ),
    ).toEqual({
      code: 1,
      text: 'error the engine has ended [engine-gone]\n  cause connect ECONNREFUSED\n  next run azimuth doctor\n',
    })
  })

  test('of the command line is 64', async () => {
    expect(await reported(new UsageError('no query was given'))).toMatchObject({ code: 64 })
  })

  test('of the system names the file and no stack', async () => {
    const error = Object.assign(new Error("ENOENT: no such file or directory, open 'x\u001b'"), {
      syscall: 'open',
      code: 'ENOENT',
    })
    expect(await reported(error)).toEqual({
      code: 1,
      text: "error ENOENT: no such file or directory, open 'x␛' [ENOENT]\n",
    })
  })

  test('of ours is called a bug', async () => {
    const { code, text } = await reported(new Error('invariant'))
    expect(code).toBe(1)
    expect(text).toMatch(/^error a bug in azimuth; please report it with this:\nError: invariant\n {4}at /)
  })

  test('after a signal is a stop', async () => {
    expect(await reported(new Error('aborted'), 'SIGINT')).toEqual({ code: 130, text: 'stopped\n' })
    expect(await reported(new Error('aborted'), 'SIGTERM')).toEqual({ code: 143, text: 'stopped\n' })
  })

  test('to write to a pipe that nobody reads any more is none', async () => {
    expect(await reported(new OutputClosed())).toEqual({ code: 0, text: '' })
  })
})
