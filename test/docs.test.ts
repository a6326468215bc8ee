import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

/** The fenced blocks of a document that are marked as shell (`sh`): these are run as they stand. */
function shellBlocks(path: string): string[] {
  return [...readFileSync(join(root, path), 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map(
    (match) => match[1] ?? '',
  )
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'azimuth-docs-'))
  const command = `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'src', 'cli', 'azimuth.ts')}" "$@"\n`
  writeFileSync(join(folder, 'azimuth'), command, { mode: 0o755 })
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('the documents', () => {
  test.each(['docs/first-session.md', 'docs/scripts.md', 'README.md'])(
    '%s shows commands that work',
    (path) => {
      const blocks = shellBlocks(path)
      expect(blocks.length).toBeGreaterThan(0)
      const directory = mkdtempSync(join(folder, 'session-'))
      const environment = {
        ...process.env,
        PATH: `${folder}:${process.env['PATH']}`,
        XDG_DATA_HOME: join(directory, 'data'),
      }
      if (path === 'README.md') blocks.unshift('azimuth lab lab --days 1')
      const script = `set -euo pipefail\n${blocks.join('\n')}`
      const done = spawnSync('bash', ['-c', script], { cwd: directory, env: environment, encoding: 'utf8' })
      expect({ status: done.status, stderr: done.stderr }).toMatchObject({ status: 0 })
    },
  )
})
