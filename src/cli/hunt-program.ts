import { Argument, Option, type Command } from 'commander'
import type { AlertStatus } from '../hunt/alert-view.ts'
import type { AlertListOptions, NoteOptions } from './commands/alert.ts'
import type { HuntCommandOptions } from './commands/hunt.ts'
import type { IocsOptions } from './commands/iocs.ts'
import { caseOption, fileOptions, outputOption } from './options.ts'
import type { Finish, Invocation } from './session.ts'

const levels = ['informational', 'low', 'medium', 'high'] as const
const formats = ['table', 'json', 'ndjson', 'csv', 'timesketch', 'navigator'] as const

/** Adds the commands that hunt: rules and what they find. */
export function addHunting(program: Command, invocation: Invocation, finish: Finish): void {
  addHunt(program, invocation, finish)
  addRules(program, invocation, finish)
  addAlerts(program, invocation, finish)
  addSeeds(program, invocation, finish)
}

function addHunt(program: Command, invocation: Invocation, finish: Finish): void {
  const command = program
    .command('hunt')
    .description(
      'run rules over the evidence as time passed in it; exits with 2 if an alert reaches --fail-on',
    )
    .option('--rules <path>', 'a file or folder of rules', 'built-in')
    .option('--since <time>', 'only what happened after this time (UTC)')
    .option('--until <time>', 'only what happened up to this time (UTC)')
    .addOption(
      new Option('--min-level <level>', 'leave out what is below').choices(levels).default('informational'),
    )
    .addOption(
      new Option('--fail-on <level>', 'exit with 2 from this level on').choices(levels).default('high'),
    )
    .option('--fast', 'the coarse form: fewer runs, told how many; keeps no alerts')
    .option('--include-alerts', 'let rules also ask what earlier hunts found')
    .addOption(caseOption())
    .addOption(new Option('-o, --output <format>', 'how to print').choices(formats).default('table'))
    .action(async (options: HuntCommandOptions) => {
      const { hunt } = await import('./commands/hunt.ts')
      await finish(hunt(invocation, options))
    })
  for (const option of fileOptions()) command.addOption(option)
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
  const profile = rules
    .command('profile')
    .description('run rules over the case, keep nothing, and tell what each costs')
    .argument(...path)
    .addOption(caseOption())
    .addOption(outputOption())
    .action(async (from: string, options: object) => {
      const { rulesProfile } = await import('./commands/rules-profile.ts')
      await finish(rulesProfile(invocation, from, options))
    })
  for (const option of fileOptions()) profile.addOption(option)
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

function addAlerts(program: Command, invocation: Invocation, finish: Finish): void {
  const alert = program
    .command('alert')
    .description('alerts of hunts: list, show, set their status, allow them')
  alert
    .command('list')
    .description('the alerts that hunts found')
    .addOption(
      new Option('--min-level <level>', 'leave out what is below').choices(levels).default('informational'),
    )
    .option('--all', 'also those that are closed or allowed')
    .addOption(caseOption())
    .addOption(outputOption())
    .action(async (options: AlertListOptions) => {
      const { alertList } = await import('./commands/alert.ts')
      await finish(alertList(invocation, options))
    })
  alert
    .command('show')
    .description('one alert, with its records, as JSON')
    .argument('<id>', 'its id, or the beginning of it')
    .addOption(caseOption())
    .action(async (id: string, options: object) => {
      const { alertShow } = await import('./commands/alert.ts')
      await finish(alertShow(invocation, id, options))
    })
  addNoteOptions(alert.command('set').description('give an alert a status; nothing is deleted'))
    .argument('<id>', 'its id, or the beginning of it')
    .addArgument(new Argument('<status>', 'where it stands').choices(['new', 'active', 'closed']))
    .action(async (id: string, status: AlertStatus, options: NoteOptions) => {
      const { alertSet } = await import('./commands/alert.ts')
      await finish(alertSet(invocation, id, status, options))
    })
  addNoteOptions(alert.command('allow').description('hide what a rule finds, all of it or about one entity'))
    .argument('<rule>', 'its name or id')
    .option('--entity <value>', 'only where this address, account or resource is in it')
    .action(async (rule: string, options: NoteOptions) => {
      const { alertAllow } = await import('./commands/alert.ts')
      await finish(alertAllow(invocation, rule, options))
    })
}

function addSeeds(program: Command, invocation: Invocation, finish: Finish): void {
  program
    .command('iocs')
    .description('what alerts name (addresses, accounts, hashes, agents), as a list for search -f')
    .addOption(
      new Option('--min-level <level>', 'leave out what is below').choices(levels).default('informational'),
    )
    .option('--all', 'also of alerts that are closed or allowed')
    .addOption(caseOption())
    .addOption(
      new Option('-o, --output <format>', 'how to print')
        .choices(['text', 'json', 'ndjson', 'csv'])
        .default('text'),
    )
    .action(async (options: IocsOptions) => {
      const { iocs } = await import('./commands/iocs.ts')
      await finish(iocs(invocation, options))
    })
}

function addNoteOptions(command: Command): Command {
  return command
    .requiredOption('--why <text>', 'the reason')
    .option('--who <name>', 'who says so; the user of this machine otherwise')
    .option('--until <date>', 'how long it holds')
    .addOption(caseOption())
}
