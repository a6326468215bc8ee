import { type Ask, type RecordName, records, text, texts } from '../case/rows.ts'
import { activityCaller, oneOperation } from './grants.ts'

/** A command or script that the control plane ran on a resource, which holds the tokens of its identity. */
export interface Command {
  readonly operation: string
  /** The machine, scale set or site, in lower case. */
  readonly resource: string
  readonly time: string
  readonly caller: string
  /** Object id of the caller; '' where the log gives none. */
  readonly callerId: string
  readonly address: string
  readonly token: string
  readonly failed: boolean
  readonly records: readonly RecordName[]
}

const operations = [
  'microsoft.compute/virtualmachines/runcommand/action',
  'microsoft.compute/virtualmachines/runcommands/write',
  'microsoft.compute/virtualmachines/extensions/write',
  'microsoft.compute/virtualmachinescalesets/virtualmachines/runcommand/action',
  'microsoft.compute/virtualmachinescalesets/virtualmachines/runcommands/write',
  'microsoft.compute/virtualmachinescalesets/extensions/write',
  'microsoft.hybridcompute/machines/runcommands/write',
  'microsoft.hybridcompute/machines/extensions/write',
  'microsoft.serialconsole/serialports/connect/action',
]

const commandsQuery = `
AzureActivity
| extend Operation = tolower(OperationNameValue)
| where Operation in (${operations.map((operation) => `'${operation}'`).join(', ')})
| extend _EvidenceId, _EvidenceRecord, _EvidenceOrdinal
${activityCaller}
${oneOperation}
| extend Machine = replace_regex(Resource, @'/(runcommands?|extensions|providers/microsoft\\.serialconsole)(/.*)?$', '')`

/** All such commands in the Activity Log, by time. */
export async function findCommands(ask: Ask): Promise<readonly Command[]> {
  return (await ask(commandsQuery)).map((row) => ({
    operation: text(row, 'Operation'),
    resource: text(row, 'Machine'),
    time: text(row, 'Time'),
    caller: text(row, 'Caller'),
    callerId: text(row, 'CallerId'),
    address: text(row, 'Address'),
    token: text(row, 'Token'),
    failed: texts(row, 'Statuses').some((status) => status.startsWith('fail')),
    records: records(row, 'Records'),
  }))
}
