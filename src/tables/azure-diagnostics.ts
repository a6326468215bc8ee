import { identifier, join, sql, type Sql } from '../sql/template.ts'
import { isEntraAudit } from './audit-logs.ts'
import { azkvAuditLogs, isDiagnosticsExport, isKeyVaultEvent, isKeyVaultRow } from './azkv-audit-logs.ts'
import { diagnosticsBag, fixedColumns } from './azure-diagnostics-columns.ts'
import { azureDiagnosticsTypes } from './azure-diagnostics-types.ts'
import { all, any, has, hasKey, not, oneOf, startsWith } from './condition.ts'
import { provenanceColumns, storedTable } from './create.ts'
import { bagColumn, byHour, byTime, column, exactly, repeated, table } from './declare.ts'
import { envelope, isEnvelope, standardColumns } from './standard.ts'
import { isUnclearStorage } from './storage-logs.ts'
import { at, bag, lastSegment, segment, first, extract } from './value.ts'

/** Categories that have tables of their own, wherever they come from. */
const categoriesElsewhere = `
  administrative servicehealth resourcehealth alert autoscale recommendation policy security write action delete
  signinlogs noninteractiveusersigninlogs serviceprincipalsigninlogs managedidentitysigninlogs adfssigninlogs
  userriskevents riskyusers serviceprincipalriskevents riskyserviceprincipals provisioninglogs
  microsoftgraphactivitylogs azureadgraphactivitylogs aadgraphactivitylogs
  networksecuritygroupflowevent flowlogflowevent`
  .trim()
  .split(/\s+/)

const columns = [
  ...standardColumns('AzureDiagnostics', {
    diagnostic: { time: envelope.time, resourceId: at('resourceId') },
  }).filter((declared) => !['_BilledSize', '_IsBillable'].includes(declared.name)),
  repeated('Category', 'string', 'Category of the resource log.', { diagnostic: at('category') }),
  repeated('OperationName', 'string', 'What was done.', { diagnostic: at('operationName') }),
  repeated('OperationVersion', 'string', 'Version of the record.', { diagnostic: at('operationVersion') }),
  repeated('ResultType', 'string', 'Result: a word or a code.', { diagnostic: at('resultType') }),
  repeated('ResultSignature', 'string', 'Detail of the result, such as an HTTP status.', {
    diagnostic: at('resultSignature'),
  }),
  column('ResultDescription', 'string', 'Result in words.', { diagnostic: at('resultDescription') }),
  column('DurationMs', 'long', 'Duration, in milliseconds.', { diagnostic: at('durationMs') }),
  column('CallerIPAddress', 'string', 'Address that the request came from.', {
    diagnostic: at('callerIpAddress'),
    logAnalytics: first(at('CallerIPAddress'), at('CallerIpAddress')),
  }),
  column('CorrelationId', 'string', 'Ties records together.', { diagnostic: at('correlationId') }),
  repeated('Level', 'string', 'Weight of the event.', { diagnostic: envelope.level }),
  column('Message', 'string', 'Message, where a workspace filled it.'),
  repeated('ResourceId', 'string', 'Resource that logged, in the case it arrived in.', {
    diagnostic: at('resourceId'),
  }),
  repeated('Resource', 'string', 'Name of that resource.', { diagnostic: lastSegment(at('resourceId')) }),
  repeated('ResourceGroup', 'string', 'Resource group of that resource.', {
    diagnostic: segment(at('resourceId'), 'resourcegroups'),
  }),
  repeated('SubscriptionId', 'string', 'Subscription of that resource.', {
    diagnostic: segment(at('resourceId'), 'subscriptions'),
  }),
  repeated('ResourceProvider', 'string', 'Resource provider of that resource.', {
    diagnostic: segment(at('resourceId'), 'providers'),
  }),
  repeated('ResourceType', 'string', 'Type of that resource.', {
    diagnostic: extract(at('resourceId'), '(?i)/providers/[^/]+/([^/]+)'),
  }),
]

export const azureDiagnostics = table({
  name: 'AzureDiagnostics',
  storedAs: 'AzureDiagnosticsRows',
  doc: 'Resource logs of every category without a table of its own. Columns beyond the fixed ones bear the names and suffixes that Azure gives them. Key Vault events are stored once, in AZKVAuditLogs, and shown here too: counts of records count them there.',
  columns: [
    ...columns,
    bagColumn({
      diagnostic: diagnosticsBag,
      logAnalytics: bag('columns', fixedColumns),
    }),
  ],
  shapes: [
    {
      name: 'diagnostic',
      doc: 'Resource log of a category without a table of its own',
      form: 'envelope',
      richness: 60,
      when: all(
        isEnvelope,
        any(has('category'), all(has('time'), startsWith(['resourceId'], '/'))),
        not(hasKey('metricName')),
        not(oneOf(['category'], ...categoriesElsewhere)),
        any(not(oneOf(['category'], 'storageread', 'storagewrite', 'storagedelete')), isUnclearStorage),
        not(isKeyVaultEvent),
        not(isEntraAudit),
      ),
    },
    {
      name: 'logAnalytics',
      doc: 'AzureDiagnostics exported from Log Analytics',
      form: 'logAnalytics',
      csv: true,
      richness: 50,
      when: all(isDiagnosticsExport, not(isKeyVaultRow)),
    },
  ],
  sortKey: [byHour, exactly('Category'), exactly('OperationName'), byTime],
  identity: { kind: 'unkeyed' },
  open: { types: azureDiagnosticsTypes },
})

/** What the view shows that bears the table's name: its own rows, and Key Vault's in the form they have here. */
export function diagnosticsSelect(): Sql {
  const names = [
    ...azureDiagnostics.columns.map((declared) => declared.name),
    ...provenanceColumns.map(([name]) => name),
  ]
  const upperId = sql`upper(_ResourceId)`
  const fromKeyVault: Readonly<Record<string, Sql>> = {
    Type: sql`'AzureDiagnostics'`,
    Category: sql`'AuditEvent'`,
    CallerIPAddress: sql`CallerIpAddress`,
    DurationMs: sql`CAST(DurationMs, 'Nullable(Int64)')`,
    Level: sql`''`,
    Message: sql`''`,
    ResourceId: upperId,
    Resource: sql`extract(${upperId}, '([^/]*)/?$')`,
    ResourceGroup: sql`extract(${upperId}, '/RESOURCEGROUPS/([^/]+)')`,
    SubscriptionId: sql`extract(${upperId}, '/SUBSCRIPTIONS/([^/]+)')`,
    ResourceProvider: sql`'MICROSOFT.KEYVAULT'`,
    ResourceType: sql`extract(${upperId}, '/PROVIDERS/[^/]+/([^/]+)')`,
  }
  const own = join(names.map((name) => identifier(name)))
  const other = join(
    names.map((name) => sql`${fromKeyVault[name] ?? identifier(name)} AS ${identifier(name)}`),
  )
  return sql`SELECT ${own} FROM ${storedTable(azureDiagnostics)} UNION ALL SELECT ${other} FROM ${storedTable(azkvAuditLogs)}`
}
