import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openRemote } from '../../src/engine/remote.ts'
import { openCase } from '../../src/case/case.ts'
import { createCaseFolder, readCaseFolder } from '../../src/case/case-file.ts'
import type { EngineAddress } from '../../src/case/engine-address.ts'
import type { CaseEngine } from '../../src/engine/case-engine.ts'
import type { Node, NodeUser } from './nodes.ts'
import { tenantId as commonTenantId, type WholeCase } from '../whole-case.ts'

const page = join(import.meta.dirname, '..', '..', 'docs', 'cluster.md')

/** For what a case never does to its tables. */
export const administrator: NodeUser = {
  name: 'administrator',
  password: 'of the nodes',
  settings: {},
  grants: ['GRANT SELECT, INSERT, CREATE, ALTER, DROP, TRUNCATE ON *.*', 'GRANT TABLE ENGINE ON *'],
}

/** The users that the page for a cluster's owner makes, with what it grants them. */
export function usersOfPage(): readonly NodeUser[] {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/^```sql\n(.*?)^```$/gms)].map(
    ([, text = '']) => text,
  )
  const statements = blocks.flatMap((text) => text.split(/;\s*$/m)).map((text) => text.trim())
  const grants = statements.flatMap((text) => {
    const [, grant, name] = /^(GRANT .*) TO (\w+)$/s.exec(text) ?? []
    return grant === undefined ? [] : [{ grant, name }]
  })
  return statements.flatMap((text) => {
    const [, name = '', password = '', settings = ''] =
      /^CREATE USER (\w+) IDENTIFIED BY '([^']*)'(?: SETTINGS (.*))?$/s.exec(text) ?? []
    if (name === '') return []
    const pairs = settings.split(/, */).filter((pair) => pair !== '')
    return {
      name,
      password,
      settings: Object.fromEntries(pairs.map((pair) => pair.split(' = '))),
      grants: grants.filter((each) => each.name === name).map(({ grant }) => grant),
    }
  })
}

/** The user of the page who may only read, or the one who writes. */
export function userOfPage(suffix: 'reader' | 'writer'): NodeUser {
  const user = usersOfPage().find(({ name }) => name.endsWith(suffix))
  if (user === undefined) throw new Error(`the page makes no ${suffix}`)
  return user
}

/** A case whose rows lie on the nodes, with a connection that sees what its questions cannot. */
export interface ClusterCase extends WholeCase {
  readonly engine: CaseEngine
}

export async function openClusterCase(
  path: string,
  nodes: readonly Node[],
  options: {
    readonly database?: string
    readonly user?: NodeUser
    readonly tenantId?: string
  } = {},
): Promise<ClusterCase> {
  const { database = 'azimuth', user = userOfPage('writer'), tenantId = commonTenantId } = options
  const engineAddress: EngineAddress = { urls: nodes.map(({ url }) => url), user: user.name, database }
  if ((await readCaseFolder(path)) === undefined) {
    const { schema, name, created } = await createCaseFolder(path, { engine: engineAddress })
    const content = { schema, name, created, tenantId, engine: engineAddress }
    writeFileSync(join(path, 'case.json'), JSON.stringify(content))
  }
  const kept = await readCaseFolder(path)
  if (kept === undefined) throw new Error(`no case in ${path}`)
  const folder = { ...kept, engine: engineAddress }
  const { password } = user
  const directory = join(path, 'engine')
  const engine = await openRemote(engineAddress, { password, directory, queryIdPrefix: 'test-' })
  const opened = await openCase({ folder, password })
  return {
    case: opened,
    owner: engine.owner,
    engine,
    folder,
    engineDirectory: directory,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]()
      await opened[Symbol.asyncDispose]()
    },
  }
}
