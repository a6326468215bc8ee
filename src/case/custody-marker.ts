import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { isMissing } from './case-file.ts'
import { isRunning } from './process-state.ts'

/** What a command leaves in the case while it runs, so that one that is killed is entered by the next. */
export type CustodyMarker = {
  /** Of the run of one command; its entry carries it too. */
  readonly run: string
  readonly pid: number
  readonly host: string
  readonly user: string
  readonly started: string
  readonly command: string
  readonly arguments: readonly string[]
  readonly versions: Readonly<Record<string, string>>
}

export async function writeMarker(folder: string, marker: CustodyMarker): Promise<void> {
  await mkdir(markerDirectory(folder), { recursive: true, mode: 0o700 })
  await writeFile(join(markerDirectory(folder), `${marker.run}.json`), JSON.stringify(marker), {
    mode: 0o600,
  })
}

export async function removeMarker(folder: string, run: string): Promise<void> {
  await rm(join(markerDirectory(folder), `${run}.json`), { force: true })
}

/** The markers of commands on this machine that are gone without an entry, the oldest first. */
export async function abandonedMarkers(folder: string): Promise<readonly CustodyMarker[]> {
  const names = await readdir(markerDirectory(folder)).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  const found = await Promise.all(
    names.map(async (name) => await readMarker(join(markerDirectory(folder), name))),
  )
  return found
    .filter((marker) => marker !== undefined)
    .filter((marker) => marker.host === hostname() && !isRunning(marker.pid))
    .toSorted((a, b) => (a.started < b.started ? -1 : 1))
}

async function readMarker(path: string): Promise<CustodyMarker | undefined> {
  try {
    // Written by `writeMarker`; one that was torn by a kill does not parse, and its command had not begun.
    return JSON.parse(await readFile(path, 'utf8')) as CustodyMarker
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return undefined
    throw error
  }
}

function markerDirectory(folder: string): string {
  return join(folder, 'custody.open')
}
