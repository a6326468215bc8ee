import { createHash } from 'node:crypto'
import { AzimuthError } from '../../error.ts'
import { quotedText } from '../../kql/quoted.ts'
import { exitCode, type ExitCode } from '../exit-code.ts'
import { openInput } from '../lines.ts'
import { writeRows, type OutputFormat } from '../output.ts'
import { withCase, type CaseOptions, type Invocation } from '../session.ts'
import { visible } from '../visible.ts'

type ListOptions = CaseOptions & { readonly output?: OutputFormat }

const columns = [
  { name: 'Watchlist', type: 'string' },
  { name: 'Items', type: 'long' },
  { name: 'SearchKey', type: 'string' },
  { name: 'Columns', type: 'string' },
  { name: 'Updated', type: 'datetime' },
  { name: 'Sha256', type: 'string' },
] as const

/** Keeps the rows of a CSV, `-` for standard input, as a watchlist of the case. */
export async function addWatchlist(
  invocation: Invocation,
  name: string,
  file: string,
  options: CaseOptions & { readonly key?: string },
): Promise<ExitCode> {
  const { err } = invocation.terminal
  const bytes = Buffer.concat(await Array.fromAsync(openInput(invocation.terminal, file)))
  return await withCase(invocation, options, { command: 'watchlist', create: false }, async (session) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    session.reads({ name: file, sha256, bytes: bytes.length })
    const { key, rows } = await session.case.addWatchlist(name, bytes, options.key)
    await err.write(`kept ${rows} items; SearchKey is ${visible(key)}; ask with _GetWatchlist('${name}')\n`)
    return exitCode.ok
  })
}

/** Lists the watchlists of the case. */
export async function listWatchlists(invocation: Invocation, options: ListOptions): Promise<ExitCode> {
  return await withCase(invocation, options, { command: 'watchlist', create: false }, async (session) => {
    const rows = (await session.case.watchlists()).map((list) => [
      list.name,
      list.rows,
      list.key,
      list.columns.join(', '),
      list.updated,
      list.sha256,
    ])
    await writeRows(invocation.terminal, columns, rows, { output: options.output ?? 'table' })
    return exitCode.ok
  })
}

/** Prints the items of a watchlist. */
export async function showWatchlist(
  invocation: Invocation,
  name: string,
  options: ListOptions,
): Promise<ExitCode> {
  const { terminal } = invocation
  return await withCase(invocation, options, { command: 'watchlist', create: false }, async (session) => {
    const found = (await session.case.watchlists()).some((list) => list.name === name)
    if (!found) throw unknown(name)
    const answer = await session.case.ask(`_GetWatchlist(${quotedText(name)})`, { signal: terminal.signal })
    if (!answer.ok) throw new Error(`a watchlist cannot be asked: ${JSON.stringify(answer.diagnostics)}`)
    await writeRows(terminal, answer.columns, answer.rows, { output: options.output ?? 'table' })
    return exitCode.ok
  })
}

/** Forgets a watchlist. */
export async function removeWatchlist(
  invocation: Invocation,
  name: string,
  options: CaseOptions,
): Promise<ExitCode> {
  return await withCase(invocation, options, { command: 'watchlist', create: false }, async (session) => {
    if (await session.case.removeWatchlist(name)) return exitCode.ok
    throw unknown(name)
  })
}

function unknown(name: string): AzimuthError {
  return new AzimuthError('watchlist-unknown', `the case has no watchlist ${visible(name)}`, {
    hint: 'azimuth watchlist list names them',
  })
}
