import { all, has, hasKey, not, type Condition } from './condition.ts'
import { byHour, byTime, column, exactly, lowered, repeated, table } from './declare.ts'
import { graphProperty } from './entra.ts'
import { isCategory, isExport, standardColumns } from './standard.ts'
import type { Column, KqlType, Table } from './types.ts'
import { at, first, type Value } from './value.ts'

interface RiskTable {
  readonly name: string
  readonly doc: string
  readonly category: string
  readonly types: Readonly<Record<string, KqlType>>
  /** The properties in Graph that hold the time, the first that is filled. */
  readonly times: readonly string[]
  /** Tells the objects of this table among Graph's risk objects. */
  readonly graph: Condition
  readonly signature: Condition
  /** With the id, names one state of one risk. */
  readonly changedAt: string
}

const docs: Readonly<Record<string, string>> = {
  AccountEnabled: 'Whether the account is enabled.',
  Activity: 'Activity that the risk was found in: signin or user.',
  ActivityDateTime: 'When the risky activity took place.',
  AdditionalInfo: 'Further information on the risk, a list of keys and values.',
  AppId: 'Application of the service principal.',
  CorrelationId: 'Ties the risk to the sign-in it was found in.',
  DetectedDateTime: 'When the risk was found.',
  DetectionTimingType: 'Whether it was found in real time or later.',
  DisplayName: 'Name of the service principal.',
  Id: 'Names the risk, or who is at risk.',
  IpAddress: 'Address of the risky activity.',
  IsDeleted: 'Whether the user is deleted.',
  IsProcessing: 'Whether the risk is still being worked on.',
  KeyIds: 'Credentials that the risk is about.',
  LastUpdatedDateTime: 'When the finding was last changed.',
  Location: 'Where the activity came from.',
  OperationName: 'Kind of record.',
  RequestId: 'Sign-in that the risk was found in.',
  RiskDetail: 'What became of the risk.',
  RiskEventType: 'Kind of risk.',
  RiskLastUpdatedDateTime: 'When the risk was last changed.',
  RiskLevel: 'Level of risk.',
  RiskState: 'State of the risk.',
  ServicePrincipalDisplayName: 'Name of the service principal.',
  ServicePrincipalId: 'Service principal at risk.',
  ServicePrincipalType: 'Kind of service principal.',
  Source: 'Who found the risk.',
  TokenIssuerType: 'Kind of the issuer of the token.',
  UserDisplayName: 'Name of the user.',
  UserId: 'Object id of the user.',
  UserPrincipalName: 'Sign-in name of the user.',
}

const rare: ReadonlySet<string> = new Set(['Id', 'RequestId', 'CorrelationId', 'AdditionalInfo', 'IpAddress'])

/** Declares one of the four tables of Entra's risk findings, whose columns are the properties of Graph's objects. */
export function riskTable(options: RiskTable): Table {
  const { name } = options
  const firstTime = (path: (key: string) => Value): Value => first(...options.times.map((key) => path(key)))
  return table({
    name,
    doc: options.doc,
    columns: [
      ...standardColumns(name, {
        diagnostic: {
          time: first(
            at('time'),
            at('timeStamp'),
            firstTime((key) => at('properties', key)),
          ),
          resourceId: at('resourceId'),
        },
        graph: { time: firstTime((key) => at(key)) },
      }),
      ...Object.entries(options.types).map(([columnName, type]) => riskColumn(columnName, type)),
    ],
    shapes: [
      {
        name: 'diagnostic',
        doc: 'Entra risk findings exported by a diagnostic setting',
        form: 'envelope',
        richness: 70,
        when: isCategory(options.category),
      },
      {
        name: 'graph',
        doc: 'Entra risk findings from Microsoft Graph',
        richness: 50,
        when: all(options.graph, not(hasKey('TimeGenerated')), not(has('category'))),
      },
      {
        name: 'logAnalytics',
        doc: `${name} exported from Log Analytics`,
        form: 'logAnalytics',
        csv: true,
        richness: 60,
        when: isExport(name, options.signature),
      },
    ],
    sortKey: [byHour, exactly('RiskState'), byTime],
    identity: {
      kind: 'keyed',
      key: [
        lowered('Id'),
        { column: options.changedAt, as: 'millisecond' },
        lowered('RiskState'),
        lowered('RiskLevel'),
      ],
      required: ['Id'],
      timeToleranceSeconds: 86_400,
    },
  })
}

function riskColumn(name: string, type: KqlType): Column {
  const doc = docs[name]
  if (doc === undefined) throw new Error(`nothing is known of ${name}`)
  const key = name.slice(0, 1).toLowerCase() + name.slice(1)
  const { diagnostic, graph } = graphProperty(key)
  const from =
    name === 'OperationName'
      ? { diagnostic: at('operationName') }
      : { diagnostic: diagnostic ?? at(key), graph: graph ?? at(key) }
  return (rare.has(name) || type !== 'string' ? column : repeated)(name, type, doc, from)
}
