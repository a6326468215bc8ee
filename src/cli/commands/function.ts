import { createHash } from 'node:crypto'
import { AzimuthError } from '../../error.ts'
import { diagnosticText } from '../diagnostic.ts'
import { exitCode, type ExitCode } from '../exit-code.ts'
import { openInput } from '../lines.ts'
import { writeRows, type OutputFormat } from '../output.ts'
import { withCase, type CaseOptions, type Invocation } from '../session.ts'
import { visible, visibleLines } from '../visible.ts'

const columns = [
  { name: 'Function', type: 'string' },
  { name: 'Parameters', type: 'string' },
  { name: 'Bytes', type: 'long' },
] as const

/** Keeps a function of a file, `-` for standard input, in the case. */
export async function addFunction(
  invocation: Invocation,
  name: string,
  file: string,
  options: CaseOptions,
): Promise<ExitCode> {
  const { err } = invocation.terminal
  const bytes = Buffer.concat(await Array.fromAsync(openInput(invocation.terminal, file)))
  // The decoder drops a byte order mark.
  const text = new TextDecoder().decode(bytes)
  return await withCase(invocation, options, { command: 'function', create: false }, async (session) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    session.reads({ name: file, sha256, bytes: bytes.length })
    const problems = await session.case.addFunction(name, text)
    for (const problem of problems) await err.write(diagnosticText(err, text, problem))
    if (problems.length > 0) return exitCode.error
    await err.write(`kept; queries can call ${name}\n`)
    return exitCode.ok
  })
}

/** Lists the functions of the case. */
export async function listFunctions(
  invocation: Invocation,
  options: CaseOptions & { readonly output?: OutputFormat },
): Promise<ExitCode> {
  return await withCase(invocation, options, { command: 'function', create: false }, async (session) => {
    const rows = (await session.case.functions()).map(({ name, parameters, text }) => [
      name,
      parameters,
      Buffer.byteLength(text),
    ])
    await writeRows(invocation.terminal, columns, rows, { output: options.output ?? 'table' })
    return exitCode.ok
  })
}

/** Prints a function as it was given. */
export async function showFunction(
  invocation: Invocation,
  name: string,
  options: CaseOptions,
): Promise<ExitCode> {
  const { out } = invocation.terminal
  return await withCase(invocation, options, { command: 'function', create: false }, async (session) => {
    const found = (await session.case.functions()).find((stored) => stored.name === name)
    if (found === undefined) throw unknown(name)
    const text = out.isTerminal ? visibleLines(found.text) : found.text
    await out.write(text.endsWith('\n') ? text : `${text}\n`)
    return exitCode.ok
  })
}

/** Forgets a function. */
export async function removeFunction(
  invocation: Invocation,
  name: string,
  options: CaseOptions,
): Promise<ExitCode> {
  return await withCase(invocation, options, { command: 'function', create: false }, async (session) => {
    if (await session.case.removeFunction(name)) return exitCode.ok
    throw unknown(name)
  })
}

function unknown(name: string): AzimuthError {
  return new AzimuthError('function-unknown', `the case has no function ${visible(name)}`, {
    hint: 'azimuth function list names them',
  })
}
