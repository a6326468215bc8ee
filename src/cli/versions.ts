import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { findLibrary } from '../engine/library.ts'
import { AzimuthError } from '../error.ts'
import { azimuthVersion } from './version.ts'

/** The versions that decide what a command answers: Azimuth's, Node's and the engine library's. */
export function commandVersions(): Readonly<Record<string, string>> {
  return { azimuth: azimuthVersion(), node: process.versions.node, engine: engineVersion() ?? 'none' }
}

/** The engine library of this platform by package and version; throws where there is none. */
export function engineLibrary(): { readonly name: string; readonly version: string } {
  const folder = dirname(findLibrary())
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  return { name: `@chdb/${basename(folder)}`, version: isManifest ? String(manifest.version) : 'unknown' }
}

function engineVersion(): string | undefined {
  try {
    return engineLibrary().version
  } catch (error) {
    if (error instanceof AzimuthError) return undefined
    throw error
  }
}
