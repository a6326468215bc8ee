import type { AnswerBook } from './answers.ts'
import { type AlertEvent, alertRecord } from './sources/alert.ts'
import { AccountMetrics } from './sources/metrics.ts'
import type { StorageEvent } from './sources/storage.ts'
import {
  unifiedAuditColumns,
  type UnifiedAuditEvent,
  unifiedAuditHeader,
  unifiedAuditRow,
} from './sources/unified-audit.ts'
import type { StorageAccount, Tenant } from './tenant.ts'
import { hourMs, isoExactZ, isoTicksZ } from './time.ts'
import type { Archive } from './writer.ts'

/** Data points of metrics that belong to a step: reads of an account by one means in a span of time. */
export interface MarkedMetrics {
  readonly account: StorageAccount
  readonly from: number
  readonly to: number
  readonly authentication: string
  readonly mark: string
}

/** What comes as one file at the end and not hour by hour: alerts, the unified audit log, metrics. */
export class Exports {
  readonly #tenant: Tenant
  readonly #book: AnswerBook
  readonly #archive: Archive
  readonly #metrics: readonly AccountMetrics[]
  readonly #alerts: { readonly alert: AlertEvent; readonly mark: string | undefined }[] = []
  readonly #unified: { readonly event: UnifiedAuditEvent; readonly mark: string | undefined }[] = []
  readonly #markedMetrics: MarkedMetrics[] = []

  constructor(tenant: Tenant, book: AnswerBook, archive: Archive) {
    this.#tenant = tenant
    this.#book = book
    this.#archive = archive
    this.#metrics = [tenant.accounts.documents, tenant.accounts.archive].map(
      (account) => new AccountMetrics(account),
    )
  }

  alert(alert: AlertEvent, mark: string | undefined): void {
    this.#alerts.push({ alert, mark })
  }

  unified(event: UnifiedAuditEvent, mark: string | undefined): void {
    this.#unified.push({ event, mark })
  }

  /** Metrics count blob requests, logged or not. */
  count(event: StorageEvent): void {
    if (event.service !== 'blob') return
    for (const metrics of this.#metrics) if (metrics.account === event.account) metrics.count(event)
  }

  markMetrics(marked: MarkedMetrics): void {
    this.#markedMetrics.push(marked)
  }

  write(start: number, end: number): void {
    this.#writeAlerts()
    this.#writeUnified()
    for (const metrics of this.#metrics) this.#writeMetrics(metrics, start, end)
  }

  #writeMetrics(metrics: AccountMetrics, start: number, end: number): void {
    const path = `exports/metrics/${metrics.account.name}.json`
    const points = metrics.countPoints(start, end)
    this.#book.countEvents('AzureMetrics', points)
    this.#archive.writeFile(path, { AzureMetrics: points }, metrics.document(start, end))
    for (const marked of this.#markedMetrics) {
      if (marked.account === metrics.account) this.#placeMetrics(metrics, marked, path, start, end)
    }
  }

  #placeMetrics(
    metrics: AccountMetrics,
    marked: MarkedMetrics,
    file: string,
    start: number,
    end: number,
  ): void {
    for (const point of metrics.points(start, end, 'GetBlob', marked.authentication)) {
      if (point.metric === 'Ingress' || point.time + hourMs <= marked.from || point.time > marked.to) continue
      const [ApiName, Authentication, ResponseType] = point.dimensions
      const columns = {
        Resource: marked.account.name,
        MetricName: point.metric,
        ApiName,
        Authentication,
        ResponseType,
        Total: String(point.total),
      }
      this.#book.place(marked.mark, {
        table: 'AzureMetrics',
        time: isoExactZ(point.time),
        file,
        record: point.record,
        columns,
      })
    }
  }

  #writeAlerts(): void {
    const path = 'exports/defender/SecurityAlerts.json'
    const table = 'SecurityAlert'
    if (this.#alerts.length === 0) return
    const sorted = this.#alerts.toSorted((left, right) => left.alert.time - right.alert.time)
    const lines = sorted.map(({ alert }) => JSON.stringify(alertRecord(alert)))
    this.#book.countEvents(table, lines.length)
    this.#archive.writeFile(path, { [table]: lines.length }, `${lines.join('\n')}\n`)
    for (const [index, { alert, mark }] of sorted.entries()) {
      if (mark === undefined) continue
      const columns = {
        SystemAlertId: alert.id,
        DisplayName: alert.title,
        CompromisedEntity: alert.compromised,
      }
      this.#book.place(mark, { table, time: isoTicksZ(alert.time), file: path, record: index + 1, columns })
    }
  }

  #writeUnified(): void {
    const path = 'exports/purview/AuditLog.csv'
    const sorted = this.#unified.toSorted((left, right) => right.event.time - left.event.time)
    const rows = sorted.map(({ event }) => unifiedAuditRow(event, this.#tenant))
    this.#book.countEvents('OfficeActivity', rows.length)
    const text = `\uFEFF${unifiedAuditHeader}\r\n${rows.map((row) => `${row}\r\n`).join('')}`
    this.#archive.writeFile(path, { OfficeActivity: rows.length }, text)
    for (const [index, { event, mark }] of sorted.entries()) {
      if (mark === undefined) continue
      this.#book.place(mark, {
        table: 'OfficeActivity',
        time: isoTicksZ(event.time),
        file: path,
        record: index + 1,
        columns: unifiedAuditColumns(event),
      })
    }
  }
}
