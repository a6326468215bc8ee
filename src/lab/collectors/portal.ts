import { signInErrors } from '../applications.ts'
import { type ActivityEvent, callerOf } from '../sources/activity.ts'
import type { SignInEvent } from '../sources/sign-in.ts'
import type { Tenant } from '../tenant.ts'
import { isoSecondsZ } from '../time.ts'
import { type Collector, dateOf, Taken, type Window } from './collector.ts'

const signInHeader =
  'Date (UTC),Request ID,User agent,Correlation ID,User ID,User,Username,User type,Cross tenant access type,Incoming token type,' +
  'Authentication Protocol,Unique token identifier,Original transfer method,Client credential type,Token Protection - Sign In Session,' +
  'Token Protection - Sign In Session StatusCode,Application,Application ID ,App owner tenant ID,Resource,Resource ID ,Resource tenant ID,' +
  'Resource owner tenant ID,Home tenant ID,Home tenant name,IP address,Location,Status,Sign-in error code,Failure reason,Client app,' +
  'Device ID,Browser,Operating System,Compliant,Managed,Join Type,Multifactor authentication result,Multifactor authentication auth method,' +
  'Multifactor authentication auth detail,Authentication requirement,Sign-in identifier,Session ID,IP address (seen by resource),' +
  'Through Global Secure Access,Global Secure Access IP address,Autonomous system  number,Flagged for review,Token issuer type,' +
  'Incoming token type,Token issuer name,Latency,Conditional Access,Associated Resource Id,Federated Token Id,Federated Token Issuer'
const activityHeader =
  'Correlation id,Operation name,Status,Event category,Level,Time,Subscription,Event initiated by,Resource type,Resource group,Resource'
const statuses = {
  Start: 'Started',
  Accept: 'Accepted',
  Success: 'Succeeded',
  Failure: 'Failed',
  Active: 'Active',
} as const

/** What an analyst saves from the portal: sign-ins in 56 columns, and the Activity Log without addresses or operation ids. */
export function portal(tenant: Tenant, window: Window): Collector {
  const signIns = new Taken<SignInEvent>(window)
  const activities = new Taken<ActivityEvent>(window)
  return {
    signIn: (event) => {
      if (event.kind === 'interactive') signIns.offer(event)
    },
    activity: (event) => {
      if (event.category !== 'Security') activities.offer(event)
    },
    files: () =>
      [
        {
          path: `collected/portal/InteractiveSignIns_${dateOf(window.from)}_${dateOf(window.to)}.csv`,
          tables: { SigninLogs: signIns.inOrder().length },
          text: csv(
            signInHeader,
            signIns
              .inOrder()
              .toReversed()
              .map((event) => signInCells(event, tenant)),
          ),
        },
        {
          path: 'collected/portal/QueryResult.csv',
          tables: { AzureActivity: activities.inOrder().length },
          text: csv(activityHeader, activities.inOrder().toReversed().map(activityCells)),
        },
      ].filter((file) => Object.values(file.tables).some((records) => records > 0)),
  }
}

function signInCells(event: SignInEvent, tenant: Tenant): readonly string[] {
  const { token } = event
  if (token.actor.kind !== 'user') throw new Error('not a user')
  const { user } = token.actor
  const { address, application, resource } = token
  const own = token.agent === user.agent
  const interrupted = [50074, 50076, 50140].includes(event.errorCode)
  const status = event.errorCode === 0 ? 'Success' : interrupted ? 'Interrupted' : 'Failure'
  const demanded = event.multiFactor || event.errorCode === 50074 || event.errorCode === 50076
  return [
    isoSecondsZ(event.time),
    token.signInId,
    token.agent,
    event.correlationId,
    user.id,
    user.name,
    user.upn,
    'Member',
    'none',
    'none',
    event.protocol,
    token.id,
    'None',
    'none',
    'unbound',
    '1002',
    application.name,
    application.id,
    microsoftTenant,
    resource.name,
    resource.id,
    tenant.id,
    microsoftTenant,
    tenant.id,
    'Meridian',
    address.ip,
    `${address.city}, ${address.state}, ${address.country}`,
    status,
    String(event.errorCode),
    signInErrors[event.errorCode] ?? 'Other.',
    event.clientApp,
    own ? user.deviceId : '',
    own ? user.browser : '',
    own ? user.system : '',
    'No',
    'No',
    '',
    '',
    event.multiFactor ? 'Mobile app notification' : '',
    '',
    demanded ? 'Multifactor authentication' : 'Single-factor authentication',
    user.upn,
    token.sessionId,
    '',
    'No',
    '',
    String(address.asn),
    'No',
    'AzureAD',
    'None',
    '',
    String(40 + (event.time % 180)),
    demanded ? 'Success' : 'Not Applied',
    '',
    '',
    '',
  ]
}

const microsoftTenant = 'f8cdef31-a31e-4b4a-93e4-5f571e91255a'

function activityCells(event: ActivityEvent): readonly string[] {
  const type = event.operation.split('/').slice(0, -1).join('/')
  const level = event.level === 'Information' ? 'Informational' : event.level
  return [
    event.correlationId,
    event.title,
    statuses[event.status],
    event.category,
    level,
    isoSecondsZ(event.time),
    event.subscription,
    callerOf(event),
    type,
    event.resourceGroup,
    event.resourceId,
  ]
}

function csv(header: string, rows: readonly (readonly string[])[]): string {
  return `\uFEFF${header}\r\n${rows.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('')}`
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
