import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readExternalFile } from './external-file.ts'

let root: string
let folder: string

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'azimuth-external-'))
  folder = join(root, 'files')
  const host = join(folder, 'lists.example')
  mkdirSync(join(host, 'a b'), { recursive: true })
  writeFileSync(join(root, 'secret.csv'), 'secret\n')
  writeFileSync(join(folder, 'top.csv'), 'top\n')
  writeFileSync(join(host, 'a b', 'list.csv'), '\uFEFF1,né\n')
  writeFileSync(join(host, 'list.csv.gz'), gzipSync('1,2\n'))
  writeFileSync(join(host, 'cut.gz'), gzipSync('1,2\n'.repeat(9)).subarray(0, 20))
  writeFileSync(join(host, 'bomb.gz'), gzipSync(Buffer.alloc(20_000)))
  writeFileSync(join(host, 'large.csv'), 'x'.repeat(2000))
  writeFileSync(join(host, 'latin.csv'), Buffer.from([0xe9, 0x0a]))
  writeFileSync(join(host, 'pack.zip'), 'PK\u0003\u0004…')
  symlinkSync(join(root, 'secret.csv'), join(host, 'link.csv'))
  symlinkSync(root, join(host, 'up'))
  symlinkSync('list.csv.gz', join(host, 'inside.csv'))
  execFileSync('mkfifo', [join(host, 'pipe.csv')])
})
afterAll(() => rmSync(root, { recursive: true }))

const limits = { packedBytes: 1000, unpackedBytes: 10_000 }
const read = async (address: string) => await readExternalFile(folder, address, limits)

describe('a file that stands for an address', () => {
  test.each([
    ['https://lists.example/a%20b/list.csv', '1,né\n'],
    ['http://Lists.Example:8080/a%20b/./list.csv?sig=x#y', '1,né\n'],
    ['https://lists.example/a%20b/list.csv;secret', '1,né\n'],
    ['https://lists.example/list.csv.gz', '1,2\n'],
    ['https://lists.example/inside.csv', '1,2\n'],
  ])('%s is read', async (address, text) => {
    expect(await read(address)).toMatchObject({ text })
  })

  test.each([
    ['https://lists.example/link.csv', 'missing-file', /is a link out of/],
    ['https://lists.example/up/secret.csv', 'missing-file', /is a link out of/],
    [
      'https://lists.example/../../secret.csv',
      'missing-file',
      /there is no file .*lists\.example.secret\.csv$/,
    ],
    ['https://lists.example/%2e%2e/%2e%2e/secret.csv', 'missing-file', /lists\.example.secret\.csv$/],
    ['https://lists.example/..%2ftop.csv', 'missing-file', /no http address/],
    ['https://lists.example/x%00.csv', 'missing-file', /no http address/],
    ['https://lists.example/%ff', 'missing-file', /no http address/],
    ['https://../top.csv', 'missing-file', /no http address/],
    ['https://lists.example/', 'missing-file', /no http address/],
    ['file:///etc/passwd', 'missing-file', /no http address/],
    ['top.csv', 'missing-file', /no http address/],
    ['https://lists.example/a%20b', 'missing-file', /is not a file/],
    ['https://lists.example/pipe.csv', 'missing-file', /is not a file/],
    ['https://lists.example/gone.csv', 'missing-file', /there is no file .*gone\.csv$/],
    ['https://lists.example/gone.csv/x', 'missing-file', /there is no file/],
    ['https://lists.example/large.csv', 'bad-argument', /is larger than/],
    ['https://lists.example/bomb.gz', 'bad-argument', /is larger than/],
    ['https://lists.example/cut.gz', 'bad-argument', /cannot be unpacked/],
    ['https://lists.example/latin.csv', 'bad-argument', /UTF-8/],
    ['https://lists.example/pack.zip', 'bad-argument', /zip archive/],
  ])('%s is not', async (address, code, message) => {
    expect(await read(address)).toMatchObject({ code, message: expect.stringMatching(message) })
  })
})
