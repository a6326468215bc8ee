import type { Aliases, AliasExpression } from '../log-source.ts'

const name = ['AlertName', 'DisplayName', 'AlertType'] as const
/** What the alert centre of Microsoft 365 calls itself in its own log. */
const alertCentre: AliasExpression = { columns: ['AlertName'], kql: '"SecurityComplianceCenter"' }
/** An alert is there because it was raised. */
const raised: AliasExpression = { columns: ['AlertName'], kql: '"success"' }

/** Alerts of Microsoft's products. */
export const securityAlertAliases: Aliases = {
  eventname: name,
  operation: name,
  message: name,
  name,
  alertname: name,
  eventsource: [alertCentre, 'ProviderName', 'ProductName'],
  workload: [alertCentre, 'ProviderName', 'ProductName'],
  status: [raised, 'Status'],
  severity: ['AlertSeverity'],
  user: ['CompromisedEntity'],
  payload: ['ExtendedProperties', 'Entities', 'Description'],
}
