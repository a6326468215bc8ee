import { realpath } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { AzimuthError } from '../error.ts'
import { isMissing } from './case-file.ts'

/** The real path of what may not exist yet: links are followed as far as the path exists. */
export async function settledPath(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (!isMissing(error) || dirname(path) === path) throw error
    return join(await settledPath(dirname(path)), basename(path))
  }
}

/** Refuses a case folder inside the evidence, or evidence inside the case folder; links are looked through. */
export async function refuseOverlap(caseFolder: string, evidence: readonly string[]): Promise<void> {
  const folder = await settledPath(caseFolder)
  for (const path of evidence) {
    const place = await settledPath(path)
    const caseIsInside = isWithin(folder, place)
    if (!caseIsInside && !isWithin(place, folder)) continue
    throw new AzimuthError(
      'case-overlaps-evidence',
      caseIsInside
        ? `the case folder ${folder} lies inside the evidence ${place}`
        : `the evidence ${place} lies inside the case folder ${folder}`,
      { hint: 'evidence is only read, never written to: choose a folder elsewhere with --case ./DIR' },
    )
  }
}

function isWithin(inner: string, outer: string): boolean {
  const way = relative(outer, inner)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`))
}
