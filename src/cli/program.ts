import { Command, CommanderError, Option } from 'commander'
import { beginCompilerProcess } from '../kql/compiler-process.ts'
import { reportFailure } from './failure.ts'
import { exitCode, type ExitCode } from './exit-code.ts'
import { addHunting } from './hunt-program.ts'
import { addKeeping } from './keep-program.ts'
import { caseOption, engineOptions, outputOption, queryOutputOption, questionOptions } from './options.ts'
import type { Finish, Invocation } from './session.ts'
import { addTrail } from './trail-program.ts'
import type { Sink, Terminal } from './terminal.ts'
import { azimuthVersion } from './version.ts'

/** Understands a command line and runs its command. Commands are loaded when they are called, so that each starts fast. */
export async function run(terminal: Terminal, words: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCode.ok
  const talk: { readonly sink: Sink; readonly text: string }[] = []
  const program = buildProgram({ terminal, words }, async (result) => {
    code = await result
  })
  for (const command of [program, ...program.commands.flatMap((item) => [item, ...item.commands])]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => talk.push({ sink: terminal.out, text }),
      writeErr: (text) => talk.push({ sink: terminal.err, text }),
      getOutHelpWidth: () => Math.min(terminal.out.columns, 110),
      getErrHelpWidth: () => Math.min(terminal.err.columns, 110),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
  }
  try {
    await program.parseAsync(words, { from: 'user' })
    terminal.signal.throwIfAborted()
    await terminal.out.flush()
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) return await reportFailure(terminal, error)
    try {
      for (const { sink, text } of talk) await sink.write(text)
      await terminal.out.flush()
    } catch (closed) {
      return await reportFailure(terminal, closed)
    }
    return error.exitCode === 0 ? exitCode.ok : exitCode.usage
  }
}

