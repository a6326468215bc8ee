import { createHash } from 'node:crypto'
import { diagnosticText } from '../diagnostic.ts'
import { exitCode, type ExitCode } from '../exit-code.ts'
import { UsageError } from '../failure.ts'
import { writeRows, type OutputFormat } from '../output.ts'
import { readQueryText, readText } from '../query-text.ts'
import { withCase, type CaseOptions, type Invocation } from '../session.ts'
import { answerBatch } from './query-batch.ts'

export type QueryOptions = CaseOptions & {
  readonly file?: string
  readonly batch?: string
  readonly output?: OutputFormat
  readonly csvSafe?: boolean
}

/** Asks one question, or with `--batch` many, and prints the answers as they come. */
export async function query(
  invocation: Invocation,
  kql: string | undefined,
  options: QueryOptions,
): Promise<ExitCode> {
  const { terminal } = invocation
  if (options.batch !== undefined) {
    if (kql !== undefined || options.file !== undefined)
      throw new UsageError('--batch takes its queries from its file alone')
    return await queryBatch(invocation, options.batch, options)
  }
  const text = await readQueryText(terminal, kql, options.file)
  return await withCase(invocation, options, { command: 'query', create: false }, async (session) => {
    session.reads(queryObject(text))
    const started = performance.now()
    const answer = await session.case.ask(text, { signal: terminal.signal })
    if (!answer.ok) {
      for (const diagnostic of answer.diagnostics)
        await terminal.err.write(diagnosticText(terminal.err, text, diagnostic))
      return exitCode.error
    }
    const output = options.output ?? 'table'
    const count = await writeRows(terminal, answer.columns, answer.rows, {
      output,
      csvSafe: options.csvSafe === true,
    })
    if (output === 'table') {
      const seconds = ((performance.now() - started) / 1000).toFixed(2)
      await terminal.err.write(
        terminal.err.paint('dim', `${count} ${count === 1 ? 'row' : 'rows'} in ${seconds} s\n`),
      )
    }
    return exitCode.ok
  })
}

async function queryBatch(invocation: Invocation, file: string, options: QueryOptions): Promise<ExitCode> {
  const { terminal } = invocation
  const text = await readText(terminal, file)
  return await withCase(invocation, options, { command: 'query', create: true }, async (session) => {
    session.reads(queryObject(text))
    await answerBatch(terminal, session.case, text)
    return exitCode.ok
  })
}

function queryObject(text: string) {
  return {
    name: 'query',
    sha256: createHash('sha256').update(text).digest('hex'),
    bytes: Buffer.byteLength(text),
  }
}
