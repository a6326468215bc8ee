import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { AzimuthError } from '../error.ts'
import { parseFunctionText } from '../kql/function-text.ts'
import type { FunctionSchema } from '../kql/schema.ts'
import { isMissing } from './case-file.ts'

const suffix = '.kql'
const nameForm = /^[A-Za-z_]\w{0,127}$/
const longestText = 1_000_000

/** A function of a case: its file as it was given, and what that declares. */
export interface StoredFunction extends FunctionSchema {
  readonly text: string
}

/** The functions that a case keeps, by name. */
export async function storedFunctions(caseFolder: string): Promise<readonly StoredFunction[]> {
  const names = await filesOf(folderOf(caseFolder), suffix)
  return await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folderOf(caseFolder), `${name}${suffix}`), 'utf8')
      const { parameters, body } = parseFunctionText(text)
      return { name, text, parameters, body }
    }),
  )
}

/** Keeps a function, in the place of one of the same name. */
export async function storeFunction(caseFolder: string, name: string, text: string): Promise<void> {
  await mkdir(folderOf(caseFolder), { recursive: true, mode: 0o700 })
  await writeWhole(join(folderOf(caseFolder), `${name}${suffix}`), text)
}

/** Forgets a function; false where there was none. */
export async function removeFunction(caseFolder: string, name: string): Promise<boolean> {
  const known = await filesOf(folderOf(caseFolder), suffix)
  if (!known.includes(name)) return false
  await rm(join(folderOf(caseFolder), `${name}${suffix}`))
  return true
}

/** Refuses a name that a function could not be called by, and a text that no function has. */
export function requireFunction(name: string, text: string, tables: readonly string[]): void {
  if (!nameForm.test(name)) {
    throw new AzimuthError('function-name', `${JSON.stringify(name)} cannot be the name of a function`, {
      hint: 'use letters, digits and underscores, and no digit first',
    })
  }
  if (tables.includes(name))
    throw new AzimuthError('function-name', `${name} is the name of a table`, { hint: 'choose another name' })
  if (text.length > longestText)
    throw new AzimuthError('function-size', `a function has at most ${longestText} characters`)
}

/** The names of the files in a folder that end so, in order; none where there is no folder. */
export async function filesOf(folder: string, ending: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder)
    return names
      .filter((name) => name.endsWith(ending))
      .map((name) => name.slice(0, -ending.length))
      .toSorted()
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** Writes a file so that a reader finds the old content or the new. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`
  try {
    await writeFile(draft, text, { mode: 0o600 })
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}

function folderOf(caseFolder: string): string {
  return join(caseFolder, 'functions')
}
