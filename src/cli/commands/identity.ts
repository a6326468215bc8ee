import { askOf } from '../../case/rows.ts'
import { followIdentity } from '../../trail/identity.ts'
import { exitCode, type ExitCode } from '../exit-code.ts'
import { identityText } from '../identity-text.ts'
import { withCase, type CaseOptions, type Invocation } from '../session.ts'

/** Follows one user, application or managed identity through every log. */
export async function identity(
  invocation: Invocation,
  who: string,
  options: CaseOptions & { readonly output?: 'table' | 'json' },
): Promise<ExitCode> {
  const { out } = invocation.terminal
  return await withCase(invocation, options, { command: 'identity', create: false }, async (session) => {
    const trail = await followIdentity(askOf(session.case), who)
    await out.write(
      options.output === 'json' ? `${JSON.stringify(trail, undefined, 2)}\n` : identityText(out, trail),
    )
    return exitCode.ok
  })
}
