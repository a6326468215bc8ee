// Completes package-lock.json for platforms other than the one it was made on.
//
// npm leaves optional native packages out of the lock when it cannot see them, and `npm ci` then stops with
// "Missing: … from lock file". Each missing one gets an entry with its version, os, cpu and libc, read from its name
// and without an address; npm finds it in whatever registry the machine uses.
//
//   node scripts/complete-lock.mjs            writes package-lock.json
//   node scripts/complete-lock.mjs --check    names what is missing and exits 1
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const path = join(import.meta.dirname, '..', 'package-lock.json')
const lock = JSON.parse(readFileSync(path, 'utf8'))
const systems = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
]
const processors = [
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
]

/** Where npm would find `name` for the package at `from`: its own node_modules, else one further out. */
function locate(from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    const candidate = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`
    if (lock.packages[candidate] !== undefined) return candidate
    if (folder === '') return undefined
  }
}

function platformOf(name) {
  const words = name.split(/[/-]/)
  const os = systems.find((system) => words.includes(system))
  const cpu = processors.find((processor) => words.includes(processor))
  const libc = words.some((word) => word.startsWith('musl'))
    ? 'musl'
    : words.some((word) => word.startsWith('gnu'))
      ? 'glibc'
      : undefined
  if (os === undefined || cpu === undefined) return undefined
  return { os: [os], cpu: [cpu], ...(libc !== undefined && os === 'linux' && { libc: [libc] }) }
}

const missing = []
for (const [from, entry] of Object.entries(lock.packages)) {
  const optionalPeers = Object.entries(entry.peerDependenciesMeta ?? {}).filter(([, meta]) => meta.optional)
  const ignored = new Set(optionalPeers.map(([name]) => name))
  const wanted = {
    ...entry.peerDependencies,
    ...entry.dependencies,
    ...entry.devDependencies,
    ...entry.optionalDependencies,
  }
  for (const [name, version] of Object.entries(wanted)) {
    if (ignored.has(name) || locate(from, name) !== undefined) continue
    missing.push({
      from: from === '' ? 'azimuth' : from,
      name,
      version,
      dev: entry.dev === true,
      optional: name in (entry.optionalDependencies ?? {}),
    })
  }
}

if (process.argv.includes('--check')) {
  for (const { from, name, version } of missing)
    console.error(`missing from package-lock.json: ${name}@${version}, needed by ${from}`)
  process.exit(missing.length === 0 ? 0 : 1)
}

for (const { from, name, version, dev, optional } of missing) {
  const platform = platformOf(name)
  if (!optional || platform === undefined || !/^\d+\.\d+\.\d+[\w.-]*$/.test(version)) {
    throw new Error(
      `cannot complete ${name}@${version}, needed by ${from}: run npm install on a machine that has it`,
    )
  }
  lock.packages[`node_modules/${name}`] = { version, ...platform, ...(dev && { dev }), optional }
}
const [root, ...others] = Object.entries(lock.packages)
lock.packages = Object.fromEntries([root, ...others.toSorted(([a], [b]) => (a < b ? -1 : 1))])
for (const entry of Object.values(lock.packages)) delete entry.resolved
writeFileSync(path, `${JSON.stringify(lock, undefined, 2)}\n`)
console.log(`package-lock.json: ${missing.length} entries added`)
