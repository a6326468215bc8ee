import { resolve } from 'node:path'
import type { Case } from '../../case/case.ts'
import type { RefusedRule, Rule } from '../../hunt/rule.ts'
import { exitCode, type ExitCode } from '../exit-code.ts'
import { UsageError } from '../failure.ts'
import { jsonText } from '../json-cell.ts'
import { writeRows, type OutputFormat } from '../output.ts'
import { ruleText } from '../rule-page.ts'
import type { Invocation } from '../session.ts'
import type { Terminal } from '../terminal.ts'
import { visible } from '../visible.ts'

export interface RulesOptions {
  readonly output?: OutputFormat
}

/** Reads the rules of a path of the user's, or those that come with Azimuth; watchlists of a case stand for placeholders. */
export async function loadRules(
  { surroundings, signal }: Terminal,
  path: string,
  source?: Pick<Case, 'ask' | 'watchlists'>,
): Promise<{ readonly rules: readonly Rule[]; readonly refused: readonly RefusedRule[] }> {
  const [{ builtInName, readRules }, { watchlistValues }] = await Promise.all([
    import('../../hunt/rules.ts'),
    import('../../hunt/placeholders.ts'),
  ])
  const from = path === builtInName ? path : resolve(surroundings.directory, path)
  return await readRules(from, signal, source && (await watchlistValues(source)))
}

/** Lists rules, with the reason beside each that cannot be read. */
export async function rulesList(
  { terminal }: Invocation,
  path: string,
  options: RulesOptions,
): Promise<ExitCode> {
  const { rules, refused } = await loadRules(terminal, path)
  const columns = ['Path', 'Level', 'Name', 'Techniques', 'Samples', 'Refused', 'Id']
  const rows = [
    ...rules.map((rule) => [
      rule.path,
      rule.level,
      rule.name,
      rule.techniques.join(' '),
      rule.samples.length,
      '',
      rule.id,
    ]),
    ...refused.map(({ path: file, name, reason, id }) => [file, '', name ?? '', '', 0, reason, id ?? '']),
  ].toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))
  const described = columns.map((name) => ({ name, type: name === 'Samples' ? 'long' : 'string' }))
  await writeRows(terminal, described, rows, { output: options.output ?? 'table' })
  if ((options.output ?? 'table') === 'table')
    await terminal.err.write(`${rules.length} rules, ${refused.length} refused\n`)
  return exitCode.ok
}

/** Shows one rule: what it finds, why, and its query. */
export async function rulesShow(
  { terminal }: Invocation,
  wanted: string,
  options: { readonly rules: string; readonly output?: 'text' | 'json' },
): Promise<ExitCode> {
  const { rules } = await loadRules(terminal, options.rules)
  const word = wanted.toLowerCase()
  const found = rules.filter(
    ({ id, name, path }) => id.startsWith(word) || name.toLowerCase() === word || path === wanted,
  )
  const [rule] = found
  if (!rule) throw new UsageError(`no rule is called ${wanted}`, 'azimuth rules list')
  if (found.length > 1)
    throw new UsageError(`${found.length} rules are called ${wanted}: give more of the id`)
  const text = options.output === 'json' ? `${jsonText(rule)}\n` : ruleText(terminal.out, rule)
  await terminal.out.write(text)
  return exitCode.ok
}

/** Runs rules on their own samples; exits with 2 if one fails. */
export async function rulesTest(
  { terminal }: Invocation,
  path: string,
  options: RulesOptions,
): Promise<ExitCode> {
  const { out, err, signal } = terminal
  const { rules, refused } = await loadRules(terminal, path)
  const { testRules } = await import('../../hunt/sample-bench.ts')
  const failures: (readonly string[])[] = refused.map(({ path: file, reason }) => [file, '', reason])
  let passed = 0
  for await (const { rule, sample, problem } of testRules(rules, signal)) {
    if (problem === undefined) passed += 1
    else failures.push([rule.path, sample ? `${sample.positive ? '+' : '-'} ${sample.name}` : '', problem])
  }
  if (options.output !== undefined && options.output !== 'table') {
    const columns = ['Path', 'Sample', 'Problem'].map((name) => ({ name, type: 'string' }))
    await writeRows(terminal, columns, failures, { output: options.output })
  } else {
    for (const [file = '', sample = '', problem = ''] of failures) {
      const where = [file, sample].filter((text) => text !== '').map((text) => visible(text))
      await out.write(`${out.paint('red', 'failed')} ${where.join(': ')}\n       ${visible(problem)}\n`)
    }
  }
  const untested = rules.filter(({ samples }) => samples.length === 0).length
  const without = untested === 0 ? '' : `, ${untested} rules have no samples`
  await err.write(`${rules.length} rules, ${passed} samples passed, ${failures.length} failed${without}\n`)
  return failures.length === 0 ? exitCode.ok : exitCode.findings
}
