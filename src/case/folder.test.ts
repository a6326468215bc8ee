import { mkdir, mkdtemp, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Surroundings } from './data-directory.ts'
import { dataDirectory } from './data-directory.ts'
import { chooseCase, rememberCase } from './folder.ts'

let root: string
let surroundings: Surroundings
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'folder-')))
  surroundings = {
    environment: {},
    directory: join(root, 'work'),
    home: join(root, 'home'),
    platform: 'linux',
  }
  for (const path of ['work/evidence/2026', 'other/evidence'])
    await mkdir(join(root, path), { recursive: true })
})
afterEach(async () => {
  await rm(root, { recursive: true })
})

describe('the data directory', () => {
  test('follows XDG_DATA_HOME, the platform and the home directory', () => {
    expect(dataDirectory(surroundings)).toBe(join(root, 'home/.local/share/azimuth'))
    expect(dataDirectory({ ...surroundings, platform: 'darwin' })).toBe(
      join(root, 'home/Library/Application Support/azimuth'),
    )
    expect(dataDirectory({ ...surroundings, environment: { XDG_DATA_HOME: '/data' } })).toBe('/data/azimuth')
    expect(dataDirectory({ ...surroundings, environment: { XDG_DATA_HOME: 'relative' } })).toBe(
      join(root, 'home/.local/share/azimuth'),
    )
  })
})

describe('choosing a case', () => {
  test('takes a name in the data directory, or a path where there is a separator', async () => {
    const named = await chooseCase({ named: 'acme', create: true }, surroundings)
    expect(named).toMatchObject({
      chosenBy: 'option',
      folder: { isNew: true, name: 'acme', path: join(root, 'home/.local/share/azimuth/cases/acme') },
    })
    expect((await stat(named.folder.path)).mode & 0o777).toBe(0o700)
    const again = await chooseCase({ named: 'acme', create: false }, surroundings)
    expect(again.folder).toEqual({ ...named.folder, isNew: false })
    const explicit = await chooseCase({ named: './here', create: true }, surroundings)
    expect(explicit.folder.path).toBe(join(root, 'work/here'))
  })

  test('takes AZIMUTH_CASE, unless --case is given', async () => {
    const placed = { ...surroundings, environment: { AZIMUTH_CASE: './there' } }
    expect(await chooseCase({ create: true }, placed)).toMatchObject({
      chosenBy: 'environment',
      folder: { path: join(root, 'work/there') },
    })
    expect(await chooseCase({ named: 'x', create: true }, placed)).toMatchObject({
      chosenBy: 'option',
      folder: { name: 'x' },
    })
  })

  test('names a case after the evidence, another for evidence of the same name elsewhere', async () => {
    const first = await chooseCase({ evidence: ['evidence'], create: true }, surroundings)
    expect(first).toMatchObject({ chosenBy: 'evidence', folder: { name: 'evidence' } })
    const again = await chooseCase({ evidence: [join(root, 'work/evidence')], create: true }, surroundings)
    expect(again.folder.path).toBe(first.folder.path)
    const other = await chooseCase({ evidence: ['../other/evidence'], create: true }, surroundings)
    expect(other.folder.name).toBe('evidence-2')
  })

  test('names a case after an archive without its endings', async () => {
    await writeFile(join(root, 'work/Müller & co (1).tar.gz'), '')
    const { folder } = await chooseCase({ evidence: ['Müller & co (1).tar.gz'], create: true }, surroundings)
    expect(folder.name).toBe('Müller-co-1')
  })

  test('takes the last case used, and says when there is none or it is gone', async () => {
    await expect(chooseCase({ create: false }, surroundings)).rejects.toMatchObject({ code: 'case-none' })
    const { folder } = await chooseCase({ named: 'acme', create: true }, surroundings)
    await rememberCase(folder, surroundings)
    expect(await chooseCase({ create: false }, surroundings)).toMatchObject({
      chosenBy: 'last',
      folder: { name: 'acme' },
    })
    await rm(folder.path, { recursive: true })
    await expect(chooseCase({ create: false }, surroundings)).rejects.toMatchObject({
      code: 'case-none',
      message: expect.stringMatching(/is gone/),
    })
  })

  test('refuses a case that does not exist, naming those that do', async () => {
    await chooseCase({ named: 'acme', create: true }, surroundings)
    await expect(chooseCase({ named: 'acne', create: false }, surroundings)).rejects.toMatchObject({
      code: 'case-unknown',
      hint: expect.stringMatching(/acme/),
    })
  })

  test.each(['..', '.', '.hidden', '-x', 'a\nb', '', 'x'.repeat(200)])(
    'refuses the name %j',
    async (named) => {
      await expect(chooseCase({ named, create: true }, surroundings)).rejects.toMatchObject({
        code: 'case-name-invalid',
      })
    },
  )

  test('refuses a case inside or around the evidence, also through a link', async () => {
    const refused = { code: 'case-overlaps-evidence' }
    const evidence = ['evidence']
    await symlink(join(root, 'work/evidence'), join(root, 'work/link'))
    for (const named of ['./evidence', './evidence/case', './link/new/case', './']) {
      await expect(chooseCase({ named, evidence, create: true }, surroundings)).rejects.toMatchObject(refused)
    }
    await expect(
      chooseCase({ named: './evidence-case', evidence, create: true }, surroundings),
    ).resolves.toBeDefined()
    await mkdir(join(root, 'home'), { recursive: true })
    await expect(chooseCase({ evidence: ['../home'], create: true }, surroundings)).rejects.toMatchObject(
      refused,
    )
  })

  test('refuses a folder that holds something else', async () => {
    await writeFile(join(root, 'work/evidence/a.json'), '{}')
    await expect(chooseCase({ named: './evidence', create: true }, surroundings)).rejects.toMatchObject({
      code: 'case-folder-not-empty',
    })
  })

  test.each([
    ['{"schema":99}', 'case-too-new'],
    ['{"schema":0}', 'case-too-old'],
    ['{"schema":1}', 'case-file-unreadable'],
    ['{', 'case-file-unreadable'],
  ])('refuses a case.json of %s', async (text, code) => {
    await mkdir(join(root, 'work/odd'))
    await writeFile(join(root, 'work/odd/case.json'), text)
    await expect(chooseCase({ named: './odd', create: true }, surroundings)).rejects.toMatchObject({ code })
  })

  test('gives one case to two commands that make it at once', async () => {
    const made = await Promise.all(
      ['a', 'b', 'c'].map(() => chooseCase({ named: 'acme', create: true }, surroundings)),
    )
    expect(new Set(made.map(({ folder }) => folder.tenantId)).size).toBe(1)
  })
})
