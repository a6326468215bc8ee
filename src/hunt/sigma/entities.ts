import type { EntityMapping } from '../rule.ts'

type Identifiers = Readonly<Record<string, readonly (readonly [identifier: string, column: string])[]>>

const signIn: Identifiers = {
  Account: [
    ['FullName', 'UserPrincipalName'],
    ['AadUserId', 'UserId'],
  ],
  IP: [['Address', 'IPAddress']],
  CloudApplication: [['AppId', 'AppId']],
}

/** Sentinel's entities in the columns of each table. */
const entitiesByTable: Readonly<Record<string, Identifiers>> = {
  SigninLogs: signIn,
  AADNonInteractiveUserSignInLogs: signIn,
  AADServicePrincipalSignInLogs: { IP: [['Address', 'IPAddress']], CloudApplication: [['AppId', 'AppId']] },
  AADManagedIdentitySignInLogs: { CloudApplication: [['AppId', 'AppId']] },
  AuditLogs: { Account: [['Name', 'Identity']] },
  AzureActivity: {
    Account: [['FullName', 'Caller']],
    IP: [['Address', 'CallerIpAddress']],
    AzureResource: [['ResourceId', '_ResourceId']],
  },
  AADUserRiskEvents: {
    Account: [
      ['FullName', 'UserPrincipalName'],
      ['AadUserId', 'UserId'],
    ],
    IP: [['Address', 'IpAddress']],
  },
  OfficeActivity: { Account: [['FullName', 'UserId']], IP: [['Address', 'ClientIP']] },
  SecurityAlert: { Account: [['FullName', 'CompromisedEntity']] },
  MicrosoftGraphActivityLogs: { Account: [['AadUserId', 'UserId']], IP: [['Address', 'IPAddress']] },
}

/** The entities of a rule over tables: columns that one of them has. */
export function entitiesOf(tables: readonly string[]): readonly EntityMapping[] {
  const seen = new Map<string, EntityMapping>()
  for (const table of tables) {
    for (const [type, fields] of Object.entries(entitiesByTable[table] ?? {})) {
      const mapping = { type, fields: fields.map(([identifier, column]) => ({ identifier, column })) }
      seen.set(JSON.stringify(mapping), mapping)
    }
  }
  return [...seen.values()]
}

/** The entities of a correlation, by the names of the fields that it groups by. */
export function entitiesOfNames(columns: readonly string[]): readonly EntityMapping[] {
  return columns.flatMap((column): readonly EntityMapping[] => {
    const name = column.toLowerCase()
    const mapping = (type: string, identifier: string): readonly EntityMapping[] => [
      { type, fields: [{ identifier, column }] },
    ]
    if (/ip_?address|^client_?ip|^ip$/.test(name)) return mapping('IP', 'Address')
    if (/userprincipalname|^user(name)?$|^caller$|^upn$/.test(name)) return mapping('Account', 'FullName')
    if (/^user_?id$/.test(name)) return mapping('Account', 'AadUserId')
    if (/^app(lication)?_?id$/.test(name)) return mapping('CloudApplication', 'AppId')
    if (/^_?resource_?id$/.test(name)) return mapping('AzureResource', 'ResourceId')
    return []
  })
}
