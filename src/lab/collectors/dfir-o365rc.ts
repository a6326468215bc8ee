import { type ActivityEvent, authorization, callerOf, claims } from '../sources/activity.ts'
import { type AuditEvent, graphAudit } from '../sources/audit.ts'
import { graphSignIn, type SignInEvent } from '../sources/sign-in.ts'
import type { Tenant } from '../tenant.ts'
import { isoTicksZ, startOfHour } from '../time.ts'
import { type CollectedFile, type Collector, dateOf, Taken, type Window } from './collector.ts'

const levels = { Error: 1, Warning: 2, Information: 3 } as const
const statuses = {
  Start: 'Started',
  Accept: 'Accepted',
  Success: 'Succeeded',
  Failure: 'Failed',
  Active: 'Active',
} as const

/** Hourly files: activity as .NET objects with PascalCase names, one a line; Entra logs as pretty arrays of Graph records. */
export function dfirO365Rc(tenant: Tenant, window: Window): Collector {
  const activities = new Taken<ActivityEvent>(window)
  const audits = new Taken<AuditEvent>(window)
  const signIns = new Taken<SignInEvent>(window)
  const root = 'collected/DFIR-O365RC'
  const [first] = tenant.subscriptions
  return {
    activity: (event) => {
      if (event.category !== 'Security') activities.offer(event)
    },
    audit: (event) => audits.offer(event),
    signIn: (event) => {
      if (event.kind === 'interactive') signIns.offer(event)
    },
    files: () => [
      ...byHour(activities.inOrder().filter((event) => event.subscription === first)).map(([hour, events]) =>
        file(
          `${root}/azure_rm_activity/${dateOf(hour)}/AzRM_${tenant.domain}_${first}_${clockOf(hour)}.json`,
          'AzureActivity',
          events.length,
          events.map((event) => `${JSON.stringify(pascalCased(event, tenant))}\n`).join(''),
        ),
      ),
      ...byHour(signIns.inOrder()).map(([hour, events]) =>
        file(
          `${root}/azure_ad_signin/${dateOf(hour)}/AADSigninLog_${tenant.domain}_${clockOf(hour)}.json`,
          'SigninLogs',
          events.length,
          JSON.stringify(
            events.map((event) => graphSignIn(event, tenant)),
            undefined,
            2,
          ),
        ),
      ),
      ...[audits.inOrder()]
        .filter((events) => events.length > 0)
        .map((events) =>
          file(
            `${root}/azure_ad_audit/AADAuditLog_${tenant.domain}_${dateOf(window.from)}.json`,
            'AuditLogs',
            events.length,
            JSON.stringify(events.map(graphAudit), undefined, 2),
          ),
        ),
    ],
  }
}

function file(path: string, table: string, records: number, text: string): CollectedFile {
  return { path, tables: { [table]: records }, text }
}

function byHour<T extends { readonly time: number }>(
  events: readonly T[],
): readonly (readonly [number, readonly T[]])[] {
  return [...Map.groupBy(events, (event) => startOfHour(event.time))]
}

function clockOf(hour: number): string {
  return `${dateOf(hour)}_${new Date(hour).toISOString().slice(11, 13)}-00-00`
}

function pascalCased(event: ActivityEvent, tenant: Tenant): Readonly<Record<string, unknown>> {
  const { token } = event
  const allowed = token === undefined ? undefined : authorization(event, token.actor)
  return {
    Authorization:
      allowed === undefined ? null : { Action: event.operation, Role: event.role, Scope: event.resourceId },
    Caller: callerOf(event),
    Channels: 'Operation',
    Claims: token === undefined ? null : { Content: claims(token, tenant) },
    CorrelationId: event.correlationId,
    Description: '',
    EventDataId: event.eventDataId,
    EventName: event.status === 'Start' ? 'Begin request' : 'End request',
    Category: event.category,
    HttpRequest:
      token === undefined
        ? null
        : {
            ClientRequestId: event.operationId,
            ClientIPAddress: token.address.ip,
            Method: 'POST',
            Uri: null,
          },
    Id: `${event.resourceId}/events/${event.eventDataId}`,
    Level: levels[event.level],
    ResourceGroupName: event.resourceGroup,
    ResourceProviderName: event.operation.split('/')[0],
    ResourceId: event.resourceId,
    ResourceType: event.operation.split('/').slice(0, -1).join('/'),
    OperationId: event.operationId,
    OperationName: event.operation,
    Properties: { Content: event.properties },
    Status: statuses[event.status],
    SubStatus: event.subStatus,
    EventTimestamp: isoTicksZ(event.time),
    SubmissionTimestamp: isoTicksZ(event.time + 96_000),
    SubscriptionId: event.subscription,
    TenantId: tenant.id,
  }
}
