import { createHash } from 'node:crypto'
import { exitCode, type ExitCode } from '../exit-code.ts'
import { UsageError } from '../failure.ts'
import { jsonText } from '../json-cell.ts'
import { withCase, type CaseOptions, type Invocation } from '../session.ts'
import { visible, visibleLines } from '../visible.ts'

export type ShowOptions = CaseOptions & { readonly output?: 'bytes' | 'json' }

/** Prints the original bytes of a row on stdout; on stderr, where they stand and their SHA-256. */
export async function show(invocation: Invocation, row: string, options: ShowOptions): Promise<ExitCode> {
  const { out, err } = invocation.terminal
  if (!/^[0-9a-f]{4,64}:\d+(:\d+)?$/i.test(row)) {
    throw new UsageError(
      `${JSON.stringify(row)} names no row`,
      'give <evidence id>:<record>[:<ordinal>], from the columns _EvidenceId, _EvidenceRecord and _EvidenceOrdinal',
    )
  }
  return await withCase(invocation, options, { command: 'show', create: false }, async (session) => {
    const { path, offset, length, sha256, bytes } = await session.case.show(row.toLowerCase())
    session.reads({ name: path, sha256 })
    const recordSha256 = createHash('sha256').update(bytes).digest('hex')
    if (options.output === 'json') {
      const text = Buffer.from(bytes).toString('utf8')
      const isText = Buffer.from(text).equals(bytes)
      const content = isText ? { text } : { base64: Buffer.from(bytes).toString('base64') }
      await out.write(`${jsonText({ row, path, offset, length, sha256, recordSha256, ...content })}\n`)
      return exitCode.ok
    }
    const facts = [
      ['file', visible(path)],
      ['SHA-256 of the file', sha256],
      ['offset', `${offset}, ${length} bytes`],
      ['SHA-256 of the record', recordSha256],
    ] as const
    for (const [name, value] of facts) await err.write(`${err.paint('cyan', name.padEnd(22))} ${value}\n`)
    await out.write(out.isTerminal ? `${visibleLines(Buffer.from(bytes).toString('utf8'))}\n` : bytes)
    return exitCode.ok
  })
}
