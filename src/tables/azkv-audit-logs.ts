import { all, contains, hasKey, oneOf, type Condition } from './condition.ts'
import { bagColumn, byHour, byTime, column, exactly, lowered, repeated, table } from './declare.ts'
import { diagnosticsBag, fixedColumns } from './azure-diagnostics-columns.ts'
import { envelope, isCategory, isExport, standardColumns } from './standard.ts'
import { at, bag, first, object, type Value } from './value.ts'

function property(...keys: readonly [string, ...string[]]): Readonly<Record<string, Value>> {
  const suffixed = keys.flatMap((key) => ['s', 'd', 'b', 'g'].map((suffix) => at(`${key}_${suffix}`)))
  return {
    diagnostic: first(...keys.map((key) => at('properties', key))),
    azureDiagnostics: first(...suffixed),
  }
}

/** A field of the envelope, and the fixed column that AzureDiagnostics has for it. */
function field(key: string, name: string, ...others: readonly string[]): Readonly<Record<string, Value>> {
  return { diagnostic: at(key), azureDiagnostics: first(...[name, ...others].map((each) => at(each))) }
}

function suffixedClaim(...names: readonly string[]): Value {
  return first(...names.flatMap((name) => ['s', 'g'].map((suffix) => at(`identity_claim_${name}_${suffix}`))))
}

function claim(...keys: readonly [string, ...string[]]): Value {
  return first(...keys.map((key) => at('Identity', 'claim', key)))
}

export const isKeyVaultEvent: Condition = all(
  isCategory('auditevent'),
  contains(['resourceId'], '/microsoft.keyvault/'),
)

/** Rows of AzureDiagnostics, of whatever resource. */
export const isDiagnosticsExport: Condition = isExport(
  'AzureDiagnostics',
  all(hasKey('ResourceProvider'), hasKey('ResourceType'), hasKey('Category')),
)

/** A row of AzureDiagnostics that tells a Key Vault event. */
export const isKeyVaultRow: Condition = all(
  oneOf(['ResourceProvider'], 'microsoft.keyvault'),
  oneOf(['Category'], 'auditevent'),
)

