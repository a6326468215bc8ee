import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { LabAnswers } from '../src/lab/answers.ts'

/** What is taken from the evidence of the exfiltration, and what a report must then say is missing. */
export interface Ablation {
  readonly name: string
  /** Whether a file of this table and hour (ISO; '' where it has none) is taken away. */
  readonly takes: (file: AblatedFile, times: StoryTimes) => boolean
  /** Steps that are told no more, or not whole. */
  readonly lost: readonly string[]
  /** Parts of the names of gaps that must be told; one of them stands beside each link that is told no more. */
  readonly missing: readonly string[]
  /** Fewest links of the story that are told, or lost beside a step that is left; six where it is not said. */
  readonly fewestLinks?: number
}

interface AblatedFile {
  readonly path: string
  readonly tables: readonly string[]
  readonly hour: string
}

/** When steps of the story began, as the answers have it. */
export type StoryTimes = (step: string) => string

const signInTables = new Set([
  'SigninLogs',
  'AADNonInteractiveUserSignInLogs',
  'AADServicePrincipalSignInLogs',
  'AADManagedIdentitySignInLogs',
])

const isOf =
  (...tables: readonly string[]) =>
  (file: AblatedFile): boolean =>
    file.tables.some((table) => tables.includes(table))
const isSignIn = (file: AblatedFile): boolean => file.tables.some((table) => signInTables.has(table))
const isReadOf =
  (account: string) =>
  (file: AblatedFile): boolean =>
    file.path.includes('insights-logs-storageread') && file.path.includes(account)
const isWriteOf =
  (account: string) =>
  (file: AblatedFile): boolean =>
    file.path.includes('insights-logs-storagewrite') && file.path.includes(account)

/** Other tools' copies of a time have no hour: they go with what is cut. */
const isBefore = ({ hour }: AblatedFile, time: string): boolean => hour === '' || hour < time.slice(0, 13)
const isAfter = ({ hour }: AblatedFile, time: string): boolean => hour === '' || hour >= time.slice(0, 13)

const listings = ['list-keys', 'list-keys-application', 'list-keys-archive']

export const ablations: readonly Ablation[] = [
  {
    name: 'no Activity Log',
    takes: isOf('AzureActivity'),
    lost: [...listings, 'tamper', 'secrets', 'blind-read'],
    missing: ['where the credential came from', 'the Activity Log'],
    // Of links between two of its steps no end is left.
    fewestLinks: 4,
  },
  {
    name: 'an Activity Log that begins after the keys were listed',
    takes: (file, at) => isOf('AzureActivity')(file) && isBefore(file, at('enumerate')),
    lost: [...listings, 'secrets', 'blind-read', 'tamper'],
    missing: ['where the credential came from', 'the Activity Log'],
  },
  {
    name: 'an Activity Log that ends before the keys were listed',
    takes: (file, at) => isOf('AzureActivity')(file) && isAfter(file, at('list-keys')),
    lost: [...listings, 'tamper', 'secrets', 'blind-read'],
    missing: ['where the credential came from', 'the Activity Log'],
  },
  {
    name: 'an Activity Log that ends after the keys were listed',
    takes: (file, at) => isOf('AzureActivity')(file) && isAfter(file, at('enumerate')),
    lost: [...listings, 'tamper', 'secrets', 'sas', 'blind-read'],
    missing: ['where the credential came from', 'the Activity Log'],
  },
  {
    name: 'no sign-in logs',
    takes: isSignIn,
    lost: [],
    missing: ['the sign-in that issued the token'],
  },
  {
    name: 'sign-in logs that end before the intrusion',
    takes: (file, at) => isSignIn(file) && isAfter(file, at('spray')),
    lost: [],
    missing: ['the sign-in that issued the token'],
  },
  {
    name: 'no read log of the documents',
    takes: isReadOf('docs'),
    lost: ['enumerate', 'download', 'copy-out', 'stage', 'sas'],
    missing: ['StorageRead'],
  },
  {
    name: 'a read log of the documents that begins after the reads',
    takes: (file, at) => isReadOf('docs')(file) && isBefore(file, at('stage')),
    lost: ['enumerate', 'download', 'stage', 'copy-out', 'sas'],
    missing: ['StorageRead'],
  },
  {
    name: 'a read log of the documents that ends before the reads',
    takes: (file, at) => isReadOf('docs')(file) && isAfter(file, at('enumerate')),
    lost: ['enumerate', 'download', 'copy-out', 'stage', 'sas'],
    missing: ['StorageRead'],
  },
  {
    name: 'no write log of the account that was copied into',
    takes: isWriteOf('meridianapp'),
    lost: ['stage'],
    missing: ['the log of the account that copies went to', 'a use of the credential'],
  },
  {
    name: 'a write log of the account that was copied into that begins with the copies',
    takes: (file, at) => isWriteOf('meridianapp')(file) && isBefore(file, at('stage')),
    lost: [],
    missing: ['StorageWrite before its log begins'],
  },
  {
    name: 'a Key Vault log that ends before the secrets were read',
    takes: (file, at) => isOf('AZKVAuditLogs')(file) && isAfter(file, at('secrets')),
    lost: ['secrets'],
    missing: ['Key Vault audit events'],
  },
  {
    name: 'no Key Vault log',
    takes: isOf('AZKVAuditLogs'),
    lost: ['secrets'],
    missing: ['Key Vault audit events'],
  },
  {
    name: 'no metrics',
    takes: isOf('AzureMetrics'),
    lost: ['blind-read', 'copy-out'],
    missing: ['StorageRead'],
  },
]

/** Takes files from a folder of evidence; gives how many. */
export function ablate(evidence: string, answers: LabAnswers, ablation: Ablation): number {
  const times: StoryTimes = (id) => {
    const step = answers.steps.find((one) => one.id === id)
    if (step === undefined) throw new Error(`no step is called ${id}`)
    return step.time
  }
  const repeated = new Map(answers.repeated.map(({ file, of }) => [file, of]))
  let taken = 0
  for (const entry of readdirSync(evidence, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name).slice(evidence.length + 1)
    const total = answers.totals.files[path] ?? answers.totals.files[repeated.get(path) ?? '']
    const file = { path, tables: Object.keys(total?.tables ?? {}), hour: hourOf(path) }
    if (!ablation.takes(file, times)) continue
    rmSync(join(evidence, path))
    taken += 1
  }
  return taken
}

/** `2026-02-25T09` out of the folders of an hour. */
function hourOf(path: string): string {
  const found = /y=(\d{4})\/m=(\d{2})\/d=(\d{2})\/h=(\d{2})/.exec(path)
  return found === null ? '' : `${found[1]}-${found[2]}-${found[3]}T${found[4]}`
}
