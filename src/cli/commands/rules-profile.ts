import { exitCode, type ExitCode } from '../exit-code.ts'
import { writeRows, type OutputFormat } from '../output.ts'
import { Progress } from '../progress.ts'
import { readFiles, type FileOptions } from '../question.ts'
import { withCase, type CaseOptions, type Invocation } from '../session.ts'
import { loadRules } from './rules.ts'

const columns = [
  { name: 'Ms', type: 'long' },
  { name: 'Form', type: 'string' },
  { name: 'Planned', type: 'long' },
  { name: 'Active', type: 'long' },
  { name: 'Made', type: 'long' },
  { name: 'Alerts', type: 'long' },
  { name: 'Status', type: 'string' },
  { name: 'Rule', type: 'string', isProse: true },
]

/** Runs rules over the case's evidence, keeps nothing, and tells what each costs, the dearest first. */
export async function rulesProfile(
  invocation: Invocation,
  path: string,
  options: CaseOptions & FileOptions & { readonly output?: OutputFormat },
): Promise<ExitCode> {
  const { terminal } = invocation
  const { hunt } = await import('../../hunt/hunt.ts')
  return await withCase(invocation, options, { command: 'rules profile', create: false }, async (session) => {
    const { rules } = await loadRules(terminal, path, session.case)
    using progress = new Progress(terminal.err)
    const { outcomes } = await hunt(session.case, {
      rules,
      keepsAlerts: false,
      atOnce: 1,
      files: readFiles(terminal, session.reads, options),
      signal: terminal.signal,
      onProgress: ({ done, total, rule }) => progress.show(`${done} of ${total} rules: ${rule}`),
    })
    progress.clear()
    const rows = outcomes
      .toSorted((a, b) => b.ms - a.ms)
      .map(({ ms, form, runs, alerts, status, rule }) => [
        ...[ms, form, runs.planned, runs.active, runs.made, alerts.length, status, rule.name],
      ])
    await writeRows(terminal, columns, rows, { output: options.output ?? 'table' })
    return exitCode.ok
  })
}
