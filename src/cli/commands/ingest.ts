import type { IngestReport } from '../../evidence/report.ts'
import { exitCode, type ExitCode } from '../exit-code.ts'
import { ingestText } from '../ingest-text.ts'
import { jsonText } from '../json-cell.ts'
import { writeRows, type OutputFormat } from '../output.ts'
import { withCase, type Invocation } from '../session.ts'
import { takeIn, type TakingOptions } from '../taking.ts'
import type { Terminal } from '../terminal.ts'

const columns = [
  { name: 'path', type: 'string' },
  { name: 'sha256', type: 'string' },
  { name: 'verdict', type: 'string' },
  { name: 'shape', type: 'string' },
  { name: 'tables', type: 'dynamic' },
  { name: 'records', type: 'long' },
  { name: 'duplicates', type: 'long' },
  { name: 'quarantined', type: 'long' },
  { name: 'reason', type: 'string' },
] as const

/** Takes logs in and tells for each file what became of it. */
export async function ingest(
  invocation: Invocation,
  paths: readonly string[],
  options: TakingOptions & { readonly output?: OutputFormat },
): Promise<ExitCode> {
  const { terminal } = invocation
  const request = { command: 'ingest', evidence: paths, create: true }
  return await withCase(invocation, options, request, async (session) => {
    const report = await takeIn(terminal, session, paths, options)
    const output = options.output ?? 'table'
    if (output === 'table') {
      await terminal.out.write(ingestText(terminal.out, report, { explain: options.explain === true }))
    } else if (output === 'json') {
      await writeReport(terminal, report)
    } else {
      const rows = report.files.map((file) => columns.map(({ name }) => file[name] ?? null))
      await writeRows(terminal, columns, rows, { output })
    }
    return exitCode.ok
  })
}

/** A million files make more text than one string can hold. */
async function writeReport({ out }: Terminal, report: IngestReport): Promise<void> {
  const { files, ...rest } = report
  await out.write(`${jsonText(rest).slice(0, -1)},"files":[`)
  for (let start = 0; start < files.length; start += 1000) {
    const texts = files.slice(start, start + 1000).map((file) => jsonText(file))
    await out.write(`${start === 0 ? '' : ','}${texts.join(',')}`)
  }
  await out.write(']}\n')
}
