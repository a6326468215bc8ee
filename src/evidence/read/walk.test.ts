import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildCapture, buildTar, buildZip, paxField } from '../../../test/archive-builder.ts'
import { collect } from './bytes.ts'
import type { ReadLimits } from './limits.ts'
import { readSpan } from './member.ts'
import type { Member, Skipped } from './member.ts'
import { toProblem } from './problem.ts'
import { hasChanged } from './stamp.ts'
import { walkEvidence } from './walk.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'azimuth-walk-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(name: string, content: string | Buffer): void {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
}

async function walk(limits: Partial<ReadLimits> = {}): Promise<readonly (Member | Skipped)[]> {
  return Array.fromAsync(walkEvidence([folder], { limits }))
}

async function contents(limits: Partial<ReadLimits> = {}): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {}
  for (const entry of await walk(limits))
    found[entry.path.slice(folder.length + 1)] =
      entry.kind === 'member' ? (await collect(entry.open(), 2 ** 24)).toString() : entry.problem.code
  return found
}

async function whatGoesWrong(entry: Member | Skipped | undefined): Promise<string> {
  if (!entry) return 'nothing there'
  if (entry.kind === 'skipped') return entry.problem.code
  try {
    for await (const _ of entry.open());
    return 'nothing'
  } catch (error) {
    return toProblem(error).code
  }
}

