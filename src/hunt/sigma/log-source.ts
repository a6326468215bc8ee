import { kqlColumns } from '../../tables/kql-columns.ts'
import { tables } from '../../tables/tables.ts'
import type { KqlType } from '../../tables/types.ts'
import { activityAliases } from './aliases/activity.ts'
import { auditAliases, directoryAliases } from './aliases/audit.ts'
import { officeAliases } from './aliases/office.ts'
import { privilegedIdentityAliases } from './aliases/privileged-identity.ts'
import { riskAliases } from './aliases/risk.ts'
import { securityAlertAliases } from './aliases/security-alert.ts'
import { signInAliases } from './aliases/sign-in.ts'

/** What a rule says of the log that it reads, in lower case. */
export interface LogSource {
  readonly product?: string
  readonly service?: string
  readonly category?: string
}

/** A table as rules see it. */
export interface LogTable {
  readonly name: string
  readonly columns: readonly LogColumn[]
  readonly aliases: Aliases
}

export interface LogColumn {
  readonly name: string
  readonly type: KqlType
}

/**
 * Other names of fields, in lower case and without a leading `properties.`. A target is a path in the table, which a field
 * beyond the alias continues (`\\.` is a full stop inside a key), or a KQL expression of a text over its columns.
 */
export type Aliases = Readonly<Record<string, readonly AliasTarget[]>>
export type AliasTarget = string | AliasSpaced | AliasExpression

/** A path whose words are written together, and are read with blanks between them. */
export interface AliasSpaced {
  readonly path: string
  readonly spaced: true
}

export interface AliasExpression {
  /** Columns that the table must have. */
  readonly columns: readonly string[]
  readonly kql: string
}

/** The tables that hold a log, or why there are none. */
export type LogTables = readonly LogTable[] | { readonly reason: string; readonly hint: string }

interface LogTarget {
  readonly products: readonly string[]
  readonly services: readonly string[]
  readonly tables: readonly (readonly [table: string, aliases: Aliases])[]
}

const entra = ['azure', 'azuread', 'entra', 'entraid', 'entra_id']
const office = ['m365', 'o365', 'office365', 'microsoft365']
const officeActivity = ['OfficeActivity', officeAliases] as const
const securityAlert = ['SecurityAlert', securityAlertAliases] as const

const targets: readonly LogTarget[] = [
  {
    products: entra,
    services: ['activitylogs', 'azureactivity', 'azure.activitylogs'],
    // Many rules look here for what Entra writes to its audit log.
    tables: [
      ['AzureActivity', activityAliases],
      ['AuditLogs', directoryAliases],
    ],
  },
  {
    products: entra,
    services: ['auditlogs', 'azure.auditlogs', 'entra_id'],
    tables: [['AuditLogs', auditAliases]],
  },
  {
    products: entra,
    services: ['signinlogs', 'azure.signinlogs'],
    tables: [
      ['SigninLogs', signInAliases],
      ['AADNonInteractiveUserSignInLogs', signInAliases],
      ['AADServicePrincipalSignInLogs', signInAliases],
      ['AADManagedIdentitySignInLogs', signInAliases],
    ],
  },
  { products: entra, services: ['riskdetection'], tables: [['AADUserRiskEvents', riskAliases]] },
  { products: entra, services: ['pim'], tables: [['AuditLogs', privilegedIdentityAliases]] },
  {
    products: entra,
    services: ['microsoftgraphactivitylogs', 'graphactivitylogs'],
    tables: [['MicrosoftGraphActivityLogs', {}]],
  },
  { products: office, services: ['exchange', 'audit', 'general'], tables: [officeActivity] },
  {
    products: office,
    services: ['threat_management', 'threatmanagement', 'threat_detection', 'threatdetection'],
    tables: [officeActivity, securityAlert],
  },
]

/** Which tables hold a log. */
export function tablesOf(source: LogSource): LogTables {
  const word = source.service ?? source.category
  const ofProduct = targets.filter(({ products }) => products.includes(source.product ?? ''))
  const found = ofProduct.find(({ services }) => services.includes(word ?? ''))
  const said = [source.product, source.service, source.category]
    .filter((each) => each !== undefined)
    .join(' ')
  if (!found) {
    const known = (ofProduct.length > 0 ? ofProduct : targets).map(
      ({ products, services }) => `${products[0]} ${services[0]}`,
    )
    return { reason: `no table holds the log ${said}`, hint: `logs are ${known.join(', ')}` }
  }
  return found.tables.map(([name, aliases]) => logTable(name, aliases))
}

function logTable(name: string, aliases: Aliases): LogTable {
  const table = tables.find((each) => each.name === name)
  if (!table) throw new Error(`there is no table ${name}`)
  const columns = kqlColumns(table).filter(({ hidden }) => hidden !== true)
  return { name, columns, aliases }
}