function buildProgram(invocation: Invocation, finish: Finish): Command {
  const program = new Command('azimuth')
    .description('Azure security logs, put to work: ask, hunt and prove, offline.')
    .version(azimuthVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .showHelpAfterError('azimuth --help lists the commands')
    .addHelpText('after', '\nBegin with: azimuth triage PATH…')
  addTaking(program, invocation, finish)
  addAsking(program, invocation, finish)
  addHunting(program, invocation, finish)
  addKeeping(program, invocation, finish)
  addTrail(program, invocation, finish)
  addProving(program, invocation, finish)
  addRest(program, invocation, finish)
  addEngineOptions(program)
  return program
}

function addTaking(program: Command, invocation: Invocation, finish: Finish): void {
  program
    .command('triage')
    .description(
      'take logs in and print one page: what is there, what is not, top alerts, who reached data, what to type next',
    )
    .argument('<path...>', 'files, folders and archives with logs')
    .option('--no-hunt', 'leave out alerts and who reached data')
    .addOption(caseOption())
    .addOption(dayFirstOption())
    .addOption(timeZoneOption())
    .action(async (paths: string[], options: { readonly hunt: boolean }) => {
      const { triage } = await import('./commands/triage.ts')
      await finish(triage(invocation, paths, options))
    })
  program
    .command('ingest')
    .description('take logs in: each record into its table, or into quarantine with the reason')
    .argument('<path...>', 'files, folders and archives with logs')
    .addOption(caseOption())
    .addOption(dayFirstOption())
    .addOption(timeZoneOption())
    .option('--explain', 'say for each file which shape it was taken for, and why')
    .addOption(outputOption())
    .action(async (paths: string[], options: object) => {
      const { ingest } = await import('./commands/ingest.ts')
      await finish(ingest(invocation, paths, options))
    })
}

function addAsking(program: Command, invocation: Invocation, finish: Finish): void {
  program
    .command('tables')
    .description('the tables of the case: rows, first and last record, sources')
    .addOption(caseOption())
    .addOption(outputOption())
    .action(async (options: object) => {
      const { tables } = await import('./commands/tables.ts')
      await finish(tables(invocation, options))
    })
  const query = program
    .command('query')
    .description('ask in KQL')
    .argument('[kql]', 'the query')
    .option('-f, --file <file>', 'read the query from a file, - for standard input')
    .option(
      '--batch <file>',
      'answer each line {id, query} of a file, - for standard input, as one line of NDJSON',
    )
    .addOption(caseOption())
    .addOption(queryOutputOption())
    .option('--compile-only', 'say whether the query is sound; files that it names may be missing')
    .option('--csv-safe', 'CSV for spreadsheets: disarm cells that look like formulas')
    .action(async (kql: string | undefined, options: object) => {
      beginCompilerProcess()
      const { query } = await import('./commands/query.ts')
      await finish(query(invocation, kql, options))
    })
  const explain = program
    .command('explain')
    .description('what a query becomes and reads: its plan, its SQL, its tables')
    .argument('[kql]', 'the query')
    .option('-f, --file <file>', 'read the query from a file, - for standard input')
    .option('--tree', 'also show the tree of the official parser')
    .option('--run', 'run the query, and say what it read')
    .addOption(caseOption())
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .action(async (kql: string | undefined, options: object) => {
      beginCompilerProcess()
      const { explain } = await import('./commands/explain.ts')
      await finish(explain(invocation, kql, options))
    })
  for (const asking of [query, explain]) for (const option of questionOptions()) asking.addOption(option)
}

function addProving(program: Command, invocation: Invocation, finish: Finish): void {
  program
    .command('show')
    .description('the original bytes of a row, with file, offset and SHA-256')
    .argument(
      '<row>',
      'evidence id (or its beginning):record[:ordinal], as in _EvidenceId and _EvidenceRecord',
    )
    .addOption(caseOption())
    .addOption(
      new Option('-o, --output <format>', 'how to print').choices(['bytes', 'json']).default('bytes'),
    )
    .action(async (row: string, options: object) => {
      const { show } = await import('./commands/show.ts')
      await finish(show(invocation, row, options))
    })
  for (const [name, description] of [
    ['quarantine', 'records that did not fit, with reason, file, position and text'],
    ['conflicts', 'records seen more than once with values that differ'],
  ] as const) {
    program
      .command(name)
      .description(description)
      .addOption(caseOption())
      .addOption(outputOption())
      .action(async (options: object) => {
        const { listing } = await import('./commands/listing.ts')
        await finish(listing(invocation, name, options))
      })
  }
  program
    .command('verify')
    .description(
      'hash the evidence again, walk the custody chain, prove the counts; exits with 2 if something is wrong',
    )
    .addOption(caseOption())
    .addOption(outputOption())
    .action(async (options: object) => {
      const { verify } = await import('./commands/verify.ts')
      await finish(verify(invocation, options))
    })
}

function addRest(program: Command, invocation: Invocation, finish: Finish): void {
  program
    .command('lab')
    .description('write the logs of a synthetic tenant whose story is known')
    .argument('<dir>', 'a new or empty folder')
    .addOption(
      new Option('--scenario <name>', 'what happens')
        .choices(['exfiltration', 'ransom', 'application', 'session', 'old-key', 'quiet'])
        .default('exfiltration'),
    )
    .option('--seed <number>', 'another seed, another tenant', '1')
    .option('--days <number>', 'days of logs', '14')
    .option('--scale <factor>', 'how much of benign life', '1')
    .action(async (directory: string, options: object) => {
      const { lab } = await import('./commands/lab.ts')
      await finish(lab(invocation, directory, options))
    })
  program
    .command('doctor')
    .description('check this machine: Node, engine, disk, case')
    .addOption(caseOption())
    .addOption(outputOption())
    .action(async (options: object) => {
      const { doctor } = await import('./commands/doctor.ts')
      await finish(doctor(invocation, options))
    })
}

/** Every command that works on a case can be told which servers hold it. */
function addEngineOptions(command: Command): void {
  if (command.options.some((option) => option.long === '--case'))
    for (const option of engineOptions()) command.addOption(option)
  for (const each of command.commands) addEngineOptions(each)
}

function dayFirstOption(): Option {
  return new Option('--day-first [yes|no]', 'whether 03/04/2026 in a CSV is 3 April')
    .choices(['yes', 'no'])
    .preset('yes')
}

function timeZoneOption(): Option {
  return new Option(
    '--time-zone <zone>',
    'the zone of times that carry none; UTC unless the file says otherwise',
  )
}
