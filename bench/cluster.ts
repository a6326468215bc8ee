import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { inspectEngine } from '../src/engine/status.ts'
import { administrator, openClusterCase } from '../test/cluster/cluster-case.ts'
import { makeNodes } from '../test/cluster/nodes.ts'
import { makeWholeCase, type WholeCase } from '../test/whole-case.ts'
import { inputs, madeInput, type MadeInput } from './ingest-inputs.ts'
import { processorMsOf } from './processes.ts'
import { printTable } from './table.ts'

// Evidence that the private engine reads from files, sent to one server and to two shards, all on this machine (Linux):
// what sending costs, by processor time, and how the work lies on the servers. `--scale` as in `ingest`.
const { values } = parseArgs({ options: { scale: { type: 'string', default: '0.05' } } })
const cache = join(import.meta.dirname, '..', '.cache', 'bench')

interface Ingest {
  readonly rows: number
  readonly seconds: number
  readonly command: number
  readonly servers: readonly number[]
}

const table = []
for (const input of inputs.filter(({ name }) => ['storage', 'nsg'].includes(name))) {
  const made = await madeInput(input, Number(values.scale), cache)
  for (const [name, taken] of [
    ['private engine', await byPrivateEngine(made)],
    ['one server', await byServers(made, 1)],
    ['two shards', await byServers(made, 2)],
  ] as const) {
    table.push({
      input: `${input.title} (${Math.round(made.bytes / 1e6)} MB)`,
      where: name,
      rows: String(taken.rows),
      seconds: taken.seconds.toFixed(1),
      'CPU s of the command': taken.command.toFixed(2),
      'CPU s of the servers': taken.servers.map((seconds) => seconds.toFixed(2)).join(' + '),
    })
  }
}
printTable(table)

async function byPrivateEngine(made: MadeInput): Promise<Ingest> {
  const folder = mkdtempSync(join(tmpdir(), 'azimuth-bench-'))
  try {
    await using whole = await makeWholeCase(join(folder, 'case'))
    const { running } = await inspectEngine(whole.engineDirectory)
    return await take(whole, made, running === undefined ? [] : [running.pid])
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}

async function byServers(made: MadeInput, count: number): Promise<Ingest> {
  const folder = mkdtempSync(join(tmpdir(), 'azimuth-bench-'))
  const nodes = await makeNodes(folder, count, [administrator])
  try {
    await using whole = await openClusterCase(join(folder, 'case'), nodes, { user: administrator })
    const pids = nodes.map(({ pid }) => pid)
    return await take(whole, made, pids)
  } finally {
    for (const node of nodes) await node[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}

/** Takes evidence into a case whose tables are made already. */
async function take(whole: WholeCase, made: MadeInput, pids: readonly number[]): Promise<Ingest> {
  await whole.case.tables()
  const before = pids.map((pid) => processorMsOf(pid))
  const own = process.cpuUsage()
  const started = performance.now()
  const { totals } = await whole.case.ingest([made.evidence])
  const { user, system } = process.cpuUsage(own)
  return {
    rows: totals.rows,
    seconds: (performance.now() - started) / 1000,
    command: (user + system) / 1e6,
    servers: pids.map((pid, index) => (processorMsOf(pid) - (before[index] ?? 0)) / 1000),
  }
}
