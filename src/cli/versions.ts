import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { azimuthVersion } from './version.ts'

/** The versions that decide what a command answers: Azimuth's, Node's and the engine library's. */
export function commandVersions(): Readonly<Record<string, string>> {
  const engine = engineLibrary()
  return {
    azimuth: azimuthVersion(),
    node: process.versions.node,
    ...(engine !== undefined && { engine: engine.version }),
  }
}

/** The package with the engine's library for this platform; undefined where it is not installed. */
export function engineLibrary(): { readonly name: string; readonly version: string } | undefined {
  const name = `@chdb/lib-${process.platform}-${process.arch}${process.platform === 'linux' ? '-gnu' : ''}`
  try {
    const file = createRequire(import.meta.url).resolve(`${name}/package.json`)
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'))
    const version =
      typeof manifest === 'object' && manifest !== null && 'version' in manifest
        ? manifest.version
        : 'unknown'
    return { name, version: String(version) }
  } catch {
    return undefined
  }
}
