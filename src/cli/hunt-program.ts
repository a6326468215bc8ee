import { Option, type Command } from 'commander'
import type { ExitCode } from './exit-code.ts'
import { outputOption } from './options.ts'
import type { Invocation } from './session.ts'

type Finish = (code: Promise<ExitCode>) => Promise<void>

/** Adds the commands that hunt: rules and what they find. */
export function addHunting(program: Command, invocation: Invocation, finish: Finish): void {
  addRules(program, invocation, finish)
}

function addRules(program: Command, invocation: Invocation, finish: Finish): void {
  const rules = program.command('rules').description('detections: list, show and test them')
  const path = ['[path]', 'a file or folder of rules', 'built-in'] as const
  rules
    .command('list')
    .description('the rules of a file or folder, and why others cannot be read')
    .argument(...path)
    .addOption(outputOption())
    .action(async (from: string, options: object) => {
      const { rulesList } = await import('./commands/rules.ts')
      await finish(rulesList(invocation, from, options))
    })
  rules
    .command('show')
    .description('one rule: what it finds, why it matters, its query')
    .argument('<rule>', 'its name, its file, or the beginning of its id')
    .option('--rules <path>', 'a file or folder of rules', 'built-in')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .action(async (rule: string, options: { readonly rules: string }) => {
      const { rulesShow } = await import('./commands/rules.ts')
      await finish(rulesShow(invocation, rule, options))
    })
  rules
    .command('test')
    .description('run rules on their own samples; exits with 2 if one fails')
    .argument(...path)
    .addOption(outputOption())
    .action(async (from: string, options: object) => {
      const { rulesTest } = await import('./commands/rules.ts')
      await finish(rulesTest(invocation, from, options))
    })
}
