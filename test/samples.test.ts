import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FileReport } from '../src/evidence/report.ts'
import {
  answerOf,
  faultsOf,
  makeWholeCase,
  removeFolder,
  temporaryFolder,
  type WholeCase,
} from './whole-case.ts'

// Public records of real logs, where they are at hand. All counts are made here, from the text of the files.

const samples = join(import.meta.dirname, '../../shared/samples')
const minutes = 60_000

const tablesByFile: Readonly<Record<string, string>> = {
  'audit_logs.json': 'AuditLogs',
  'managed_identity_sign_in_logs.json': 'AADManagedIdentitySignInLogs',
  'ms_graph_activity_logs.json': 'MicrosoftGraphActivityLogs',
  'non_interactive_user_sign_in_logs.json': 'AADNonInteractiveUserSignInLogs',
  'risky_users_logs.json': 'AADRiskyUsers',
  'service_principal_sign_in_logs.json': 'AADServicePrincipalSignInLogs',
  'sign_in_logs.json': 'SigninLogs',
  'user_risk_event_logs.json': 'AADUserRiskEvents',
  'aks_logs.json': 'AzureDiagnostics',
  'function_app_logs.json': 'AzureDiagnostics',
  'function_app_logs_with_usa_short_timestamp.json': 'AzureDiagnostics',
  'activity_log_fixtures.json': 'AzureActivity',
  'networksecuritygroupflowevent_logs.json': 'FlowTuples',
  'blob_fixtures.json': 'FlowTuples',
  'blob_fixtures_networkinterfaceflowlogs.json': 'FlowTuples',
  'blob_fixtures_subnetflowlogs.json': 'FlowTuples',
  'blob_fixtures_vnetflowlogs.json': 'FlowTuples',
}

describe.skipIf(!existsSync(samples))('published records', () => {
  const folder = temporaryFolder()
  const paths = existsSync(samples)
    ? globSync('**/*.*', { cwd: samples }).map((path) => join(samples, path))
    : []
  const reports = new Map<string, FileReport>()
  let whole: WholeCase

  beforeAll(async () => {
    whole = await makeWholeCase(join(folder, 'case'))
    const { files } = await whole.case.ingest([samples])
    for (const file of files) reports.set(file.path, file)
  }, 5 * minutes)

  afterAll(async () => {
    await whole[Symbol.asyncDispose]()
    removeFolder(folder)
  })

  test.each(paths)('%s', (path) => {
    const report = reports.get(path)
    const table = tablesByFile[basename(path)]
    if (table === undefined) {
      expect(report).toMatchObject({ verdict: 'skipped', records: 0, reason: expect.stringMatching(/./u) })
      return
    }
    const text = readFileSync(path, 'utf8')
    const records = table === 'FlowTuples' ? tuplesOf(text).length : recordsOf(text)
    const rows = report?.tables[table] ?? 0
    expect({ ...report, sum: rows + (report?.duplicates ?? 0) + (report?.quarantined ?? 0) }).toMatchObject({
      records,
      sum: records,
    })
    expect(Object.keys(report?.tables ?? {}).filter((name) => name !== table)).toEqual([])
    if (isSound(text)) expect(report).toMatchObject({ verdict: 'parsed', quarantined: 0 })
  })

  test('give one row for each flow tuple of each distinct record', async () => {
    const records = new Map<string, number>()
    for (const path of paths.filter((each) => tablesByFile[basename(each)] === 'FlowTuples')) {
      const parsed: { records: readonly object[] } = JSON.parse(readFileSync(path, 'utf8'))
      for (const record of parsed.records) {
        const text = JSON.stringify(record)
        records.set(text, tuplesOf(text).length)
      }
    }
    const tuples = [...records.values()].reduce((sum, count) => sum + count, 0)
    expect(await answerOf(whole, 'FlowTuples | count')).toEqual([[tuples]])
  })

  test('keep a denied tuple that stands three times in its record, though the record stands twice in the file', async () => {
    const repeated = await answerOf(
      whole,
      "FlowTuples | where Decision == 'Deny' and DestPort == 22 | summarize N = count() by TimeGenerated, SrcIp, SrcPort, DestIp | where N > 1",
    )
    expect(repeated.map((row) => row[4])).toEqual([3])
  })

  test('are verified', async () => {
    expect(await faultsOf(whole)).toEqual([])
  })
})

/** Lines that hold anything, or the records of one document. */
function recordsOf(text: string): number {
  const document = parse(text)
  if (document === undefined) return text.split('\n').filter((line) => line.trim() !== '').length
  if (typeof document !== 'object' || document === null) return 0
  return 'records' in document && Array.isArray(document.records) ? document.records.length : 1
}

function tuplesOf(text: string): readonly string[] {
  return text.match(/"\d{10,13},[^"]*"/gu) ?? []
}

function isSound(text: string): boolean {
  return (
    parse(text) !== undefined ||
    text.split('\n').every((line) => line.trim() === '' || parse(line) !== undefined)
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
