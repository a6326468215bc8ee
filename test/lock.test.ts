import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

describe('package-lock.json', () => {
  test('has an entry for every dependency of every platform, so that npm ci works on a fresh clone', () => {
    const script = join(root, 'scripts', 'complete-lock.mjs')
    expect(execFileSync(process.execPath, [script, '--check'], { encoding: 'utf8' })).toBe('')
  })

  test('carries no download addresses', () => {
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toMatch(
      /"resolved"|https?:\/\/[^"]*\.tgz/,
    )
  })

  test('pins exact versions in package.json', () => {
    const manifest: { readonly [key: string]: unknown } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    )
    const groups = ['dependencies', 'optionalDependencies', 'devDependencies'].map(
      (name) => manifest[name] ?? {},
    )
    const ranges = groups
      .flatMap((group) => Object.entries(group))
      .filter(([, version]) => !/^\d/.test(String(version)))
    expect(ranges).toEqual([])
  })
})
