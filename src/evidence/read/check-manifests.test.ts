import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkManifests } from './check-manifests.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'azimuth-sums-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const sum = (content: string, algorithm = 'sha256') => createHash(algorithm).update(content).digest('hex')

async function check(root = folder): Promise<readonly unknown[]> {
  const checks = await Array.fromAsync(checkManifests(root))
  return checks.map((found) => [
    found.path,
    found.algorithm,
    found.ok ? 'ok' : (found.problem?.code ?? 'differs'),
  ])
}

test('a BagIt manifest is checked, names decoded', async () => {
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'data/a.json'), 'a')
  writeFileSync(join(folder, 'data/b%.json'), 'b')
  writeFileSync(
    join(folder, 'manifest-sha256.txt'),
    `${sum('a')}  data/a.json\n${sum('x')} data/b%25.json\n${sum('c')} data/c.json\n`,
  )
  expect(await check()).toEqual([
    ['data/a.json', 'sha256', 'ok'],
    ['data/b%.json', 'sha256', 'differs'],
    ['data/c.json', 'sha256', 'unreadable'],
  ])
})

test('lists of sums of every kind are checked', async () => {
  writeFileSync(join(folder, 'a b.json'), 'a')
  writeFileSync(join(folder, 'c\\d'), 'c')
  writeFileSync(join(folder, 'MD5SUMS'), `${sum('a', 'md5').toUpperCase()} *a b.json\r\n`)
  writeFileSync(join(folder, 'SHA1SUMS'), `# comment\nSHA1 (a b.json) = ${sum('a', 'sha1')}\n`)
  writeFileSync(join(folder, 'a b.json.sha512'), `${sum('a', 'sha512')}\n`)
  expect(await check()).toEqual([
    ['a b.json', 'md5', 'ok'],
    ['a b.json', 'sha1', 'ok'],
    ['a b.json', 'sha512', 'ok'],
  ])
  expect(await check(join(folder, 'a b.json'))).toHaveLength(3)
})

test('a list leads neither out of the evidence nor through links', async () => {
  writeFileSync(join(folder, 'x'), 'x')
  symlinkSync('x', join(folder, 'link'))
  writeFileSync(
    join(folder, 'SHA256SUMS'),
    `${sum('x')}  ../etc/passwd\n${sum('x')}  /etc/passwd\n${sum('x')}  link\n`,
  )
  expect(await check()).toEqual([
    ['../etc/passwd', 'sha256', 'path-traversal'],
    ['../../etc/passwd', 'sha256', 'path-traversal'],
    ['link', 'sha256', 'special-file'],
  ])
})

test('other files are not taken for lists', async () => {
  writeFileSync(join(folder, 'SHA256SUMS'), 'no sums at all\n')
  writeFileSync(join(folder, 'notes.txt'), `${sum('x')}  x\n`)
  expect(await check()).toEqual([])
})
