import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const source = join(root, 'src')

const floors: ReadonlyMap<string, number> = new Map(
  readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
    .matchAll(/^\|\s*(\d+)\s*\|\s*`src\/([\w-]+)\/`\s*\|/gm)
    .map(([, floor, room]) => [String(room), Number(floor)]),
)

/** Packages that only one room may know. */
const rooms: Readonly<Record<string, string>> = {
  '@clickhouse/client': 'engine',
  '@kusto/language-service-next': 'kql',
  commander: 'cli',
  'ffi-rs': 'engine',
  maxmind: 'case',
  yauzl: 'evidence',
}

/** Modules that every room may import. */
const underAll = new Set(['error.ts', 'quantity.ts'])

const entries = readdirSync(source, { recursive: true, withFileTypes: true })
const folders = entries
  .filter((entry) => entry.isDirectory())
  .map((entry) => join(entry.parentPath, entry.name))
const modules = entries
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
  .map((entry) => {
    const path = join(entry.parentPath, entry.name)
    const name = relative(source, path).split(sep).join('/')
    return { path, name, room: name.split('/')[0] ?? '', text: readFileSync(path, 'utf8') }
  })

function importsOf(text: string): readonly string[] {
  const statements = text.matchAll(
    /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*'([^']+)'|^\s*import\s*'([^']+)'/gm,
  )
  const calls = text.matchAll(/\bimport\(\s*'([^']+)'/g)
  return [...statements, ...calls].map((match) => match[1] ?? match[2] ?? '')
}

function complaint(room: string, path: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) {
    const [target = ''] = relative(source, resolve(dirname(path), specifier)).split(sep)
    if (underAll.has(target) || target === room) return undefined
    const below = floors.get(target)
    if (below === undefined) return `${specifier} is in no room`
    const here = floors.get(room) ?? -1
    return below < here ? undefined : `${specifier} is on floor ${below}, this is floor ${here}`
  }
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  const owner = rooms[name]
  return owner === undefined || owner === room ? undefined : `${name} belongs to src/${owner}`
}

describe('the house', () => {
  test('has a floor in ARCHITECTURE.md for each room', () => {
    const found = readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(found.map((entry) => entry.name).filter((name) => !floors.has(name))).toEqual([])
    expect(modules.filter((module) => !underAll.has(module.name) && !floors.has(module.room))).toEqual([])
  })

  test('imports only downwards', () => {
    const complaints = modules.flatMap(({ path, name, room, text }) =>
      importsOf(text)
        .flatMap((specifier) => complaint(room, path, specifier) ?? [])
        .map((found) => `${name}: ${found}`),
    )
    expect(complaints).toEqual([])
  })

  test.each(['tables', 'kql', 'sql'])('%s does no input or output', (room) => {
    // It starts its own program, from the picture that lies beside it, and reads nothing else.
    const ownProcess = 'kql/compiler-process.ts'
    const reaching = modules.filter(
      (module) =>
        module.room === room &&
        module.name !== ownProcess &&
        importsOf(module.text).some((name) => /^node:(fs|net|http|child_process)/.test(name)),
    )
    expect(reaching.map((module) => module.name)).toEqual([])
  })

  test('names the databases of a case by what they hold, since a server elsewhere calls them otherwise', () => {
    const naming = modules.filter((module) =>
      /\b(?:FROM|INTO|JOIN|TABLE|VIEW|EXISTS) (?:logs|ledger|reference)\.(?:[A-Z]|\$\{)/.test(module.text),
    )
    expect(naming.map((module) => module.name)).toEqual([])
  })

  test('has no barrels and no default exports', () => {
    expect(
      modules.filter((module) => /(^|\/)index\.ts$/.test(module.name)).map((module) => module.name),
    ).toEqual([])
    expect(
      modules.filter((module) => /^export default\b/m.test(module.text)).map((module) => module.name),
    ).toEqual([])
    expect(modules.filter((module) => /^export \* /m.test(module.text)).map((module) => module.name)).toEqual(
      [],
    )
  })

  test('says at the top of a file of more than 400 lines why it is long', () => {
    const silent = modules.filter(
      (module) => module.text.split('\n').length > 400 && !/^\/[/*]/.test(module.text),
    )
    expect(silent.map((module) => module.name)).toEqual([])
  })

  test('has a README of at most 60 lines in every folder', () => {
    const lengths = folders.map((folder) => {
      const path = join(folder, 'README.md')
      return {
        folder: relative(root, folder),
        lines: existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n').length : 0,
      }
    })
    expect(lengths.filter(({ lines }) => lines === 0 || lines > 60)).toEqual([])
  })
})
