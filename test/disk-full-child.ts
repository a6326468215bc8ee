import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { faultsOf, fingerprint, makeCaseFolder, openWholeCase, unfinishedBatches } from './whole-case.ts'

// `disk-full-child.ts FOLDER EVIDENCE MEGABYTES…`, where mounting is allowed: takes the evidence in on a disk of each size,
// then again after the disk has grown, and prints a line of JSON for each.

const [folder = '', evidence = '', ...sizes] = process.argv.slice(2)
const command = join(import.meta.dirname, '..', 'src', 'cli', 'azimuth.ts')

for (const size of sizes) {
  const disk = join(folder, `disk of ${size}`)
  mkdirSync(disk)
  mount('-t', 'tmpfs', '-o', `size=${Math.round(Number(size) * 1024)}k`, 'tmpfs', disk)
  const caseFolder = await makeCaseFolder(join(disk, 'case'))
  const { status, stderr } = spawnSync(
    process.execPath,
    [command, 'ingest', evidence, '--case', caseFolder.path],
    { encoding: 'utf8', env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder } },
  )
  mount('-o', 'remount,size=1g', disk)
  await using whole = await openWholeCase(caseFolder)
  await whole.case.ingest([evidence])
  const after = {
    prints: await fingerprint(whole),
    faults: await faultsOf(whole),
    unfinished: await unfinishedBatches(whole),
  }
  console.log(JSON.stringify({ size, status, stderr, ...after }))
}

function mount(...words: readonly string[]): void {
  const { status, stderr } = spawnSync('mount', words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}
