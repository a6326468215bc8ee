import type { Random } from './random.ts'
import type { AlertEvent } from './sources/alert.ts'
import { minuteMs } from './time.ts'
import type { World } from './world.ts'

/** Defender raises an alert: in its own export, and a few minutes later in the Activity Log. */
export function raiseAlert(
  world: World,
  random: Random,
  alert: Omit<AlertEvent, 'id' | 'tenantId'>,
  mark: string,
): void {
  const { recorder, tenant } = world
  const id = random.guid()
  const [, , , , resourceGroup = ''] = alert.resourceId.split('/')
  recorder.alert({ ...alert, id, tenantId: tenant.id }, mark)
  recorder.activity(
    {
      time: alert.time + 4 * minuteMs,
      operation: 'Microsoft.Security/locations/alerts/activate/action',
      title: alert.title,
      category: 'Security',
      status: 'Active',
      subStatus: '',
      subscription: alert.subscription,
      resourceGroup,
      resourceId: `/subscriptions/${alert.subscription}/providers/Microsoft.Security/locations/westeurope/alerts/${id}`,
      correlationId: id,
      eventDataId: random.guid(),
      operationId: id,
      level: 'Warning',
      token: undefined,
      role: '',
      durationMs: 0,
      properties: {
        alertId: id,
        severity: alert.severity,
        compromisedEntity: alert.compromised,
        intent: alert.tactic,
        resourceType: 'Storage account',
        productName: 'Microsoft Defender for Cloud',
        alertType: alert.type,
      },
    },
    mark,
  )
}
