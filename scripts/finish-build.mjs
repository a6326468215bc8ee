// After tsc: removes compiled files whose source is gone, copies what tsc does not (assets), makes the command runnable,
// takes the picture of the loaded parser, and keeps what Node compiles for a first ingest and a first query.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..')
const source = join(root, 'src')
const target = join(root, 'dist')

for (const name of readdirSync(target, { recursive: true })) {
  const compiledFrom = name.replace(/\.js(\.map)?$/, '.ts')
  if (/\.js(\.map)?$/.test(name) && !existsSync(join(source, compiledFrom))) rmSync(join(target, name))
}

for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || /\.(ts|md)$/.test(entry.name)) continue
  const from = join(entry.parentPath, entry.name)
  const to = join(target, from.slice(source.length))
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(from, to)
}

const command = join(target, 'cli', 'azimuth.js')
const text = readFileSync(command, 'utf8')
if (!text.startsWith('#!')) writeFileSync(command, `#!/usr/bin/env node\n${text}`)
chmodSync(command, 0o755)

const { snapshotName } = await import('../dist/kql/compiler-process.js')
const snapshot = join(target, 'kql', snapshotName)
const made = spawnSync(
  process.execPath,
  ['--snapshot-blob', snapshot, '--build-snapshot', join(import.meta.dirname, 'parser-snapshot.cjs')],
  { encoding: 'utf8' },
)
// Without it the parser is loaded anew each time, which takes a second longer.
if (made.status !== 0) process.stderr.write(`no picture of the parser: ${made.stderr}\n`)

const compiled = join(target, 'compiled')
const folder = mkdtempSync(join(tmpdir(), 'azimuth-build-'))
rmSync(compiled, { recursive: true, force: true })
mkdirSync(compiled)
writeFileSync(
  join(folder, 'log.json'),
  '{"time":"2025-01-01T00:00:00Z","category":"StorageRead","operationName":"GetBlob"}',
)
for (const words of [
  ['ingest', join(folder, 'log.json')],
  ['query', 'StorageBlobLogs | count'],
]) {
  // Where there is no engine for this machine, each command compiles what it needs.
  spawnSync(process.execPath, [command, ...words, '--case', join(folder, 'case')], {
    env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, NODE_COMPILE_CACHE: compiled },
    timeout: 60_000,
  })
}
rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 })
