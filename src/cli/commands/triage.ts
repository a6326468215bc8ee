import { exitCode, type ExitCode } from '../exit-code.ts'
import { withCase, type Invocation } from '../session.ts'
import { takeIn, type TakingOptions } from '../taking.ts'
import { lookFor } from '../triage-findings.ts'
import { lookOver } from '../triage-page.ts'
import { triageText } from '../triage-text.ts'

export type TriageOptions = TakingOptions & { readonly hunt: boolean }

/** Takes logs in and prints one page about the case. */
export async function triage(
  invocation: Invocation,
  paths: readonly string[],
  options: TriageOptions,
): Promise<ExitCode> {
  const { terminal } = invocation
  const request = { command: 'triage', evidence: paths, create: true }
  return await withCase(invocation, options, request, async (session) => {
    const started = performance.now()
    const report = await takeIn(terminal, session, paths, options)
    const seconds = (performance.now() - started) / 1000
    const page = await lookOver(session.case, terminal.signal)
    const { rows } = await session.case.conflicts()
    const conflicts = (await Array.fromAsync(rows)).length
    const hasRecords = page.presences.length > 0
    const findings = options.hunt && hasRecords ? await lookFor(terminal, session) : undefined
    await terminal.out.write(
      triageText(terminal.out, {
        azimuth:
          terminal.surroundings.environment['npm_lifecycle_event'] === 'start' ? 'npx azimuth' : 'azimuth',
        caseName: session.folder.name,
        report,
        page,
        conflicts,
        seconds,
        ...(findings && { findings }),
      }),
    )
    return exitCode.ok
  })
}
