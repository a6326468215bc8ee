import { type ActivityEvent, restActivity } from '../sources/activity.ts'
import { type AuditEvent, graphAudit } from '../sources/audit.ts'
import { graphSignIn, type SignInEvent, type SignInKind, signInTables } from '../sources/sign-in.ts'
import {
  graphUnifiedAuditHeader,
  graphUnifiedAuditRow,
  type UnifiedAuditEvent,
} from '../sources/unified-audit.ts'
import type { Tenant } from '../tenant.ts'
import { type CollectedFile, type Collector, stampOf, Taken, type Window } from './collector.ts'

const signInFiles: Readonly<Record<SignInKind, string>> = {
  interactive: 'interactiveUser & nonInteractiveUser',
  'non-interactive': 'interactiveUser & nonInteractiveUser',
  'service-principal': 'servicePrincipal',
  'managed-identity': 'managedIdentity',
}
const pageSize = 100

/** Pretty arrays: REST activity with BOM and CRLF, Graph sign-ins one array a page, audit records, a Graph audit search. */
export function microsoftExtractorSuite(tenant: Tenant, window: Window): Collector {
  const activities = new Taken<ActivityEvent>(window)
  const audits = new Taken<AuditEvent>(window)
  const signIns = new Taken<SignInEvent>(window)
  const unified = new Taken<UnifiedAuditEvent>({ ...window, most: Math.min(window.most, 400) })
  const stamp = stampOf(window.to)
  const folder = `collected/Output`
  const entra = `${folder}/EntraID/${stamp}`
  return {
    activity: (event) => activities.offer(event),
    audit: (event) => audits.offer(event),
    signIn: (event) => signIns.offer(event),
    unified: (event) => unified.offer(event),
    files: () =>
      [
        ...tenant.subscriptions.map((subscription) =>
          activityFile(
            `${folder}/Activity Logs/${stamp.slice(0, 8)}-${stamp.slice(8)}/${stamp}-${subscription}-ActivityLog.json`,
            activities.inOrder().filter((event) => event.subscription === subscription),
            tenant,
          ),
        ),
        ...signInPages(signIns.inOrder(), tenant, entra, stamp),
        pages(`${entra}-AuditLogs/${stamp}-AuditLogs.json`, 'AuditLogs', audits.inOrder().map(graphAudit)),
        {
          path: `${folder}/UnifiedAuditLog/${stamp}/${stamp}-UnifiedAuditLog.csv`,
          tables: { OfficeActivity: unified.inOrder().length },
          text: [
            graphUnifiedAuditHeader,
            ...unified.inOrder().map((event) => graphUnifiedAuditRow(event, tenant)),
            '',
          ].join('\r\n'),
        },
      ].filter((file) => Object.values(file.tables).some((records) => records > 0)),
  }
}

/** Interactive and non-interactive sign-ins land in one file, each kind of workload in its own. */
function signInPages(
  events: readonly SignInEvent[],
  tenant: Tenant,
  entra: string,
  stamp: string,
): readonly CollectedFile[] {
  const kinds: readonly SignInKind[] = ['interactive', 'service-principal', 'managed-identity']
  return kinds.map((kind) => {
    const chosen = events.filter((event) => signInFiles[event.kind] === signInFiles[kind])
    const name = `${stamp}-${signInFiles[kind].replaceAll(' ', '')}-SignInLogs.json`
    const tables: Record<string, number> = {}
    for (const event of chosen) tables[signInTables[event.kind]] = (tables[signInTables[event.kind]] ?? 0) + 1
    const { path, text } = pages(
      `${entra}-SignInLogs/${signInFiles[kind]}/${name}`,
      '',
      chosen.map((event) => graphSignIn(event, tenant)),
    )
    return { path, tables, text }
  })
}

function pages(path: string, table: string, records: readonly object[]): CollectedFile {
  const texts: string[] = []
  for (let first = 0; first < records.length; first += pageSize) {
    texts.push(JSON.stringify(records.slice(first, first + pageSize), undefined, 2))
  }
  return { path, tables: { [table]: records.length }, text: `${texts.join('\n')}\n` }
}

/** As PowerShell 5.1 writes it: a byte-order mark, CRLF, and a bare object where there is but one record. */
function activityFile(path: string, events: readonly ActivityEvent[], tenant: Tenant): CollectedFile {
  const records = events.map((event) => restActivity(event, tenant))
  const document = JSON.stringify(records.length === 1 ? records[0] : records, undefined, 4)
  const alerts = events.filter((event) => event.category === 'Security').length
  const tables = { AzureActivity: events.length - alerts, ...(alerts === 0 ? {} : { SecurityAlert: alerts }) }
  return { path, tables, text: `\uFEFF${document.replaceAll('\n', '\r\n')}\r\n` }
}
