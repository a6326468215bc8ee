import { define, makeTable, type CaseEngine } from '../engine/case-engine.ts'
import type { TableSchema } from '../kql/schema.ts'
import { tableIn } from '../sql/database.ts'
import { createView } from '../sql/table-definition.ts'
import { identifier, join, sql, type Sql } from '../sql/template.ts'
import { provenanceColumns, storedTable } from '../tables/create.ts'
import { kqlColumns } from '../tables/kql-columns.ts'
import { securityAlert } from '../tables/security-alert.ts'
import type { KqlType } from '../tables/types.ts'

/** What stands in `ProviderName` of alerts that a hunt raised. */
export const ourProvider = 'Azimuth'

/** The stored table behind `Alerts`; of two rows of one alert that of the higher `Version` counts. */
const alertsName = 'AzimuthAlerts'
export const storedAlerts = tableIn('logs', alertsName)
const combined = 'AzimuthSecurityAlert'

/** Columns of `Alerts`, as queries see them. */
export const alertColumns: readonly { readonly name: string; readonly type: KqlType }[] = [
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'AlertId', type: 'string' },
  { name: 'RuleId', type: 'string' },
  { name: 'RuleName', type: 'string' },
  { name: 'RulePath', type: 'string' },
  { name: 'Title', type: 'string' },
  { name: 'Description', type: 'string' },
  { name: 'Level', type: 'string' },
  { name: 'Tactics', type: 'dynamic' },
  { name: 'Techniques', type: 'dynamic' },
  { name: 'StartTime', type: 'datetime' },
  { name: 'EndTime', type: 'datetime' },
  { name: 'RunTime', type: 'datetime' },
  { name: 'Entities', type: 'dynamic' },
  { name: 'CustomDetails', type: 'dynamic' },
  { name: 'ResultRows', type: 'long' },
  { name: 'RecordCount', type: 'long' },
  { name: 'Evidence', type: 'dynamic' },
  { name: 'EvidenceQuery', type: 'string' },
  { name: 'IsBaselineComplete', type: 'bool' },
]

const columnTypes: Readonly<Partial<Record<KqlType, Sql>>> = {
  datetime: sql`Nullable(DateTime64(7, 'UTC'))`,
  long: sql`Nullable(Int64)`,
  bool: sql`Nullable(Bool)`,
}

/** Makes what holds the alerts of hunts, apart from evidence, and the view that shows them beside those in evidence. */
export async function prepareAlerts(engine: CaseEngine): Promise<void> {
  const columns = alertColumns.map(
    ({ name, type }) => sql`${identifier(name)} ${columnTypes[type] ?? sql`String`}`,
  )
  await makeTable(engine, {
    database: 'logs',
    name: alertsName,
    columns: sql`${join(columns)}, Version UInt64`,
    replacing: { version: 'Version' },
    orderBy: sql`AlertId`,
    shardBy: sql`sipHash64(AlertId)`,
  })
  const now = sql`SELECT * EXCEPT (Version) FROM ${storedAlerts} FINAL`
  await define(engine, 'whole', createView('AzimuthAlertsNow', now, engine.spread))
  await define(engine, 'whole', createView(combined, securityAlertSelect(), engine.spread))
}

/** The tables of alerts, as queries name them. */
export const alertSchemas: readonly TableSchema[] = [
  { name: 'Alerts', database: 'logs', source: 'AzimuthAlertsNow', columns: alertColumns },
]

/** `SecurityAlert` for questions: the evidence's alerts and ours. Ours come from no record. */
export const securityAlertSource = combined

function securityAlertSelect(): Sql {
  const names = [...securityAlert.columns.map(({ name }) => name), ...provenanceColumns.map(([name]) => name)]
  const types = new Map(kqlColumns(securityAlert).map(({ name, type }) => [name, type]))
  const ours: Readonly<Record<string, Sql>> = {
    TimeGenerated: sql`assumeNotNull(TimeGenerated)`,
    Type: sql`'SecurityAlert'`,
    SourceSystem: sql`'Detection'`,
    SystemAlertId: sql`AlertId`,
    VendorOriginalId: sql`AlertId`,
    AlertName: sql`Title`,
    DisplayName: sql`Title`,
    AlertType: sql`RuleId`,
    AlertSeverity: sql`concat(upper(substring(Level, 1, 1)), substring(Level, 2))`,
    Description: sql`Description`,
    StartTime: sql`StartTime`,
    EndTime: sql`EndTime`,
    ProcessingEndTime: sql`RunTime`,
    ProviderName: sql`${ourProvider}`,
    ProductName: sql`${ourProvider}`,
    VendorName: sql`${ourProvider}`,
    Entities: sql`Entities`,
    Tactics: sql`arrayStringConcat(JSONExtract(Tactics, 'Array(String)'), ', ')`,
    Techniques: sql`Techniques`,
    ExtendedProperties: sql`CustomDetails`,
    Status: sql`'New'`,
  }
  const provenance = new Map(provenanceColumns)
  const missing = (name: string): Sql => {
    const type = types.get(name)
    if (provenance.has(name)) return name === '_EvidenceId' ? sql`''` : sql`0`
    return type === undefined || type === 'string' || type === 'dynamic' ? sql`''` : sql`NULL`
  }
  const own = join(names.map((name) => identifier(name)))
  const other = join(names.map((name) => sql`${ours[name] ?? missing(name)} AS ${identifier(name)}`))
  return sql`SELECT ${own} FROM ${storedTable(securityAlert)} UNION ALL SELECT ${other} FROM ${tableIn('logs', 'AzimuthAlertsNow')}`
}
