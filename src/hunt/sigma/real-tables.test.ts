import { stringify } from 'yaml'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Rule, Sample, SampleRow } from '../rule.ts'
import { testRules } from '../sample-bench.ts'
import { readSigma } from './read.ts'

interface Case {
  readonly what: string
  readonly log: string
  readonly detection: Readonly<Record<string, unknown>>
  readonly table: string
  readonly hit: SampleRow
  readonly miss: SampleRow
}

const time = { TimeGenerated: '2026-03-02T09:30:00Z' }
const target = (...resources: readonly unknown[]): SampleRow => ({ TargetResources: resources })

/** The names that rules give to fields, in all of their dialects, on rows as the tables have them. */
const cases: readonly Case[] = [
  {
    what: 'properties.message is the operation of the Activity Log',
    log: 'azure activitylogs',
    detection: { s: { 'properties.message|startswith': 'Microsoft.KeyVault/vaults/' } },
    table: 'AzureActivity',
    hit: { OperationNameValue: 'MICROSOFT.KEYVAULT/VAULTS/DELETE' },
    miss: { OperationNameValue: 'MICROSOFT.STORAGE/STORAGEACCOUNTS/DELETE' },
  },
  {
    what: 'operationName and status of the Activity Log, in the words of both of its generations',
    log: 'azure activitylogs',
    detection: {
      s: { operationName: 'Microsoft.Network/networkSecurityGroups/write', Status: ['Succeeded', 'Success'] },
    },
    table: 'AzureActivity',
    hit: {
      OperationNameValue: 'MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/WRITE',
      ActivityStatusValue: 'Success',
    },
    miss: {
      OperationNameValue: 'MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/WRITE',
      ActivityStatusValue: 'Failure',
    },
  },
  {
    what: 'claims by path, whatever the case of keys',
    log: 'azure activitylogs',
    detection: { s: { 'identity.claims.AppId': '04b07795-8ddb-461a-bbee-02f9e1bf7b46' } },
    table: 'AzureActivity',
    hit: { Claims_d: { appid: '04b07795-8ddb-461a-bbee-02f9e1bf7b46' } },
    miss: { Claims_d: { appid: 'x' } },
  },
  {
    what: 'directory changes under the name of the Activity Log',
    log: 'azure activitylogs',
    detection: { s: { 'properties.message': 'Add owner to application' } },
    table: 'AuditLogs',
    hit: { OperationName: 'Add owner to application' },
    miss: { OperationName: 'Add application' },
  },
  {
    what: 'an operation that ends in a blank',
    log: 'azure auditlogs',
    detection: {
      s: { 'properties.message': ['Update application \u2013 Certificates and secrets management'] },
    },
    table: 'AuditLogs',
    hit: { OperationName: 'Update application \u2013 Certificates and secrets management ' },
    miss: { OperationName: 'Update application' },
  },
  {
    what: 'an operation with the full stop of the unified log',
    log: 'azure auditlogs',
    detection: {
      s: {
        Workload: 'AzureActiveDirectory',
        Operation: 'Add member to role.',
        'ModifiedProperties{}.NewValue|endswith': 'Administrator',
      },
    },
    table: 'AuditLogs',
    hit: {
      OperationName: 'Add member to role',
      ...target({
        modifiedProperties: [{ displayName: 'Role.DisplayName', newValue: '"Global Administrator"' }],
      }),
    },
    miss: {
      OperationName: 'Add member to role',
      ...target({
        modifiedProperties: [{ displayName: 'Role.DisplayName', newValue: '"Directory Readers"' }],
      }),
    },
  },
  {
    what: 'a list of targets as a whole',
    log: 'azure auditlogs',
    detection: {
      s: {
        Category: 'RoleManagement',
        'OperationName|contains|all': ['Add', 'member to role'],
        'TargetResources|contains': ['7698a772-787b-4ac8-901f-60d6b08affd2'],
      },
    },
    table: 'AuditLogs',
    hit: {
      Category: 'RoleManagement',
      OperationName: 'Add member to role',
      ...target(
        { id: '1' },
        { modifiedProperties: [{ newValue: '"7698a772-787b-4ac8-901f-60d6b08affd2"' }] },
      ),
    },
    miss: { Category: 'RoleManagement', OperationName: 'Add member to role', ...target({ id: '1' }) },
  },
  {
    what: 'a kind of target written as two words',
    log: 'azure auditlogs',
    detection: { s: { 'targetResources.type': 'Service Principal' } },
    table: 'AuditLogs',
    hit: target({ type: 'User' }, { type: 'ServicePrincipal' }),
    miss: target({ type: 'User' }),
  },
  {
    what: 'who it was, under three spellings',
    log: 'azure auditlogs',
    detection: {
      a: { 'Initiatedby|contains': 'mallory' },
      b: { 'Initiatied.By': 'mallory@contoso.example' },
      c: { 'initiatedBy.user.userPrincipalName|startswith': 'mallory@' },
      condition: 'all of them',
    },
    table: 'AuditLogs',
    hit: { InitiatedBy: { user: { userPrincipalName: 'Mallory@contoso.example' } } },
    miss: { InitiatedBy: { user: { userPrincipalName: 'alice@contoso.example' } } },
  },
  {
    what: 'a detail by its key',
    log: 'azure auditlogs',
    detection: { s: { 'additionalDetails.User-Agent|contains': 'python' } },
    table: 'AuditLogs',
    hit: {
      AdditionalDetails: [
        { key: 'AppId', value: 'x' },
        { key: 'User-Agent', value: 'python-requests/2.31' },
      ],
    },
    miss: { AdditionalDetails: [{ key: 'AppId', value: 'python' }] },
  },
  {
    what: 'a changed property by its name',
    log: 'azure auditlogs',
    detection: { s: { 'ConsentContext.IsAdminConsent': 'false' } },
    table: 'AuditLogs',
    hit: target({
      modifiedProperties: [{ displayName: 'ConsentContext.IsAdminConsent', newValue: '"False"' }],
    }),
    miss: target({
      modifiedProperties: [{ displayName: 'ConsentContext.OnBehalfOfAll', newValue: '"False"' }],
    }),
  },
  {
    what: 'a result code, whichever table it is in',
    log: 'azure signinlogs',
    detection: { s: { ResultType: 50057 } },
    table: 'AADServicePrincipalSignInLogs',
    hit: { ResultType: '50057' },
    miss: { ResultType: '500571' },
  },
  {
    what: 'the portal’s words for an outcome',
    log: 'azure signinlogs',
    detection: {
      s: { Status: 'Success', AuthenticationRequirement: 'singleFactorAuthentication', AppId: ['a1', 'a2'] },
    },
    table: 'SigninLogs',
    hit: { ResultType: '0', AuthenticationRequirement: 'singleFactorAuthentication', AppId: 'a2' },
    miss: { ResultType: '50126', AuthenticationRequirement: 'singleFactorAuthentication', AppId: 'a2' },
  },
  {
    what: 'details of a status',
    log: 'azure signinlogs',
    detection: {
      s: { AuthenticationRequirement: 'multiFactorAuthentication', 'Status|contains': 'MFA Denied' },
    },
    table: 'AADNonInteractiveUserSignInLogs',
    hit: {
      AuthenticationRequirement: 'multiFactorAuthentication',
      Status: '{"errorCode":500121,"additionalDetails":"MFA denied; user declined"}',
    },
    miss: { AuthenticationRequirement: 'multiFactorAuthentication', Status: '{"errorCode":0}' },
  },
  {
    what: 'a device that is empty or absent',
    log: 'azure signinlogs',
    detection: {
      s: { ResultType: 0 },
      e1: { 'DeviceDetail.trusttype': '' },
      e2: { 'DeviceDetail.trusttype': null },
      condition: 's and 1 of e*',
    },
    table: 'SigninLogs',
    hit: { ResultType: '0', DeviceDetail: { deviceId: '', trustType: '' } },
    miss: { ResultType: '0', DeviceDetail: { trustType: 'AzureAd' } },
  },
  {
    what: 'a policy among those that were applied',
    log: 'azure signinlogs',
    detection: {
      s: {
        'properties.appliedConditionalAccessPolicies.result': 'failure',
        'appliedConditionalAccessPolicies.displayName|contains': 'MFA',
      },
    },
    table: 'SigninLogs',
    hit: {
      ConditionalAccessPolicies: [
        { displayName: 'Require MFA', result: 'success' },
        { displayName: 'Block', result: 'failure' },
      ],
    },
    miss: { ConditionalAccessPolicies: [{ displayName: 'Require MFA', result: 'success' }] },
  },
  {
    what: 'steps of an authentication, which are JSON in a text',
    log: 'azure signinlogs',
    detection: {
      s: {
        'AuthenticationDetails.authenticationMethod': 'Previously satisfied',
        riskEventTypes_v2: 'unfamiliarFeatures',
      },
    },
    table: 'SigninLogs',
    hit: {
      AuthenticationDetails:
        '[{"authenticationMethod":"Password"},{"authenticationMethod":"Previously satisfied"}]',
      RiskEventTypes_V2: '["unfamiliarFeatures"]',
    },
    miss: {
      AuthenticationDetails: '[{"authenticationMethod":"Password"}]',
      RiskEventTypes_V2: '["unfamiliarFeatures"]',
    },
  },
  {
    what: 'a protocol by the portal’s name',
    log: 'azure signinlogs',
    detection: { s: { 'properties.message': 'Device Code' } },
    table: 'SigninLogs',
    hit: { AuthenticationProtocol: 'deviceCode' },
    miss: { AuthenticationProtocol: 'none' },
  },
  {
    what: 'a place and an address',
    log: 'azure signinlogs',
    detection: { s: { 'location.city': 'Reykjavik', 'IPAddress|cidr': '203.0.113.0/24' } },
    table: 'SigninLogs',
    hit: { LocationDetails: { city: 'Reykjavik' }, IPAddress: '203.0.113.9' },
    miss: { LocationDetails: { city: 'Reykjavik' }, IPAddress: '198.51.100.9' },
  },
  {
    what: 'a field that no table has, found in a JSON column whatever its case',
    log: 'azure signinlogs',
    detection: { s: { 'nested.Unheard_of': 'x*' } },
    table: 'SigninLogs',
    hit: { DeviceDetail: { Nested: [{ unheard_OF: 'xyz' }] } },
    miss: { DeviceDetail: { other: { unheard_of: 'xyz' } } },
  },
  {
    what: 'a kind of risk',
    log: 'azure riskdetection',
    detection: { s: { riskEventType: 'anonymizedIPAddress' } },
    table: 'AADUserRiskEvents',
    hit: { RiskEventType: 'anonymizedIPAddress' },
    miss: { RiskEventType: 'unlikelyTravel' },
  },
  {
    what: 'an alert of Privileged Identity Management',
    log: 'azure pim',
    detection: { s: { riskEventType: 'noMfaOnRoleActivationAlertIncident' } },
    table: 'AuditLogs',
    hit: {
      OperationName: 'Triggered PIM alert',
      ...target({ displayName: 'noMfaOnRoleActivationAlertIncident' }),
    },
    miss: { OperationName: 'Triggered PIM alert', ...target({ displayName: 'other' }) },
  },
  {
    what: 'an operation of Exchange, with its words for success',
    log: 'm365 exchange',
    detection: { s: { eventSource: 'Exchange', eventName: 'New-InboxRule', status: 'success' } },
    table: 'OfficeActivity',
    hit: { OfficeWorkload: 'Exchange', Operation: 'New-InboxRule', ResultStatus: 'True' },
    miss: { OfficeWorkload: 'Exchange', Operation: 'New-InboxRule', ResultStatus: 'False' },
  },
  {
    what: 'a parameter by its name',
    log: 'm365 audit',
    detection: { s: { 'Parameters.ForwardTo|endswith': '@evil.example' } },
    table: 'OfficeActivity',
    hit: { Parameters: '[{"Name":"Identity","Value":"x"},{"Name":"ForwardTo","Value":"m@evil.example"}]' },
    miss: { Parameters: '[{"Name":"Identity","Value":"m@evil.example"}]' },
  },
  {
    what: 'an alert of Microsoft 365',
    log: 'm365 threat_management',
    detection: {
      s: {
        eventSource: 'SecurityComplianceCenter',
        eventName: 'Unusual volume of file deletion',
        status: 'success',
      },
    },
    table: 'SecurityAlert',
    hit: { AlertName: 'Unusual volume of file deletion' },
    miss: { AlertName: 'Impossible travel' },
  },
  {
    what: 'keywords in any column',
    log: 'azure activitylogs',
    detection: { s: ['elevateaccess/ACTION', 'nothing'] },
    table: 'AzureActivity',
    hit: { OperationNameValue: 'Microsoft.Authorization/elevateAccess/action' },
    miss: { OperationNameValue: 'Microsoft.Authorization/roleAssignments/write' },
  },
]

