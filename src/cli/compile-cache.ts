import { existsSync, mkdirSync } from 'node:fs'
import module from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { dataDirectory } from '../case/data-directory.ts'

/**
 * Keeps compiled code between commands: where a build left it or, without one, in a folder of the user's own. Where it
 * cannot be kept, commands only start more slowly.
 */
export function keepCompiledCode(): void {
  const { env: environment, platform } = process
  if (
    environment['NODE_COMPILE_CACHE'] !== undefined ||
    environment['NODE_DISABLE_COMPILE_CACHE'] !== undefined
  )
    return
  const built = join(import.meta.dirname, '..', 'compiled')
  const own = join(dataDirectory({ environment, platform, directory: '/', home: homedir() }), 'compiled')
  const directory = existsSync(built) ? built : own
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
  } catch {
    return
  }
  module.enableCompileCache(directory)
}
