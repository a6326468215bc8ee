import { type ActivityEvent, restActivity } from '../sources/activity.ts'
import { type AuditEvent, graphAudit } from '../sources/audit.ts'
import { flowTable } from '../sources/flow.ts'
import { graphSignIn, type SignInEvent, type SignInKind, signInTables } from '../sources/sign-in.ts'
import type { Tenant } from '../tenant.ts'
import { type CollectedFile, type Collector, dateOf, Taken, type Window } from './collector.ts'

const folders: Readonly<Record<SignInKind, string>> = {
  interactive: 'adfs',
  'non-interactive': 'rt',
  'service-principal': 'sp',
  'managed-identity': 'msi',
}

interface Text {
  readonly time: number
  readonly text: string
  readonly tuples: number
}

/** JSON lines: snake_case activity, Graph sign-ins and audit, flow records out of their document; vault events run together. */
export function goose(tenant: Tenant, window: Window): Collector {
  const activities = new Taken<ActivityEvent>(window)
  const audits = new Taken<AuditEvent>(window)
  const signIns = new Taken<SignInEvent>(window)
  const vaults = new Taken<Text>(window)
  const flows = new Taken<Text>({ ...window, most: Math.min(window.most, 500) })
  const root = 'collected/goose/output'
  const [first] = tenant.subscriptions
  const azure = `${root}/azure/${first}`
  const date = dateOf(window.from)
  return {
    activity: (event) => {
      if (event.category !== 'Security') activities.offer(event)
    },
    audit: (event) => audits.offer(event),
    signIn: (event) => signIns.offer(event),
    vault: (time, text) => vaults.offer({ time, text, tuples: 1 }),
    flow: (stream, time, text, tuples) => {
      if (stream.path(time).includes('networksecuritygroupflowevent') && text.includes('"Version":2'))
        flows.offer({ time, text, tuples })
    },
    files: () => {
      const kinds = Object.keys(folders) as readonly SignInKind[]
      const texts = flows.inOrder()
      return [
        lines(
          `${azure}/Activity Log/azure_activity_log_${date}.json`,
          'AzureActivity',
          activities
            .inOrder()
            .filter((event) => event.subscription === first)
            .map((event) => snakeCased(restActivity(event, tenant))),
        ),
        ...kinds.map((kind) =>
          lines(
            `${root}/entraid/signin_${folders[kind]}/${folders[kind]}_signin_log_${date}.json`,
            signInTables[kind],
            signIns
              .inOrder()
              .filter((event) => event.kind === kind)
              .map((event) => graphSignIn(event, tenant)),
          ),
        ),
        lines(
          `${root}/entraid/entraid_audit_logs/entraidauditlog_${date}.json`,
          'AuditLogs',
          audits.inOrder().map(graphAudit),
        ),
        {
          path: `${azure}/key_vault_logs/log_0.json`,
          tables: { AZKVAuditLogs: vaults.inOrder().length },
          text: vaults
            .inOrder()
            .map(({ text }) => text)
            .join(''),
        },
        {
          path: `${azure}/nsg_flow_logs/log_0.json`,
          tables: { [flowTable]: texts.reduce((sum, { tuples }) => sum + tuples, 0) },
          text: texts.map(({ text }) => `${text}\n`).join(''),
        },
      ].filter((file) => Object.values(file.tables).some((records) => records > 0))
    },
  }
}

function lines(path: string, table: string, records: readonly object[]): CollectedFile {
  return {
    path,
    tables: { [table]: records.length },
    text: records.map((record) => `${JSON.stringify(record)}\n`).join(''),
  }
}

/** The names of the Python SDK: snake_case down to the pairs of value and localised value; claims and properties as they are. */
function snakeCased(record: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => {
      const keeps = key === 'claims' || key === 'properties' || typeof value !== 'object' || value === null
      return [snake(key), keeps ? value : snakeCased(value as Readonly<Record<string, unknown>>)]
    }),
  )
}

function snake(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