const problems = new Map<string, string[]>()

beforeAll(async () => {
  const rules = cases.map((each) => ruleOf(each))
  for await (const { rule, sample, problem } of testRules(rules)) {
    if (problem !== undefined)
      problems.set(rule.name, [
        ...(problems.get(rule.name) ?? []),
        `${sample?.name ?? 'rule'}: ${problem}\n${rule.query}`,
      ])
  }
}, 300_000)

function ruleOf({ what, log, detection, table, hit, miss }: Case): Rule {
  const [product, service] = log.split(' ')
  const text = stringify({
    title: what,
    logsource: { product, service },
    detection: { condition: 's', ...detection },
  })
  const { rules, refused } = readSigma([{ path: 'case.yml', text }])
  const [rule] = rules
  if (!rule) throw new Error(`${what}: ${refused[0]?.reason}`)
  const sample = (name: string, row: SampleRow, positive: boolean): Sample => ({
    name,
    positive,
    tables: { [table]: [{ ...time, ...row }] },
  })
  return { ...rule, id: what, samples: [sample('hit', hit, true), sample('miss', miss, false)] }
}

describe('rules for real tables', () => {
  test.each(cases.map(({ what }) => what))('%s', (what) => {
    expect(problems.get(what) ?? []).toEqual([])
  })
})
