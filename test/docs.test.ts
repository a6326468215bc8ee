import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const timeoutMs = 600_000

/** The fenced blocks of a document that are marked as shell (`sh`): these are run as they stand. */
async function shellBlocks(path: string): Promise<readonly string[]> {
  const text = await readFile(join(root, path), 'utf8')
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map((match) => match[1] ?? '')
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-docs-'))
  const command = `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'src', 'cli', 'azimuth.ts')}" "$@"\n`
  await writeFile(join(folder, 'azimuth'), command, { mode: 0o755 })
})
afterAll(async () => await rm(folder, { recursive: true }))

/** Runs a script, each command told before it runs; resolves to its exit code and its stderr. */
async function runScript(
  script: string,
  directory: string,
): Promise<{ readonly code: unknown; readonly talk: string }> {
  const env = {
    ...process.env,
    PATH: `${folder}:${process.env['PATH']}`,
    XDG_DATA_HOME: join(directory, 'data'),
  }
  return await new Promise((done) => {
    execFile('bash', ['-xeuo', 'pipefail', '-c', script], { cwd: directory, env }, (error, _stdout, talk) => {
      done({ code: error === null ? 0 : error.code, talk })
    })
  })
}

describe('the documents', () => {
  test.each([
    'docs/first-session.md',
    'docs/ask.md',
    'docs/investigate.md',
    'docs/scripts.md',
    'docs/custody.md',
  ])(
    '%s shows commands that work',
    async (path) => {
      const blocks = await shellBlocks(path)
      const directory = join(folder, path.replaceAll('/', '-'))
      await mkdir(directory)
      expect(blocks.length).toBeGreaterThan(0)
      const { code, talk } = await runScript(blocks.join('\n'), directory)
      expect(code, talk).toBe(0)
    },
    timeoutMs,
  )
})
