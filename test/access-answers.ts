import type { Chain, Step } from '../src/access/story.ts'
import { type Ask, askOf, text } from '../src/access/evidence.ts'
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

/** Which record of the case is which record of the answers. */
export interface Recogniser {
  /** Names of the steps of the story that a chain's step has records of, most first; '' for records of none. */
  stepsOf(step: Step): readonly string[]
  /** Of a step of the story: how many records it has, and how many of them a chain holds. */
  recall(chain: Chain, id: string): { readonly all: number; readonly found: number }
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
  const keyOf = (record: Step['records'][number]): string =>
    named.get(`${record.table} ${record.evidenceId} ${record.record} ${record.ordinal}`) ?? ''
  return {
    stepsOf: (step) => {
      const counts = new Map<string, number>()
      for (const record of step.records) {
        const id = story.get(keyOf(record)) ?? ''
        counts.set(id, (counts.get(id) ?? 0) + 1)
      }
      return [...counts].toSorted((left, right) => right[1] - left[1]).map(([id]) => id)
    },
    recall: (chain, id) => {
      const held = new Set(chain.steps.flatMap(({ records }) => records.map(keyOf)))
      const wanted = [...story].filter(([, step]) => step === id).map(([key]) => key)
      return { all: wanted.length, found: wanted.filter((key) => held.has(key)).length }
    },
  }
}
