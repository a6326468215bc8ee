import { exitCode, type ExitCode } from '../exit-code.ts'
import { writeRows, type OutputFormat } from '../output.ts'
import { Progress } from '../progress.ts'
import { withCase, type CaseOptions, type Invocation } from '../session.ts'

const columns = [
  { name: 'Severity', type: 'string' },
  { name: 'Code', type: 'string' },
  { name: 'Subject', type: 'string' },
  { name: 'Message', type: 'string', isProse: true },
] as const

/** Hashes the evidence again, walks the custody chain and proves the counts; exits with 2 if something is wrong. */
export async function verify(
  invocation: Invocation,
  options: CaseOptions & { readonly output?: OutputFormat },
): Promise<ExitCode> {
  const { terminal } = invocation
  return await withCase(invocation, options, { command: 'verify', create: false }, async (session) => {
    let faults = 0
    using progress = new Progress(terminal.err)
    const rows = (async function* () {
      for await (const { severity, code, subject, message } of session.case.verify()) {
        if (severity === 'ok') {
          progress.show(`${subject}: ${message}`)
          continue
        }
        if (severity === 'fault') faults += 1
        progress.clear()
        yield [severity, code, subject, message]
      }
    })()
    await writeRows(terminal, columns, rows, { output: options.output ?? 'table' })
    progress.clear()
    const { err } = terminal
    const verdict =
      faults === 0 ? err.paint('green', 'verified: nothing is wrong') : err.paint('red', `${faults} faults`)
    await err.write(`${verdict}\n`)
    return faults === 0 ? exitCode.ok : exitCode.findings
  })
}
