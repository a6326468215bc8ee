import { type Command, Option } from 'commander'
import { type SummaryAspect, summaryAspects } from '../trail/aspects.ts'
import { caseOption, outputOption } from './options.ts'
import { outputFormats } from './output.ts'
import type { Finish, Invocation } from './session.ts'

/** Adds the commands that follow identities, terms and credentials. */
export function addTrail(program: Command, invocation: Invocation, finish: Finish): void {
  addAccess(program, invocation, finish)
  addFollowing(program, invocation, finish)
}

function addAccess(program: Command, invocation: Invocation, finish: Finish): void {
  program
    .command('access')
    .description(
      'who reached the data of an account or vault, by which means, and the chain from key to bytes',
    )
    .argument('[name]', 'storage account or vault')
    .option('--all', 'all that the logs name')
    .option(
      '--fingerprint <file>',
      'where a leaked key or SAS was used: read from a file, - for standard input; it is hashed and forgotten',
    )
    .option('--svg <file>', 'draw the gravest chain')
    .addOption(caseOption())
    .addOption(outputOption())
    .action(async (name: string | undefined, options: object) => {
      const { access } = await import('./commands/access.ts')
      await finish(access(invocation, name, options))
    })
}

function addFollowing(program: Command, invocation: Invocation, finish: Finish): void {
  program
    .command('identity')
    .description(
      'one user, application or managed identity through every log: sessions, tokens, calls, rights',
    )
    .argument('<who>', 'object id, application id or name')
    .addOption(caseOption())
    .addOption(
      new Option('-o, --output <format>', 'how to print').choices(['table', 'json']).default('table'),
    )
    .action(async (who: string, options: object) => {
      const { identity } = await import('./commands/identity.ts')
      await finish(identity(invocation, who, options))
    })
  program
    .command('search')
    .description('addresses, hashes, names, ids or user agents in all tables: counts, first, last, rows')
    .argument('[term...]', 'what to look for, found whole')
    .option('-f, --file <file>', 'terms, one a line (# begins a comment), - for standard input')
    .addOption(caseOption())
    .addOption(outputOption())
    .action(async (terms: string[], options: object) => {
      const { search } = await import('./commands/search.ts')
      await finish(search(invocation, terms, options))
    })
  program
    .command('timeline')
    .description('what identities did, by time')
    .option('--entity <value>', 'an identity, address, resource, token or session')
    .option('--since <time>', 'from this time (UTC)')
    .option('--until <time>', 'before this time (UTC)')
    .addOption(caseOption())
    .addOption(
      new Option('-o, --output <format>', 'how to print')
        .choices([...outputFormats, 'timesketch'])
        .default('table'),
    )
    .action(async (options: object) => {
      const { timeline } = await import('./commands/timeline.ts')
      await finish(timeline(invocation, options))
    })
  program
    .command('summary')
    .description('who or what appears in the logs, the most frequent first')
    .addOption(
      new Option('--by <aspect>', 'what to sum up by').choices([...summaryAspects]).default('identity'),
    )
    .addOption(caseOption())
    .addOption(outputOption())
    .action(async (options: { by: SummaryAspect }) => {
      const { summary } = await import('./commands/summary.ts')
      await finish(summary(invocation, options))
    })
}
