import { cpSync } from 'node:fs'
import { join } from 'node:path'
import type { IngestReport } from '../../src/evidence/report.ts'
import { makeLab, type LabOptions } from '../../src/lab/lab.ts'
import {
  fingerprint,
  makeWholeCase,
  removeFolder,
  temporaryFolder,
  type TablePrint,
  type WholeCase,
} from '../whole-case.ts'
import { administrator, openClusterCase, usersOfPage, type ClusterCase } from './cluster-case.ts'
import { makeNodes, type Node } from './nodes.ts'

/** The same evidence in an engine of its own and on two nodes. */
export interface Scene extends AsyncDisposable {
  readonly folder: string
  readonly evidence: string
  readonly nodes: readonly [Node, Node]
  readonly alone: WholeCase
  readonly whole: ClusterCase
  /** What the engine of its own holds. */
  readonly expected: Readonly<Record<string, TablePrint>>
  readonly totals: IngestReport['totals']
}

export async function makeScene(lab: LabOptions, kept: RegExp): Promise<Scene> {
  const folder = temporaryFolder()
  const evidence = join(folder, 'evidence')
  await makeLab(join(folder, 'lab'), lab)
  cpSync(join(folder, 'lab', 'evidence'), evidence, {
    recursive: true,
    filter: (source) => !/\.(?:json|csv|log)$/u.test(source) || kept.test(source),
  })
  const [first, second] = await makeNodes(join(folder, 'nodes'), 2, [...usersOfPage(), administrator])
  if (first === undefined || second === undefined) throw new Error('the cluster has two nodes')
  const nodes = [first, second] as const
  const alone = await makeWholeCase(join(folder, 'alone'))
  await alone.case.ingest([evidence])
  const expected = await fingerprint(alone)
  const whole = await openClusterCase(join(folder, 'case'), nodes)
  const { totals } = await whole.case.ingest([evidence])
  return {
    ...{ folder, evidence, nodes, alone, whole, expected, totals },
    async [Symbol.asyncDispose]() {
      await alone[Symbol.asyncDispose]()
      await whole[Symbol.asyncDispose]()
      for (const node of nodes) await node[Symbol.asyncDispose]()
      removeFolder(folder)
    },
  }
}