export const azkvAuditLogs = table({
  name: 'AZKVAuditLogs',
  doc: 'Requests to Key Vault and managed HSMs: keys, secrets and certificates read, used or changed. One row an event; AzureDiagnostics shows the same rows in its own form.',
  columns: [
    ...standardColumns('AZKVAuditLogs', {
      diagnostic: { time: envelope.time, resourceId: at('resourceId') },
      azureDiagnostics: { time: at('TimeGenerated'), resourceId: first(at('_ResourceId'), at('ResourceId')) },
    }),
    column(
      'AddressAuthorizationType',
      'string',
      'Kind of address that the firewall let in.',
      property('addressAuthorizationType', 'addrAuthType'),
    ),
    repeated('Algorithm', 'string', 'Algorithm of a cryptographic operation.', property('algorithm')),
    column(
      'AppliedAssignmentId',
      'string',
      'Role assignment that allowed or denied the request.',
      property('appliedAssignmentId'),
    ),
    column(
      'CallerIpAddress',
      'string',
      'Address that the request came from.',
      field('callerIpAddress', 'CallerIPAddress', 'CallerIpAddress'),
    ),
    column(
      'CertificateIssuerProperties',
      'dynamic',
      'Properties of a certificate issuer.',
      property('certificateIssuerProperties'),
    ),
    column(
      'CertificatePolicyProperties',
      'dynamic',
      'Properties of a certificate policy.',
      property('certificatePolicyProperties'),
    ),
    column(
      'CertificateProperties',
      'dynamic',
      'Properties of a certificate.',
      property('certificateProperties'),
    ),
    column(
      'CertificateRequestProperties',
      'dynamic',
      'Properties of a certificate request.',
      property('certificateRequestProperties'),
    ),
    repeated('ClientInfo', 'string', 'User agent of the client.', property('clientInfo')),
    column(
      'CorrelationId',
      'string',
      'Id that the client gave, to tie requests together.',
      field('correlationId', 'CorrelationId'),
    ),
    column('DurationMs', 'int', 'Duration, in milliseconds.', field('durationMs', 'DurationMs')),
    column(
      'EnabledForDeployment',
      'bool',
      'Whether virtual machines may fetch certificates.',
      property('enabledForDeployment'),
    ),
    column(
      'EnabledForDiskEncryption',
      'bool',
      'Whether disk encryption may use the vault.',
      property('enabledForDiskEncryption'),
    ),
    column(
      'EnabledForTemplateDeployment',
      'bool',
      'Whether template deployments may read secrets.',
      property('enabledForTemplateDeployment'),
    ),
    column(
      'EnablePurgeProtection',
      'bool',
      'Whether deleted objects are kept from being purged.',
      property('enablePurgeProtection'),
    ),
    column(
      'EnableRbacAuthorization',
      'bool',
      'Whether roles decide access, not access policies.',
      property('enableRbacAuthorization'),
    ),
    column(
      'EnableSoftDelete',
      'bool',
      'Whether deleted objects can be recovered.',
      property('enableSoftDelete'),
    ),
    repeated('HsmPoolResourceId', 'string', 'Pool of the HSM.', property('hsmPoolResourceId')),
    column('HttpStatusCode', 'int', 'HTTP status.', property('httpStatusCode')),
    column('Id', 'string', 'Object that was asked for, as an address.', property('id')),
    column('Identity', 'dynamic', 'Claims of the caller, under short names or long ones.', {
      diagnostic: at('identity'),
      azureDiagnostics: object({
        claim: object({
          upn: suffixedClaim('upn', 'http_schemas_xmlsoap_org_ws_2005_05_identity_claims_upn'),
          appid: suffixedClaim('appid'),
          oid: suffixedClaim('oid', 'http_schemas_microsoft_com_identity_claims_objectidentifier'),
          ipaddr: suffixedClaim('ipaddr'),
        }),
      }),
    }),
    column(
      'IsAccessPolicyMatch',
      'bool',
      'Whether an access policy allowed the request.',
      property('isAccessPolicyMatch'),
    ),
    column(
      'IsAddressAuthorized',
      'bool',
      'Whether the firewall let the address in.',
      property('isAddressAuthorized'),
    ),
    column('IsRbacAuthorized', 'bool', 'Whether a role allowed the request.', property('isRbacAuthorized')),
    column('KeyProperties', 'dynamic', 'Properties of a key.', property('keyProperties')),
    column('NetworkAcls', 'dynamic', 'Network rules of the vault.', property('networkAcls')),
    column('Nsp', 'dynamic', 'Network security perimeter of the vault.', property('nsp')),
    repeated(
      'OperationName',
      'string',
      'Operation: SecretGet, KeySign, VaultPut and others.',
      field('operationName', 'OperationName'),
    ),
    repeated(
      'OperationVersion',
      'string',
      'Version of the API.',
      field('operationVersion', 'OperationVersion'),
    ),
    column('Properties', 'dynamic', 'All further properties of the request.', {
      diagnostic: at('properties'),
    }),
    column('RequestUri', 'string', 'Address that was asked for.', property('requestUri')),
    column(
      'ResultDescription',
      'string',
      'Result in words.',
      field('resultDescription', 'ResultDescription'),
    ),
    repeated(
      'ResultSignature',
      'string',
      'HTTP status in words; says Forbidden even where ResultType says Success.',
      field('resultSignature', 'ResultSignature'),
    ),
    repeated('ResultType', 'string', 'Success or failure, as logged.', field('resultType', 'ResultType')),
    column('SecretProperties', 'dynamic', 'Properties of a secret.', property('secretProperties')),
    column('Sku', 'dynamic', 'Tier of the vault.', property('sku')),
    column(
      'SoftDeleteRetentionInDays',
      'int',
      'Days that deleted objects are kept.',
      property('softDeleteRetentionInDays'),
    ),
    column(
      'StorageAccountProperties',
      'dynamic',
      'Properties of a managed storage account.',
      property('storageAccountProperties'),
    ),
    column(
      'StorageSasDefinitionProperties',
      'dynamic',
      'Properties of a SAS definition.',
      property('storageSasDefinitionProperties'),
    ),
    column('SubnetId', 'string', 'Subnet that the request came from.', property('subnetId')),
    repeated('Tlsversion', 'string', 'Version of TLS.', property('tlsVersion', 'tlsversion')),
    repeated('TrustedService', 'string', 'Trusted Azure service that called.', property('trustedService')),
    column(
      'VaultProperties',
      'dynamic',
      'Properties of the vault.',
      property('vaultProperties', 'properties'),
    ),
    bagColumn({
      diagnostic: diagnosticsBag,
      azureDiagnostics: bag('columns', fixedColumns),
      logAnalytics: object({
        httpStatusCode_d: at('HttpStatusCode'),
        requestUri_s: at('RequestUri'),
        id_s: at('Id'),
        clientInfo_s: at('ClientInfo'),
        isAccessPolicyMatch_b: at('IsAccessPolicyMatch'),
        identity_claim_upn_s: claim('upn', 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn'),
        identity_claim_appid_g: claim('appid'),
        identity_claim_oid_g: claim('oid', 'http://schemas.microsoft.com/identity/claims/objectidentifier'),
        identity_claim_ipaddr_s: claim('ipaddr'),
      }),
    }),
  ],
  shapes: [
    {
      name: 'diagnostic',
      doc: 'Key Vault audit event exported by a diagnostic setting',
      form: 'envelope',
      richness: 70,
      when: isKeyVaultEvent,
    },
    {
      name: 'logAnalytics',
      doc: 'AZKVAuditLogs exported from Log Analytics',
      form: 'logAnalytics',
      csv: true,
      richness: 60,
      when: isExport('AZKVAuditLogs', all(hasKey('HttpStatusCode'), hasKey('IsRbacAuthorized'))),
    },
    {
      name: 'azureDiagnostics',
      doc: 'Key Vault audit event in AzureDiagnostics exported from Log Analytics',
      form: 'logAnalytics',
      csv: true,
      richness: 50,
      when: all(isDiagnosticsExport, isKeyVaultRow),
    },
  ],
  sortKey: [byHour, exactly('OperationName'), byTime],
  search: { CallerIpAddress: 'value', CorrelationId: 'value', RequestUri: 'terms' },
  identity: {
    kind: 'keyed',
    key: [
      lowered('CorrelationId'),
      exactly('OperationName'),
      lowered('RequestUri'),
      { column: 'TimeGenerated', as: 'millisecond' },
    ],
    required: ['CorrelationId', 'RequestUri'],
    mayRepeat: true,
    timeToleranceSeconds: 60,
  },
})
