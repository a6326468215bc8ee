import type { Command } from 'commander'
import { caseOption, outputOption } from './options.ts'
import type { Finish, Invocation } from './session.ts'

/** The commands for what a case keeps beside its logs: functions and watchlists. */
export function addKeeping(program: Command, invocation: Invocation, finish: Finish): void {
  const functions = program.command('function').description('functions in KQL that the case keeps')
  functions
    .command('add <name> <file>')
    .description('keep a function: (parameters) { body }, or a query')
    .addOption(caseOption())
    .action(async (name: string, file: string, options: object) => {
      const { addFunction } = await import('./commands/function.ts')
      await finish(addFunction(invocation, name, file, options))
    })
  functions
    .command('list')
    .description('the functions of the case')
    .addOption(caseOption())
    .addOption(outputOption())
    .action(async (options: object) => {
      const { listFunctions } = await import('./commands/function.ts')
      await finish(listFunctions(invocation, options))
    })
  functions
    .command('show <name>')
    .description('print a function as it was given')
    .addOption(caseOption())
    .action(async (name: string, options: object) => {
      const { showFunction } = await import('./commands/function.ts')
      await finish(showFunction(invocation, name, options))
    })
  functions
    .command('remove <name>')
    .description('forget a function')
    .addOption(caseOption())
    .action(async (name: string, options: object) => {
      const { removeFunction } = await import('./commands/function.ts')
      await finish(removeFunction(invocation, name, options))
    })
  const watchlists = program.command('watchlist').description('watchlists for _GetWatchlist')
  watchlists
    .command('add <name> <file.csv>')
    .description('keep the rows of a CSV as a watchlist; its first line names the columns')
    .option('--key <column>', 'the column that SearchKey repeats; the first one otherwise')
    .addOption(caseOption())
    .action(async (name: string, file: string, options: object) => {
      const { addWatchlist } = await import('./commands/watchlist.ts')
      await finish(addWatchlist(invocation, name, file, options))
    })
  watchlists
    .command('list')
    .description('the watchlists of the case')
    .addOption(caseOption())
    .addOption(outputOption())
    .action(async (options: object) => {
      const { listWatchlists } = await import('./commands/watchlist.ts')
      await finish(listWatchlists(invocation, options))
    })
  watchlists
    .command('show <name>')
    .description('the items of a watchlist')
    .addOption(caseOption())
    .addOption(outputOption())
    .action(async (name: string, options: object) => {
      const { showWatchlist } = await import('./commands/watchlist.ts')
      await finish(showWatchlist(invocation, name, options))
    })
  watchlists
    .command('remove <name>')
    .description('forget a watchlist')
    .addOption(caseOption())
    .action(async (name: string, options: object) => {
      const { removeWatchlist } = await import('./commands/watchlist.ts')
      await finish(removeWatchlist(invocation, name, options))
    })
}
