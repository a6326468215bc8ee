import { randomUUID } from 'node:crypto'
import { chmod, link, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { AzimuthError } from '../error.ts'
import { databaseForm, readEngineUrl, type EngineAddress } from './engine-address.ts'

/** The version of a case's layout on disk, raised when an older Azimuth could no longer read it. */
export const caseSchema = 1

/** A case folder that exists and may be opened. `tenantId` stands in where an export carries no tenant. */
export type CaseFolder = {
  readonly schema: number
  readonly name: string
  readonly created: string
  readonly tenantId: string
  /** The real path of the evidence that the case was named after. */
  readonly namedAfter?: string
  /** The servers that hold its rows; its own engine where there are none. */
  readonly engine?: EngineAddress
  readonly path: string
  readonly isNew: boolean
}

/** Reads `case.json`; undefined where the folder holds no case. */
export async function readCaseFolder(path: string): Promise<CaseFolder | undefined> {
  const file = join(path, 'case.json')
  let text
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  return { ...parse(text, file, path), path, isNew: false }
}

/** Makes a case folder (mode 0700) with its `case.json`. Refuses a folder that holds something else. */
export async function createCaseFolder(
  path: string,
  options: {
    readonly name?: string
    readonly namedAfter?: string
    readonly engine?: EngineAddress | undefined
    readonly now?: Date
  } = {},
): Promise<CaseFolder> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const others = (await readdir(path)).filter((name) => !name.startsWith('case.json'))
  if (others.length > 0) {
    throw new AzimuthError('case-folder-not-empty', `${path} is not empty and holds no case`, {
      hint: 'name an empty or new folder with --case ./DIR, or a case of your own with --case NAME',
    })
  }
  await chmod(path, 0o700)
  const content = {
    schema: caseSchema,
    name: options.name ?? basename(path),
    created: (options.now ?? new Date()).toISOString(),
    tenantId: randomUUID(),
    ...(options.namedAfter !== undefined && { namedAfter: options.namedAfter }),
    ...(options.engine !== undefined && { engine: options.engine }),
  }
  const draft = join(path, `case.json.${randomUUID()}`)
  await writeFile(draft, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 })
  try {
    await link(draft, join(path, 'case.json'))
  } catch (error) {
    const madeByAnother = await readCaseFolder(path)
    if (madeByAnother === undefined) throw error
    return madeByAnother
  } finally {
    await rm(draft, { force: true })
  }
  return { ...content, path, isNew: true }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

// Checked by hand: every command reads this file before it can do anything else, and zod takes longer to load than that.
function parse(text: string, file: string, path: string): Omit<CaseFolder, 'path' | 'isNew'> {
  const { schema, name, created, tenantId, namedAfter, engine } = parseObject(text, file)
  if (typeof schema !== 'number' || !Number.isInteger(schema)) throw unreadable(file, 'it has no schema')
  if (schema > caseSchema) {
    throw new AzimuthError('case-too-new', `${path} was made by a newer Azimuth (layout ${schema})`, {
      hint: `this one reads layout ${caseSchema}: update Azimuth, or ingest the evidence into a new case`,
    })
  }
  if (schema < caseSchema) {
    throw new AzimuthError('case-too-old', `${path} was made by an older Azimuth (layout ${schema})`, {
      hint: 'ingest the evidence into a new case: azimuth ingest PATH… --case NAME',
    })
  }
  if (typeof name !== 'string') throw unreadable(file, 'it has no name')
  if (typeof created !== 'string' || Number.isNaN(Date.parse(created)))
    throw unreadable(file, 'created is not a time')
  if (typeof tenantId !== 'string' || !guid.test(tenantId)) throw unreadable(file, 'tenantId is not a GUID')
  return {
    schema,
    name,
    created,
    tenantId,
    ...(typeof namedAfter === 'string' && { namedAfter }),
    ...(engine !== undefined && { engine: parseAddress(engine, file) }),
  }
}

function parseAddress(value: unknown, file: string): EngineAddress {
  const { urls, user, cluster, database, passwordFile } =
    typeof value === 'object' && value !== null ? ({ ...value } as Readonly<Record<string, unknown>>) : {}
  const isList = Array.isArray(urls) && urls.length > 0 && urls.every((url) => typeof url === 'string')
  if (!isList || typeof user !== 'string' || typeof database !== 'string' || !databaseForm.test(database))
    throw unreadable(file, 'its engine has no address')
  return {
    urls: urls.map((url) => readEngineUrl(url).url),
    user,
    database,
    ...(typeof cluster === 'string' && { cluster }),
    ...(typeof passwordFile === 'string' && { passwordFile }),
  }
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

function parseObject(text: string, file: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return { ...value }
  } catch (cause) {
    throw unreadable(file, 'it is not JSON', cause)
  }
  throw unreadable(file, 'it is not an object')
}

function unreadable(file: string, reason: string, cause?: unknown): AzimuthError {
  return new AzimuthError('case-file-unreadable', `${file} cannot be understood: ${reason}`, {
    hint: 'restore the file from a copy, or ingest the evidence into a new case',
    cause,
  })
}
