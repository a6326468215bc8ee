import { type ActivityEvent, authorization, callerOf, claims } from '../sources/activity.ts'
import type { Tenant } from '../tenant.ts'
import { usTime } from '../time.ts'
import { type Collector, Taken, type Window } from './collector.ts'

const header =
  'TenantId,"TimeGenerated [UTC]",OperationNameValue,Level,ActivityStatusValue,ActivitySubstatusValue,ResourceGroup,SubscriptionId,CorrelationId,' +
  'Caller,CallerIpAddress,CategoryValue,EventDataId,OperationId,Authorization,Claims,Properties,ResourceId,Type,"_ResourceId"'

/** A query's result saved as CSV from the portal: Log Analytics' columns, times in US text to the millisecond. */
export function logAnalyticsExport(tenant: Tenant, window: Window, workspaceId: string): Collector {
  const activities = new Taken<ActivityEvent>(window)
  return {
    activity: (event) => {
      if (event.category !== 'Security') activities.offer(event)
    },
    files: () => {
      const events = activities.inOrder()
      if (events.length === 0) return []
      const rows = events.map((event) => cellsOf(event, tenant, workspaceId).map(quoted).join(','))
      return [
        {
          path: 'collected/log-analytics/query_data.csv',
          tables: { AzureActivity: events.length },
          text: `\uFEFF${[header, ...rows].join('\r\n')}\r\n`,
        },
      ]
    },
  }
}

function cellsOf(event: ActivityEvent, tenant: Tenant, workspaceId: string): readonly string[] {
  const { token } = event
  return [
    workspaceId,
    timeOf(event.time),
    event.operation.toUpperCase(),
    event.level === 'Information' ? 'Informational' : event.level,
    event.status,
    event.subStatus,
    event.resourceGroup,
    event.subscription,
    event.correlationId,
    callerOf(event),
    token?.address.ip ?? '',
    event.category,
    event.eventDataId,
    event.operationId,
    token === undefined ? '' : JSON.stringify(authorization(event, token.actor), undefined, 2),
    token === undefined ? '' : JSON.stringify(claims(token, tenant)),
    JSON.stringify(event.properties),
    event.resourceId,
    'AzureActivity',
    event.resourceId.toLowerCase(),
  ]
}

/** `2/25/2026, 9:19:25.391 AM` */
function timeOf(time: number): string {
  const [date = '', clock = '', half = ''] = usTime(time).split(' ')
  return `${date}, ${clock}.${String(time % 1000).padStart(3, '0')} ${half}`
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
