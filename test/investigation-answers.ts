import { type Ask, askOf, type RecordName, text } from '../src/case/rows.ts'
import type { Case } from '../src/case/case.ts'
import type { AnswerRecord, LabAnswers } from '../src/lab/answers.ts'

/** Where the steps of the lab's story that concern access to data are told by a chain. */
export const accessSteps = [
  'secrets',
  'list-keys',
  'list-keys-application',
  'list-keys-archive',
  'sas',
  'enumerate',
  'download',
  'stage',
  'copy-out',
  'blind-read',
  'tamper',
] as const

/** The columns by which the answers and the case know one record: KQL for a text, and the answer's side of it. */
const keys: Readonly<Record<string, readonly [kql: string, of: (record: AnswerRecord) => string]>> = {
  AzureActivity: [
    `strcat(CorrelationId, ' ', toupper(OperationNameValue), ' ', ActivityStatusValue)`,
    ({ columns }) =>
      `${columns['CorrelationId']} ${columns['OperationNameValue']?.toUpperCase()} ${columns['ActivityStatusValue']}`,
  ],
  StorageBlobLogs: [
    `strcat(CorrelationId, ' ', OperationCount)`,
    ({ columns }) => `${columns['CorrelationId']} ${columns['OperationCount']}`,
  ],
  ...Object.fromEntries(
    [
      'SigninLogs',
      'AADNonInteractiveUserSignInLogs',
      'AADServicePrincipalSignInLogs',
      'AADManagedIdentitySignInLogs',
      'AuditLogs',
      'AADUserRiskEvents',
    ].map((table) => [table, [`Id`, ({ columns }: AnswerRecord) => columns['Id'] ?? '']] as const),
  ),
  OfficeActivity: [`OfficeId`, ({ columns }) => columns['Id'] ?? ''],
  MicrosoftGraphActivityLogs: [`RequestId`, ({ columns }) => columns['RequestId'] ?? ''],
  FlowTuples: [
    `strcat(MacAddress, ' ', SrcIp, ' ', SrcPort, ' ', DestIp, ' ', DestPort)`,
    ({ columns }) =>
      `${columns['MacAddress']} ${columns['SrcIp']} ${columns['SrcPort']} ${columns['DestIp']} ${columns['DestPort']}`,
  ],
  AZKVAuditLogs: [
    `strcat(CorrelationId, ' ', OperationName, ' ', Id, ' ', HttpStatusCode)`,
    ({ columns }) =>
      `${columns['CorrelationId']} ${columns['OperationName']} ${columns['Id']} ${columns['HttpStatusCode']}`,
  ],
  AzureMetrics: [
    `tolower(strcat(Resource, ' ', MetricName, ' ', Dimensions.apiname, ' ', Dimensions.authentication, ' ', tolong(Total)))`,
    ({ columns }) =>
      `${columns['Resource']} ${columns['MetricName']} ${columns['ApiName']} ${columns['Authentication']} ${columns['Total']}`.toLowerCase(),
  ],
}

/** Where the steps of the lab's story that concern identities are told by a trail. */
export const identitySteps = [
  'spray',
  'sign-in',
  'tokens',
  'discovery',
  'credential',
  'role-assignment',
  'application-sign-in',
  'run-command',
] as const

/** What holds records: a step of a chain, a deed of a trail. */
export interface Held {
  readonly records: readonly RecordName[]
}

/** Which record of the case is which record of the answers. */
export interface Recogniser {
  /** Names of the steps of the story that a chain's step has records of, most first; '' for records of none. */
  stepsOf(step: Held): readonly string[]
  /** Of a step of the story: how many records it has, and how many of them a chain holds. */
  recall(held: readonly Held[], id: string): { readonly all: number; readonly found: number }
  /** Whether a step of the story had records, of which the case holds none. */
  isGone(id: string): boolean
}

export async function recogniseAnswers(opened: Case, answers: LabAnswers): Promise<Recogniser> {
  const ask: Ask = askOf(opened)
  const named = new Map<string, string>()
  for (const [table, [kql]] of Object.entries(keys))
    for (const row of await ask(
      `${table} | project Key = ${kql}, Name = strcat(_EvidenceId, ' ', _EvidenceRecord, ' ', _EvidenceOrdinal)`,
    ))
      named.set(`${table} ${text(row, 'Name')}`, `${table} ${text(row, 'Key')}`)
  const story = new Map<string, string>()
  for (const step of answers.steps)
    for (const record of step.records) {
      const key = keys[record.table]
      if (key !== undefined) story.set(`${record.table} ${key[1](record)}`, step.id)
    }
  const keyOf = (record: RecordName): string =>
    named.get(`${record.table} ${record.evidenceId} ${record.record} ${record.ordinal}`) ?? ''
  const inCase = new Set(named.values())
  const recordsOf = (id: string): readonly string[] =>
    [...story].filter(([, step]) => step === id).map(([key]) => key)
  return {
    stepsOf: (step) => {
      const counts = new Map<string, number>()
      for (const record of step.records) {
        const id = story.get(keyOf(record)) ?? ''
        counts.set(id, (counts.get(id) ?? 0) + 1)
      }
      return [...counts].toSorted((left, right) => right[1] - left[1]).map(([id]) => id)
    },
    isGone: (id) => recordsOf(id).length > 0 && !recordsOf(id).some((key) => inCase.has(key)),
    recall: (steps, id) => {
      const held = new Set(steps.flatMap(({ records }) => records.map(keyOf)))
      const wanted = recordsOf(id)
      return { all: wanted.length, found: wanted.filter((key) => held.has(key)).length }
    },
  }
}