describe('folders', () => {
  test('are walked in the order of their names, with the paths as they were given', async () => {
    write('b.json', 'b')
    write('a/y=2025/PT1H.json', 'a')
    expect(await contents()).toEqual({ 'a/y=2025/PT1H.json': 'a', 'b.json': 'b' })
    const [first] = await walk()
    expect(first).toMatchObject({
      kind: 'member',
      container: [],
      plainFile: join(folder, 'a/y=2025/PT1H.json'),
      sizeBytes: 1,
    })
  })

  test('may hold names that are not text', async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/x`), Buffer.from([0xff, 0xfe])]), 'odd')
    write('new\nline.json', 'line')
    expect(await contents()).toEqual({ 'new\nline.json': 'line', 'x\\xff\\xfe': 'odd' })
    expect((await walk()).map((entry) => entry.kind === 'member' && 'plainFile' in entry)).toEqual([
      true,
      false,
    ])
  })

  test('have links that are named, not followed', async () => {
    write('real.json', 'real')
    symlinkSync('real.json', join(folder, 'inside'))
    symlinkSync('/etc/hostname', join(folder, 'outside'))
    symlinkSync('..', join(folder, 'up'))
    symlinkSync('nowhere', join(folder, 'broken'))
    expect(await contents()).toEqual({
      broken: 'link',
      inside: 'link',
      outside: 'link',
      'real.json': 'real',
      up: 'link',
    })
  })

  test('that are links are followed when the user names them', async () => {
    write('real/x.json', 'x')
    symlinkSync('real', join(folder, 'link'))
    const entries = await Array.fromAsync(walkEvidence([join(folder, 'link')]))
    expect(entries.map((entry) => [entry.kind, entry.path])).toEqual([
      ['member', join(folder, 'link', 'x.json')],
    ])
  })

  test('report pipes and what may not be read', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')])
    expect(await contents()).toEqual({ pipe: 'special-file' })
  })

  test('that are nested too deep are left out and named', async () => {
    write('a/b/c/x.json', 'x')
    expect(await contents({ maxFolderDepth: 3 })).toEqual({ 'a/b/c': 'nested-too-deep' })
  })

  test('that do not exist are an error', async () => {
    await expect(Array.fromAsync(walkEvidence([join(folder, 'none')]))).rejects.toThrow('cannot be opened')
  })

  test.skipIf(process.getuid?.() === 0)('report what the user may not read', async () => {
    write('secret.json', 'x')
    chmodSync(join(folder, 'secret.json'), 0)
    expect(await contents()).toEqual({ 'secret.json': 'unreadable' })
  })

  test('stop when they are told to', async () => {
    write('x.json', 'x')
    const entries = walkEvidence([folder], { signal: AbortSignal.abort() })
    await expect(Array.fromAsync(entries)).rejects.toThrow('aborted')
  })
})

describe('files', () => {
  test('are not read when another takes their place', async () => {
    write('x.json', 'first')
    const [member] = await walk()
    rmSync(join(folder, 'x.json'))
    symlinkSync('/etc/hostname', join(folder, 'x.json'))
    expect(await whatGoesWrong(member)).toBe('changed')
  })

  test('whose beginning was looked at are read as they were then, once, and have the stamp of then', async () => {
    write('x.json', 'first '.repeat(200))
    const [member] = await walk()
    if (member?.kind !== 'member') throw new Error('it is not there')
    const stamp = member.stamp ?? ''
    expect(hasChanged(join(folder, 'x.json'), stamp)).toBe(false)
    write('y.json', 'other '.repeat(200))
    renameSync(join(folder, 'y.json'), join(folder, 'x.json'))
    expect(hasChanged(join(folder, 'x.json'), stamp)).toBe(true)
    expect((await collect(member.open(), 10_000)).toString()).toBe('first '.repeat(200))
    expect(await whatGoesWrong(member)).toBe('changed')
  })

  test('are read up to the length that they had', async () => {
    write('x.json', 'first')
    const [member] = await walk()
    write('x.json', 'first and more')
    expect(member?.kind === 'member' && (await collect(member.open(), 100)).toString()).toBe('first')
  })

  test('give any span of their bytes', async () => {
    const bytes = randomBytes(3 * 2 ** 20)
    write('x', bytes)
    write('x.gz', gzipSync(bytes))
    write('x.zip', buildZip([{ name: 'x', content: bytes }]))
    for (const entry of await walk()) {
      if (entry.kind !== 'member') throw new Error(entry.path)
      expect(
        (await readSpan(entry, 2 ** 20 - 5, 2 ** 20 + 10)).equals(bytes.subarray(2 ** 20 - 5, 2 ** 21 + 5)),
      ).toBe(true)
    }
  })
})

/** Snappy that copies nothing, and the checksum that Avro puts behind it. */
function literalSnappy(block: Buffer): Buffer {
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(block))
  const length = [(block.length & 0x7f) | 0x80, block.length >> 7]
  return Buffer.concat([
    Buffer.from([...length, 61 << 2, (block.length - 1) & 0xff, (block.length - 1) >> 8]),
    block,
    sum,
  ])
}

describe('archives', () => {
  const files = [
    { name: 'a.json', content: 'first' },
    { name: 'deep/b.json', content: 'second'.repeat(1000) },
  ]

  test('are opened whatever their names, and each level has its hash', async () => {
    write('x.json', gzipSync('gz'))
    write('x.zst', zstdCompressSync(Buffer.from('zst')))
    write('x.bin', buildZip(files))
    write('x.tar', buildTar(files))
    write('y.tgz', gzipSync(buildTar(files)))
    write(
      'z.zip',
      buildZip([
        { name: 'in.zip', content: buildZip(files) },
        { name: 'in.gz', content: gzipSync('deep') },
      ]),
    )
    const b = 'second'.repeat(1000)
    expect(await contents()).toEqual({
      'x.bin!a.json': 'first',
      'x.bin!deep/b.json': b,
      'x.json': 'gz',
      'x.tar!a.json': 'first',
      'x.tar!deep/b.json': b,
      'x.zst': 'zst',
      'y.tgz!a.json': 'first',
      'y.tgz!deep/b.json': b,
      'z.zip!in.gz': 'deep',
      'z.zip!in.zip!a.json': 'first',
      'z.zip!in.zip!deep/b.json': b,
    })
    const nested = (await walk()).find((entry) => entry.path.endsWith('y.tgz!a.json'))
    expect(nested).toMatchObject({
      container: ['gz', 'tar'],
      archives: [{ container: 'gz' }, { container: 'tar' }],
      sizeBytes: 5,
    })
    expect(
      nested?.kind === 'member' && nested.archives.every((archive) => /^[\da-f]{64}$/u.test(archive.sha256)),
    ).toBe(true)
  })

  test('of several compressed parts are read to the end', async () => {
    write('x.gz', Buffer.concat([gzipSync('one '), gzipSync('two')]))
    write(
      'x.zst',
      Buffer.concat([zstdCompressSync(Buffer.from('one ')), zstdCompressSync(Buffer.from('two'))]),
    )
    expect(await contents()).toEqual({ 'x.gz': 'one two', 'x.zst': 'one two' })
  })

  test('of tar may have long names, prefixes and pax fields', async () => {
    const long = `${'folder/'.repeat(30)}x.json`
    const members = [
      { name: '././@LongLink', type: 'L', content: `${long}\0` },
      { name: 'cut', content: 'gnu' },
      { name: 'pax', type: 'x', content: paxField('path', `pax/${long}`) },
      { name: 'cut', content: 'pax' },
      { name: 'x.json', prefix: './prefix', content: 'ustar' },
      { name: 'empty/', type: '5' },
    ]
    write('x.tar', buildTar(members))
    expect(await contents()).toEqual({
      [`x.tar!${long}`]: 'gnu',
      [`x.tar!pax/${long}`]: 'pax',
      'x.tar!prefix/x.json': 'ustar',
    })
  })

  test('made by tar and zip themselves are read', async () => {
    write('in/PT1H.json', '{"time":1}')
    execFileSync('tar', ['--posix', '-czf', 'p.tar.gz', 'in'], { cwd: folder })
    execFileSync('tar', ['--format=gnu', '-cf', 'g.tar', 'in'], { cwd: folder })
    rmSync(join(folder, 'in'), { recursive: true })
    expect(await contents()).toEqual({
      'g.tar!in/PT1H.json': '{"time":1}',
      'p.tar.gz!in/PT1H.json': '{"time":1}',
    })
  })

  test('of tar are read on where several are strung together, and must have an end', async () => {
    write(
      'two.tar',
      Buffer.concat([buildTar([{ name: 'a', content: 'x' }]), buildTar([{ name: 'b', content: 'y' }])]),
    )
    write('cut.tar', buildTar([{ name: 'a', content: 'x' }], { end: false }))
    expect(await contents()).toEqual({
      'cut.tar': 'truncated',
      'cut.tar!a': 'x',
      'two.tar!a': 'x',
      'two.tar!b': 'y',
    })
  })

  test('of Event Hubs Capture hold the bodies of their events', async () => {
    const bodies = ['{"records":[{"a":1}]}', null, '{"records":[]}']
    write('null.avro', buildCapture([bodies, ['{"b":2}']]))
    write(
      'deflate.avro',
      buildCapture([bodies], 'deflate', (block) => deflateRawSync(block)),
    )
    write(
      'zstd.avro',
      buildCapture([bodies], 'zstandard', (block) => zstdCompressSync(block)),
    )
    write('snappy.avro', buildCapture([bodies], 'snappy', literalSnappy))
    const lines = '{"records":[{"a":1}]}\n{"records":[]}\n'
    expect(await contents()).toEqual({
      'deflate.avro': lines,
      'null.avro': `${lines}{"b":2}\n`,
      'snappy.avro': lines,
      'zstd.avro': lines,
    })
  })

  test('with two members of one name keep both', async () => {
    write('x.zip', buildZip([files[0], files[0]].flatMap((file) => file ?? [])))
    expect(await contents()).toEqual({ 'x.zip!a.json': 'first', 'x.zip!a.json#2': 'first' })
  })

  test('that are cut off give what they hold, and then the error', async () => {
    const text = Array.from({ length: 20_000 }, (_, index) => `${index}`).join('\n')
    const packed = gzipSync(text)
    write('x.gz', packed.subarray(0, packed.length - 100))
    const [member] = await walk()
    if (member?.kind !== 'member') throw new Error('skipped')
    let read = ''
    const reading = async () => {
      for await (const chunk of member.open()) read += Buffer.from(chunk).toString()
    }
    await expect(reading()).rejects.toThrow('too early')
    expect(text.startsWith(read)).toBe(true)
    expect(read.length).toBeGreaterThan(text.length - 2000)
  })
})

describe('hostile archives', () => {
  test('may not lead out of themselves', async () => {
    const names = [
      '../x',
      'a/../../x',
      '/etc/passwd',
      String.raw`C:\x`,
      String.raw`..\x`,
      String.raw`\\server\x`,
    ]
    write('x.zip', buildZip(names.map((name) => ({ name, content: 'x' }))))
    write('x.tar', buildTar(names.map((name) => ({ name, content: 'x' }))))
    expect(Object.values(await contents())).toEqual(Array.from({ length: 12 }, () => 'path-traversal'))
  })

  test('may not hold links or devices', async () => {
    write('x.zip', buildZip([{ name: 'link', content: '/etc/passwd', mode: 0o120777 }]))
    write(
      'x.tar',
      buildTar([
        { name: 'hard', type: '1' },
        { name: 'soft', type: '2' },
        { name: 'device', type: '3' },
        { name: 'pipe', type: '6' },
      ]),
    )
    expect(await contents()).toEqual({
      'x.tar!device': 'special-file',
      'x.tar!hard': 'link',
      'x.tar!pipe': 'special-file',
      'x.tar!soft': 'link',
      'x.zip!link': 'link',
    })
  })

  const bombLimits = { freeUnpackedBytes: 2 ** 20, maxUnpackRatio: 50 }
  const zeros = Buffer.alloc(64 * 2 ** 20)

  test('may not unpack to far more than their size', async () => {
    write('gz', gzipSync(zeros))
    write('tar.gz', gzipSync(buildTar([{ name: 'x', content: zeros }])))
    write('zip', buildZip([{ name: 'x', content: zeros }]))
    write('zst', zstdCompressSync(zeros))
    const found = await Promise.all((await walk(bombLimits)).map((entry) => whatGoesWrong(entry)))
    expect(found).toEqual(['bomb', 'bomb', 'bomb', 'bomb'])
  })

  test('may not hide their size behind levels', async () => {
    const inner = buildZip([{ name: 'x', content: zeros }])
    write(
      'zip',
      buildZip(
        Array.from({ length: 20 }, (_, index) => ({ name: `${index}.zip`, content: inner, stored: true })),
      ),
    )
    const codes = (await walk({ ...bombLimits, maxUnpackRatio: 300 })).map(
      (entry) => entry.kind === 'skipped' && entry.problem.code,
    )
    expect(codes).toContain('bomb')
  })

  test('may not lie about sizes, checksums or names', async () => {
    const content = 'x'.repeat(100)
    write('more.zip', buildZip([{ name: 'x', content, claims: { sizeBytes: 10 } }]))
    write('less.zip', buildZip([{ name: 'x', content, claims: { sizeBytes: 1000 } }]))
    write('sum.zip', buildZip([{ name: 'x', content, claims: { crc32: 1 } }]))
    write('name.zip', buildZip([{ name: 'x', content, claims: { localName: 'y' } }]))
    write(
      'overlap.zip',
      buildZip(
        [
          { name: 'x', content },
          { name: 'x', content },
        ],
        { overlap: true },
      ),
    )
    const found = await Promise.all(
      (await walk()).map(async (entry) => [entry.path.slice(folder.length + 1), await whatGoesWrong(entry)]),
    )
    expect(Object.fromEntries(found)).toEqual({
      'less.zip!x': 'truncated',
      'more.zip!x': 'bomb',
      'name.zip!x': 'corrupt',
      'overlap.zip': 'bomb',
      'sum.zip!x': 'corrupt',
    })
  })

  test('may not be nested without end, nor have members without end', async () => {
    let nested = gzipSync('x')
    for (let level = 0; level < 9; level += 1) nested = gzipSync(nested)
    write('gz', nested)
    write('tar', buildTar(Array.from({ length: 11 }, (_, index) => ({ name: `${index}`, content: 'x' }))))
    write('zip', buildZip(Array.from({ length: 11 }, (_, index) => ({ name: `${index}`, content: 'x' }))))
    const found = Object.entries(await contents({ maxMembers: 10 }))
    expect(found.filter(([name]) => !name.startsWith('tar!'))).toEqual([
      ['gz', 'nested-too-deep'],
      ['tar', 'too-many-members'],
      ['zip', 'too-many-members'],
    ])
  })

  test('that cannot be opened here are refused with the command that does', async () => {
    write("it's.7z", Buffer.from('377abcaf271c0004', 'hex'))
    write('locked.zip', buildZip([{ name: 'x', content: 'x', encrypted: true }]))
    write('odd.zip', buildZip([{ name: 'x', content: 'x', method: 9 }]))
    write('sheet.xlsx', buildZip([{ name: '[Content_Types].xml', content: '<x/>' }]))
    const found = (await walk()).map(
      (entry) => entry.kind === 'skipped' && [entry.problem.code, entry.problem.hint],
    )
    expect(found).toEqual([
      ['unsupported-container', `Open it with: 7z x $'${folder}/it\\'s.7z' -oevidence`],
      ['encrypted', `Open it with: 7z x '${folder}/locked.zip' -oevidence -p'PASSWORD'`],
      ['unsupported-container', `Open it with: 7z x '${folder}/odd.zip' -oevidence`],
      ['unsupported-container', 'Save the sheet as CSV (UTF-8) and name that file.'],
    ])
  })

  test('that are refused can be hashed all the same', async () => {
    write('x.7z', Buffer.from('377abcaf271c0004', 'hex'))
    write('empty.zip', buildZip([]))
    write('up.tar', buildTar([{ name: '../x', content: 'bytes' }]))
    const found = (await walk()).map(async (entry) =>
      entry.kind === 'skipped' && entry.unopened
        ? (await collect(entry.unopened.open(), 100)).length
        : entry.path,
    )
    expect(await Promise.all(found)).toEqual([22, 5, 8])
  })

  test('that are damaged are refused, whatever the damage', async () => {
    const zip = buildZip([{ name: 'x', content: 'x'.repeat(1000) }])
    const tar = buildTar([
      { name: 'x', content: 'x'.repeat(1000) },
      { name: 'y', content: 'y' },
    ])
    const avro = buildCapture([['{"a":1}', '{"b":2}'], ['{"c":3}']])
    const originals = [zip, tar, avro, gzipSync(tar), zstdCompressSync(zip), buildCapture([['{}']], 'snappy')]
    for (let round = 0; round < 300; round += 1) {
      const bytes = Buffer.from(originals[round % originals.length] ?? zip)
      for (let change = 0; change <= round % 4; change += 1)
        bytes[Math.floor(Math.random() * bytes.length)] = Math.floor(Math.random() * 256)
      write(`${round}`, round % 3 === 0 ? bytes.subarray(0, Math.floor(Math.random() * bytes.length)) : bytes)
    }
    for (const entry of await walk({ freeUnpackedBytes: 2 ** 22 }))
      expect(typeof (await whatGoesWrong(entry))).toBe('string')
  })
})
