import { describe, expect, test } from 'vitest'
import { memoryTerminal } from '../../test/memory-terminal.ts'
import { run } from './program.ts'

async function called(...words: string[]) {
  const terminal = memoryTerminal()
  const code = await run(terminal, words)
  return { code, out: terminal.out.text(), err: terminal.err.text() }
}

describe('the command line', () => {
  test('prints its version and help', async () => {
    expect(await called('--version')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      err: '',
    })
    const help = await called('--help')
    expect(help).toMatchObject({ code: 0, err: '' })
    for (const command of [
      'triage',
      'ingest',
      'tables',
      'query',
      'explain',
      'show',
      'quarantine',
      'conflicts',
      'verify',
      'lab',
      'doctor',
    ]) {
      expect(help.out).toMatch(new RegExp(`^  ${command} .*\\S`, 'm'))
      expect(await called(command, '--help')).toMatchObject({ code: 0, err: '' })
    }
  })

  test.each([
    [[], /Usage: azimuth/],
    [['qery'], /unknown command 'qery'\n\(Did you mean query\?\)/],
    [['query', '--out', 'json'], /unknown option '--out'/],
    [
      ['query', 'T', '--output', 'xml'],
      /argument 'xml' is invalid\. Allowed choices are table, json, ndjson, csv/,
    ],
    [['triage'], /missing required argument 'path'/],
    [['query'], /no query was given/],
    [['query', 'T', '--batch', 'x'], /--batch takes its queries from its file alone/],
    [['show', 'nonsense'], /"nonsense" names no row/],
    [['lab', 'x', '--days', 'many'], /--days must be a whole number, not "many"/],
  ])('%j is a wrong use (64)', async (words, message) => {
    expect(await called(...words)).toMatchObject({ code: 64, out: '', err: expect.stringMatching(message) })
  })

  test('says that there is no case yet', async () => {
    expect(await called('tables')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/there is no case yet \[case-none\]\n {2}next take logs in/),
    })
  })
})
