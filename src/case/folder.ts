import { randomUUID } from 'node:crypto'
import { mkdir, readFile, readdir, rename, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { AzimuthError } from '../error.ts'
import { createCaseFolder, isMissing, readCaseFolder, type CaseFolder } from './case-file.ts'
import { dataDirectory, type Surroundings } from './data-directory.ts'
import { keptAddress, newAddress, type EngineWish } from './engine-address.ts'
import { refuseOverlap, settledPath } from './overlap.ts'

/** How the case was chosen, so that a command can say it. */
export type CaseChoice = {
  readonly folder: CaseFolder
  readonly chosenBy: 'option' | 'environment' | 'evidence' | 'last'
}

export type CaseRequest = {
  /** The value of `--case`: a name, or a path where it contains a separator. */
  readonly named?: string | undefined
  /** The evidence that is about to be ingested; it names a case where nothing else does. */
  readonly evidence?: readonly string[]
  /** Whether a case that was named but does not exist is made. */
  readonly create: boolean
  /** What is said of the servers that hold its rows. */
  readonly engine?: EngineWish
}

/** Finds or makes the case folder that a command works on, by `--case`, `AZIMUTH_CASE`, the evidence, or the last used. */
export async function chooseCase(request: CaseRequest, surroundings: Surroundings): Promise<CaseChoice> {
  const { folder, chosenBy } = await findCase(request, surroundings)
  if (folder.isNew || request.engine === undefined) return { folder, chosenBy }
  const engine = keptAddress(folder.engine, request.engine)
  return { folder: { ...folder, ...(engine && { engine }) }, chosenBy }
}

async function findCase(request: CaseRequest, surroundings: Surroundings): Promise<CaseChoice> {
  const evidence = (request.evidence ?? []).map((path) => resolve(surroundings.directory, path))
  const variable = surroundings.environment['AZIMUTH_CASE'] || undefined
  const named = request.named ?? variable
  const first = evidence[0]
  if (named !== undefined) {
    const folder = await namedCase(named, request, evidence, surroundings)
    return { folder, chosenBy: request.named === undefined ? 'environment' : 'option' }
  }
  if (first !== undefined)
    return {
      folder: await caseAfterEvidence(first, evidence, surroundings, request.engine ?? {}),
      chosenBy: 'evidence',
    }
  return { folder: await lastCase(surroundings), chosenBy: 'last' }
}

/** Notes the case as the one that commands take where none is named. */
export async function rememberCase(folder: CaseFolder, surroundings: Surroundings): Promise<void> {
  const file = lastCaseFile(surroundings)
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, `${folder.path}\n`, { mode: 0o600 })
  await rename(draft, file)
}

/** The names of the cases in the user's data directory. */
export async function listCases(surroundings: Surroundings): Promise<readonly string[]> {
  try {
    const entries = await readdir(casesDirectory(surroundings), { withFileTypes: true })
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .toSorted()
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

async function namedCase(
  named: string,
  { create, engine = {} }: CaseRequest,
  evidence: readonly string[],
  surroundings: Surroundings,
): Promise<CaseFolder> {
  const path = /[/\\]/.test(named)
    ? resolve(surroundings.directory, named)
    : join(casesDirectory(surroundings), validName(named))
  await refuseOverlap(path, evidence)
  const existing = await readCaseFolder(path)
  if (existing !== undefined) return existing
  if (create) return await createCaseFolder(path, { engine: newAddress(engine) })
  const known = await listCases(surroundings)
  throw new AzimuthError('case-unknown', `there is no case ${named} (${path})`, {
    hint: known.length > 0 ? `cases here: ${known.join(', ')}` : 'make one: azimuth triage PATH…',
  })
}

/** Names a case after the evidence; evidence of the same name from elsewhere gets a case of its own (`logs-2`). */
async function caseAfterEvidence(
  first: string,
  evidence: readonly string[],
  surroundings: Surroundings,
  engine: EngineWish,
): Promise<CaseFolder> {
  const namedAfter = await settledPath(first)
  const base = await nameAfter(namedAfter)
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`
    const path = join(casesDirectory(surroundings), name)
    await refuseOverlap(path, evidence)
    const existing = await readCaseFolder(path)
    if (existing === undefined)
      return await createCaseFolder(path, { name, namedAfter, engine: newAddress(engine) })
    if (existing.namedAfter === namedAfter) return existing
  }
}

async function nameAfter(path: string): Promise<string> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => true,
  )
  const stem = isFolder
    ? basename(path)
    : basename(path).replace(/(\.(json|csv|log|tar|tgz|gz|zst|zip|avro|txt))+$/i, '')
  const words = stem
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .slice(0, 80)
  return words.replace(/[^\p{L}\p{N}]+$/u, '') || 'case'
}

async function lastCase(surroundings: Surroundings): Promise<CaseFolder> {
  const path = await readFile(lastCaseFile(surroundings), 'utf8').then(
    (text) => text.trim(),
    (error: unknown) => {
      if (isMissing(error)) return ''
      throw error
    },
  )
  const folder = path === '' ? undefined : await readCaseFolder(path)
  if (folder !== undefined) return folder
  throw new AzimuthError(
    'case-none',
    path === '' ? 'there is no case yet' : `the last case used, ${path}, is gone`,
    {
      hint: 'take logs in with azimuth triage PATH…, or name a case with --case',
    },
  )
}

function validName(name: string): string {
  if (/^[\p{L}\p{N}](?:[\p{L}\p{N} ._-]{0,98}[\p{L}\p{N}_-])?$/u.test(name)) return name
  throw new AzimuthError('case-name-invalid', `${JSON.stringify(name)} cannot be the name of a case`, {
    hint: 'use letters, digits, space, dot, dash and underscore; a path needs a separator: --case ./DIR',
  })
}

function casesDirectory(surroundings: Surroundings): string {
  return join(dataDirectory(surroundings), 'cases')
}

function lastCaseFile(surroundings: Surroundings): string {
  return join(dataDirectory(surroundings), 'last-case')
}
