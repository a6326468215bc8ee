import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { declaredSchema } from '../src/case/case-schema.ts'
import { aggregateFunctions } from '../src/kql/aggregates.ts'
import type { Compilation } from '../src/kql/compilation.ts'
import { createCompiler } from '../src/kql/compile.ts'
import { scalarFunctions } from '../src/kql/functions.ts'
import { operators } from '../src/kql/operators.ts'
import { plugins } from '../src/kql/plugins.ts'
import { Dice, mutatedQuery } from './mutation.ts'
import { faultOfSql } from './sql-check.ts'

/** The examples of the documents, and beside the repository real queries where they are at hand. */
export function sourceQueries(): readonly string[] {
  const real = join(import.meta.dirname, '..', '..', 'shared', 'conformance', 'kql-azure-queries.jsonl')
  return [
    ...scalarFunctions.flatMap(({ example: [expression] }) =>
      expression === '' ? [] : [`print ${expression}`],
    ),
    ...[...aggregateFunctions, ...operators, ...plugins].map(({ example }) => example.query),
    ...overTables,
    ...(existsSync(real)
      ? readFileSync(real, 'utf8')
          .trim()
          .split('\n')
          .map((line) => queryOf(line))
      : []),
  ]
}

function queryOf(line: string): string {
  // A line of the file, which was written for tests.
  return (JSON.parse(line) as { readonly query: string }).query
}

const overTables = [
  'SigninLogs | where TimeGenerated > ago(1d) and ResultType != "0" | summarize Failures = count(), Users = dcount(UserPrincipalName) by IPAddress, bin(TimeGenerated, 1h)',
  'let bad = AuditLogs | where OperationName has "password" | distinct CorrelationId; SigninLogs | where CorrelationId in (bad) | project-away Type',
  'AzureActivity | extend Caller = tolower(Caller), ip = tostring(parse_json(HTTPRequest).clientIpAddress) | join kind=leftouter (SigninLogs | summarize arg_max(TimeGenerated, *) by UserPrincipalName) on $left.Caller == $right.UserPrincipalName',
  'AzureDiagnostics | where identity_claim_oid_g != "" | mv-expand x = parse_json(properties_s) | evaluate bag_unpack(x) : (a: string)',
  'let f = (days: long, T: (TimeGenerated: datetime)) { T | where TimeGenerated > ago(days * 1d) }; f(7, StorageBlobLogs) | make-series n = count() on TimeGenerated step 1h',
  'union withsource=Table SigninLogs, AADNonInteractiveUserSignInLogs | parse UserAgent with Browser "/" Version " " * | top 5 by Version | sort by Browser asc | extend before = prev(Browser)',
  `FlowTuples | where DestPort in (22, 3389) and not(ipv4_is_private(SrcIp)) | partition by Rule (top 3 by BytesSent) | project ['a b\`c'] = SrcIp, x = '\\'"\`'`,
]

export interface Tally {
  readonly asked: number
  readonly compiled: number
  readonly slow: number
  readonly faults: readonly string[]
  /** Some of the queries that compiled. */
  readonly sample: readonly Extract<Compilation, { ok: true }>[]
}

/** Compiles mutated queries; a fault is a crash, a hang, a refusal without a reason, or SQL that is not what it should be. */
export async function compileMutated(
  count: number,
  seed: number,
  progress: (asked: number) => void = () => {},
): Promise<Tally> {
  const queries = sourceQueries()
  const tables = new Set(declaredSchema.tables.map(({ database, source }) => `\`${database}\`.\`${source}\``))
  const dice = new Dice(seed)
  const faults: string[] = []
  const sample: Extract<Compilation, { ok: true }>[] = []
  let [compiled, slow] = [0, 0]
  await using compiler = await createCompiler(declaredSchema)
  for (let asked = 0; asked < count; asked += 1) {
    progress(asked)
    const query = mutatedQuery(queries, dice)
    const started = performance.now()
    let fault: string | undefined
    try {
      const compilation = await compiler.compile(query)
      if (compilation.ok) {
        compiled += 1
        fault = faultOfSql(compilation.sql.text, tables)
        if (compiled % 25 === 0) sample.push(compilation)
      } else fault = faultOfRefusal(compilation, query)
      if (compilation.diagnostics.some(({ code }) => code === 'too-slow')) slow += 1
    } catch (error) {
      fault = String(error instanceof Error ? error.stack : error)
    }
    if (performance.now() - started > 60_000) fault ??= 'a hang'
    if (fault !== undefined)
      faults.push(`${fault}\n${query.length > 2000 ? `${query.slice(0, 2000)}…` : query}`)
  }
  return { asked: count, compiled, slow, faults, sample }
}

function faultOfRefusal(
  { diagnostics }: Extract<Compilation, { ok: false }>,
  query: string,
): string | undefined {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return 'refused without a reason'
  const outside = diagnostics.find(({ span }) => span.start < 0 || span.start + span.length > query.length)
  return outside ? `a place outside the text: ${JSON.stringify(outside)}` : undefined
}
