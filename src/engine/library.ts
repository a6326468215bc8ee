import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { AzimuthError } from '../error.ts'

const require = createRequire(import.meta.url)

/** The path of the installed libchdb for this platform; throws `engine-missing` where there is none. */
export function findLibrary(): string {
  const platform = platformPackage()
  if (platform === undefined) {
    throw new AzimuthError('engine-missing', `no ClickHouse library exists for ${describePlatform()}`, {
      hint: 'use Linux with glibc or macOS (on Windows: WSL2), or a server by --engine URL',
    })
  }
  try {
    return join(dirname(require.resolve(`${platform}/package.json`)), 'libchdb.so')
  } catch (cause) {
    throw new AzimuthError('engine-missing', `the package ${platform} is not installed`, {
      hint: 'install again without --omit=optional, or use a server by --engine URL',
      cause,
    })
  }
}

function platformPackage(): string | undefined {
  const architecture = process.arch === 'x64' || process.arch === 'arm64' ? process.arch : undefined
  if (architecture === undefined) return undefined
  if (process.platform === 'darwin') return `@chdb/lib-darwin-${architecture}`
  return process.platform === 'linux' && !usesMusl() ? `@chdb/lib-linux-${architecture}-gnu` : undefined
}

function usesMusl(): boolean {
  const report = process.report.getReport()
  return !('header' in report && hasGlibc(report.header))
}

function hasGlibc(header: unknown): boolean {
  return typeof header === 'object' && header !== null && 'glibcVersionRuntime' in header
}

function describePlatform(): string {
  const libc = process.platform === 'linux' && usesMusl() ? ' with musl' : ''
  return `${process.platform} ${process.arch}${libc}`
}
