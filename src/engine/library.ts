import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { AzimuthError } from '../error.ts'

const require = createRequire(import.meta.url)

const platforms: Readonly<Record<string, string>> = {
  'linux x64': 'linux-x64-gnu',
  'linux arm64': 'linux-arm64-gnu',
  'darwin x64': 'darwin-x64',
  'darwin arm64': 'darwin-arm64',
}

/** The path of the installed libchdb for this platform; throws `engine-missing` where there is none. */
export function findLibrary(platform = `${process.platform} ${process.arch}`): string {
  const name = platforms[platform]
  if (name === undefined) {
    throw new AzimuthError('engine-missing', `there is no engine for ${platform}`, {
      hint: 'use Linux (glibc), macOS or WSL2, or a ClickHouse server by --engine URL',
    })
  }
  try {
    return join(dirname(require.resolve(`@chdb/lib-${name}/package.json`)), 'libchdb.so')
  } catch (cause) {
    throw new AzimuthError('engine-missing', `the package @chdb/lib-${name} is not installed`, {
      hint: 'install again with optional packages (there is none for musl), or use a server by --engine URL',
      cause,
    })
  }
}
