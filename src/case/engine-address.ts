import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { RemoteAddress } from '../engine/remote.ts'
import { AzimuthError } from '../error.ts'
import type { Surroundings } from './data-directory.ts'

/** The servers of a case as `case.json` keeps them: where, as whom, and the file that holds the password. */
export interface EngineAddress extends RemoteAddress {
  readonly passwordFile?: string
}

/** What a command line says of the servers. */
export interface EngineOptions {
  readonly engine?: readonly string[]
  readonly engineCluster?: string
  readonly engineDatabase?: string
  readonly enginePasswordFile?: string
}

const passwordVariable = 'AZIMUTH_ENGINE_PASSWORD'

/** Beginnings of database names that need no quoting in the grants of a cluster's owner. */
export const databaseForm = /^[a-z][a-z0-9_]{0,63}$/

/** The parts of an address that a command line gives. */
export type EngineWish = Partial<EngineAddress>

/** What a command line says of the servers, checked. */
export function readEngineOptions(
  options: EngineOptions,
  { directory }: Pick<Surroundings, 'directory'>,
): EngineWish {
  const { engine, engineCluster, engineDatabase, enginePasswordFile } = options
  if (engineDatabase !== undefined && !databaseForm.test(engineDatabase)) {
    throw new AzimuthError(
      'engine-database',
      `${JSON.stringify(engineDatabase)} cannot begin the name of a database`,
      {
        hint: 'use small letters, digits and underscore, with a letter first',
      },
    )
  }
  const read = engine?.map(readEngineUrl)
  const users = [...new Set(read?.flatMap(({ user }) => user ?? []))]
  if (users.length > 1) {
    throw new AzimuthError('engine-url', `the engine URLs name several users: ${users.join(', ')}`, {
      hint: 'name one user, who is known on each server',
    })
  }
  return {
    ...(read !== undefined && { urls: read.map(({ url }) => url) }),
    ...(users[0] !== undefined && { user: users[0] }),
    ...(engineCluster !== undefined && { cluster: engineCluster }),
    ...(engineDatabase !== undefined && { database: engineDatabase }),
    ...(enginePasswordFile !== undefined && { passwordFile: resolve(directory, enginePasswordFile) }),
  }
}

/** The address of a new case; nothing where its rows are to lie in an engine of its own. */
export function newAddress(wish: EngineWish): EngineAddress | undefined {
  const { urls, ...rest } = wish
  if (urls !== undefined) return { user: 'default', database: 'azimuth', ...rest, urls }
  if (Object.keys(rest).length === 0) return undefined
  throw new AzimuthError('engine-url', 'the command line says how to reach an engine, but not where it is', {
    hint: 'name it: --engine https://user@host:8443',
  })
}

/** The address of a case that has one: another user may come, but its rows stay where they are. */
export function keptAddress(kept: EngineAddress | undefined, wish: EngineWish): EngineAddress | undefined {
  const { user, passwordFile, ...place } = wish
  const differs = Object.entries(place).some(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(kept?.[name as keyof EngineAddress]),
  )
  if (differs || (kept === undefined && Object.keys(wish).length > 0)) {
    const where = kept === undefined ? 'in an engine of its own' : `at ${kept.urls.join(', ')}`
    throw new AzimuthError('case-engine', `the rows of this case lie ${where}`, {
      hint: 'leave --engine out; for other servers, take the evidence into a new case: --case NAME',
    })
  }
  return (
    kept && {
      ...kept,
      ...(user !== undefined && { user }),
      ...(passwordFile !== undefined && { passwordFile }),
    }
  )
}

/** Makes sure that the servers answer, before anything is made. */
export async function checkServers(
  wish: EngineWish,
  surroundings: Pick<Surroundings, 'environment'>,
): Promise<void> {
  const address = newAddress(wish)
  if (address === undefined) return
  const { probeRemote } = await import('../engine/remote.ts')
  await probeRemote(address, await readPassword(address, surroundings))
}

/** The password for the servers: the content of its file, or of the environment's `AZIMUTH_ENGINE_PASSWORD`. */
export async function readPassword(
  { passwordFile }: EngineAddress,
  { environment }: Pick<Surroundings, 'environment'>,
): Promise<string> {
  const given = environment[passwordVariable]
  if (given !== undefined) return given
  if (passwordFile === undefined) return ''
  try {
    return (await readFile(passwordFile, 'utf8')).replace(/\r?\n$/, '')
  } catch (cause) {
    throw new AzimuthError('engine-password', `the file with the password, ${passwordFile}, cannot be read`, {
      hint: `name another with --engine-password-file, or set ${passwordVariable}`,
      cause,
    })
  }
}

/** An engine URL in its parts. A password in it is refused: the command line is no place for one. */
export function readEngineUrl(text: string): { readonly url: string; readonly user: string | undefined } {
  const url = URL.parse(text)
  const rest = url === null ? '' : url.pathname.replace('/', '') + url.search + url.hash
  if (url === null || !/^https?:$/.test(url.protocol) || rest !== '') {
    throw new AzimuthError('engine-url', 'the engine URL is not the address of an http or https server', {
      hint: 'write it as https://user@host:8443',
    })
  }
  if (url.password !== '') {
    throw new AzimuthError('engine-url', 'the engine URL holds a password, which others can read there', {
      hint: 'put it into a file: --engine-password-file FILE',
    })
  }
  return { url: url.origin, user: url.username === '' ? undefined : decodeURIComponent(url.username) }
}
