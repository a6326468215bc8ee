import { isoTicksZ } from '../time.ts'

export interface AlertEvent {
  readonly time: number
  readonly end: number
  readonly id: string
  readonly type: string
  readonly title: string
  readonly description: string
  readonly severity: 'Informational' | 'Low' | 'Medium' | 'High'
  readonly tactic: string
  readonly technique: string
  readonly compromised: string
  readonly resourceId: string
  readonly subscription: string
  readonly tenantId: string
  readonly address: string | undefined
  readonly extended: Readonly<Record<string, string>>
}

/** A Defender for Cloud alert as continuous export sends it. */
export function alertRecord(alert: AlertEvent): Readonly<Record<string, unknown>> {
  const resource = { $id: '2', ResourceId: alert.resourceId, Type: 'azure-resource' }
  const address =
    alert.address === undefined
      ? []
      : [{ $id: '3', Address: alert.address, Location: { CountryCode: 'NL' }, Type: 'ip' }]
  return {
    VendorName: 'Microsoft',
    AlertType: alert.type,
    ProductName: 'Microsoft Defender for Cloud',
    StartTimeUtc: isoTicksZ(alert.time),
    EndTimeUtc: isoTicksZ(alert.end),
    TimeGenerated: isoTicksZ(alert.end + 240_000),
    ProcessingEndTime: isoTicksZ(alert.end + 240_000),
    Severity: alert.severity,
    Status: 'New',
    Intent: alert.tactic,
    SubTechniques: [],
    Techniques: [alert.technique],
    SystemAlertId: alert.id,
    AlertDisplayName: alert.title,
    Description: alert.description,
    CompromisedEntity: alert.compromised,
    ProviderAlertStatus: 'New',
    IsIncident: false,
    CorrelationKey: '',
    Entities: [
      resource,
      ...address,
      ...(alert.address === undefined
        ? []
        : [{ $id: '4', SourceAddress: { $ref: '3' }, Type: 'network-connection' }]),
    ],
    ExtendedProperties: alert.extended,
    ResourceIdentifiers: [
      {
        $id: '5',
        AzureResourceId: alert.resourceId,
        Type: 'AzureResource',
        AzureResourceTenantId: alert.tenantId,
      },
    ],
    RemediationSteps: ['Find out who made the requests.', 'Rotate the keys of the account.'],
    AlertUri: `https://portal.azure.com/#blade/Microsoft_Azure_Security_AzureDefenderForData/AlertBlade/alertId/${alert.id}`,
  }
}
