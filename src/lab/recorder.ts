import { type AnswerBook, type AnswerRecord, lateMark } from './answers.ts'
import type { Collector } from './collectors/collector.ts'
import { Exports, type MarkedMetrics } from './exports.ts'
import { type ActivityEvent, activityColumns, activityLine } from './sources/activity.ts'
import type { AlertEvent } from './sources/alert.ts'
import { type AuditEvent, auditColumns, auditLine } from './sources/audit.ts'
import { classicLine } from './sources/classic-storage.ts'
import { type GraphEvent, graphColumns, graphLine } from './sources/graph.ts'
import { type VaultEvent, vaultColumns, vaultLine } from './sources/key-vault.ts'
import { type RiskEvent, riskEventLine, riskyUserLine } from './sources/risk.ts'
import { signInColumns, type SignInEvent, signInLine } from './sources/sign-in.ts'
import { storageColumns, type StorageEvent, storageLine, storageTables } from './sources/storage.ts'
import type { UnifiedAuditEvent } from './sources/unified-audit.ts'
import { Streams } from './streams.ts'
import type { StorageAccount, Tenant } from './tenant.ts'
import { hourMs, isoTicksZ } from './time.ts'
import type { Archive, Stream } from './writer.ts'

/** Log settings of the accounts: from when to when each log is kept. */
export interface StorageLogging {
  readonly resourceLogFrom: number
  resourceLogUntil: number
  readonly withoutReads: boolean
  /** Classic logs: the version that is written at a time, if any. */
  readonly classicVersion: (time: number) => '1.0' | '2.0' | undefined
}

/** Takes events and puts each where its log would put it; counts it, and tells the answers where it stands. */
export class Recorder {
  readonly tenant: Tenant
  readonly book: AnswerBook
  readonly logging: Readonly<Record<StorageAccount['role'], StorageLogging>>
  readonly #archive: Archive
  readonly #collectors: readonly Collector[]
  readonly #streams: Streams
  /** What would be filed from here on is not yet in the evidence. */
  readonly #end: number
  readonly #riskyUsers = new Set<string>()
  readonly #exports: Exports

  constructor(
    tenant: Tenant,
    book: AnswerBook,
    archive: Archive,
    collectors: readonly Collector[],
    logging: Readonly<Record<StorageAccount['role'], StorageLogging>>,
    end: number,
  ) {
    this.tenant = tenant
    this.book = book
    this.logging = logging
    this.#end = end
    this.#archive = archive
    this.#collectors = collectors
    this.#streams = new Streams(tenant)
    this.#exports = new Exports(tenant, book, archive)
  }

  signIn(event: SignInEvent, mark?: string): void {
    if (event.time + event.delayMs >= this.#end) return
    const stream = this.#streams.signIn[event.kind]
    const filed = event.time + event.delayMs
    this.#line(stream, filed, signInLine(event, this.tenant), mark, () => signInColumns(event), event.time)
    for (const collector of this.#collectors) collector.signIn?.(event)
  }

  /** A directory change; with `late` it is filed an hour after it happened. */
  audit(event: AuditEvent, mark?: string, late = false): void {
    const filed = late ? event.time + hourMs : event.time
    if (filed >= this.#end) return
    const text = auditLine(event, this.tenant)
    this.#line(
      this.#streams.audit,
      filed,
      text,
      mark ?? (late ? lateMark : undefined),
      () => auditColumns(event),
      event.time,
    )
    for (const collector of this.#collectors) collector.audit?.(event)
  }

  risk(event: RiskEvent, mark?: string): void {
    if (event.detectedAt + 1000 >= this.#end) return
    const columns = (): Readonly<Record<string, string>> => ({
      Id: event.id,
      RequestId: event.requestId,
      RiskEventType: event.type,
      UserId: event.user.id,
      IpAddress: event.address.ip,
    })
    this.#line(this.#streams.riskEvents, event.detectedAt, riskEventLine(event, this.tenant), mark, columns)
    // One state a user: its id is the user's.
    if (this.#riskyUsers.has(event.user.id)) return
    this.#riskyUsers.add(event.user.id)
    const userColumns = (): Readonly<Record<string, string>> => ({
      Id: event.user.id,
      RiskState: event.state,
    })
    this.#line(
      this.#streams.riskyUsers,
      event.detectedAt + 1000,
      riskyUserLine(event, this.tenant),
      mark,
      userColumns,
    )
  }

  graph(event: GraphEvent, mark?: string): void {
    if (event.time >= this.#end) return
    this.#line(this.#streams.graph, event.time, graphLine(event, this.tenant), mark, () =>
      graphColumns(event),
    )
  }

  activity(event: ActivityEvent, mark?: string): void {
    if (event.time >= this.#end) return
    const stream = this.#streams.activity(event.subscription)
    const text = activityLine(event, this.tenant)
    for (const collector of this.#collectors) collector.activity?.(event)
    if (event.category === 'Security') {
      this.#alertInActivity(stream, event, text, mark)
      return
    }
    this.#line(stream, event.time, text, mark, () => activityColumns(event))
  }

  /** An alert in the Activity Log is another sighting of the exported alert, not an event of its own. */
  #alertInActivity(stream: Stream, event: ActivityEvent, text: string, mark: string | undefined): void {
    const table = 'SecurityAlert'
    const place =
      mark === undefined
        ? undefined
        : this.#placer(mark, table, event.time, { SystemAlertId: event.operationId })
    const placed = (file: string, record: number): void => {
      this.book.countRecords(file, stream.table, -1)
      this.book.countRecords(file, table, 1)
      place?.(file, record)
    }
    this.#archive.add(stream, { time: event.time, text, count: 1, placed })
  }

  vault(event: VaultEvent, mark?: string): void {
    if (event.time >= this.#end) return
    const text = vaultLine(event, this.tenant)
    this.#line(this.#streams.vault, event.time, text, mark, () => vaultColumns(event))
    for (const collector of this.#collectors) collector.vault?.(event.time, text)
  }

  /** A storage request: into the resource log, the classic log, both or neither, as the account's settings have it. */
  storage(event: StorageEvent, mark?: string): void {
    if (event.time >= this.#end) return
    const { role } = event.account
    const logging = this.logging[role]
    this.#exports.count(event)
    const inResourceLog =
      event.time >= logging.resourceLogFrom &&
      event.time < logging.resourceLogUntil &&
      !(logging.withoutReads && event.category === 'StorageRead')
    const version = event.service === 'blob' ? logging.classicVersion(event.time) : undefined
    if (!inResourceLog && version === undefined) return
    const table = storageTables[event.service]
    this.book.countEvents(table, 1)
    if (inResourceLog) {
      const placed =
        mark === undefined ? undefined : this.#placer(mark, table, event.time, storageColumns(event))
      const stream = this.#streams.storage(event.account, event.service, event.category)
      this.#archive.add(stream, { time: event.time, text: storageLine(event), count: 1, placed })
    }
    if (version !== undefined) {
      const text = classicLine(event, version, this.tenant)
      this.#archive.add(this.#streams.classic(event.account), { time: event.time, text, count: 1 })
    }
  }

  /** A record of a flow log, holding so many tuples; `marks` name tuples by their place in it. */
  flow(
    stream: Stream,
    time: number,
    text: string,
    tuples: number,
    marks: readonly {
      readonly mark: string
      readonly ordinal: number
      readonly time: number
      readonly columns: Readonly<Record<string, string>>
    }[],
  ): void {
    this.book.countEvents(stream.table, tuples)
    const placed =
      marks.length === 0
        ? undefined
        : (file: string, record: number): void => {
            for (const { mark, ordinal, time: at, columns } of marks) {
              this.book.place(mark, {
                table: stream.table,
                time: isoTicksZ(at),
                file,
                record,
                ordinal,
                columns,
              })
            }
          }
    this.#archive.add(stream, { time, text, count: tuples, placed })
    for (const collector of this.#collectors) collector.flow?.(stream, time, text, tuples)
  }

  alert(alert: AlertEvent, mark?: string): void {
    if (alert.time < this.#end) this.#exports.alert(alert, mark)
  }

  unified(event: UnifiedAuditEvent, mark?: string): void {
    if (event.time >= this.#end) return
    this.#exports.unified(event, mark)
    for (const collector of this.#collectors) collector.unified?.(event)
  }

  /** Reads that only an account's metrics show: their data points belong to the mark. */
  markMetrics(marked: MarkedMetrics): void {
    this.#exports.markMetrics(marked)
  }

  /** Writes what comes as one file at the end, and the other tools' files. */
  finish(start: number): void {
    this.#exports.write(start, this.#end)
    for (const collector of this.#collectors) {
      for (const file of collector.files()) this.#archive.writeFile(file.path, file.tables, file.text)
    }
  }

  #line(
    stream: Stream,
    filed: number,
    text: string,
    mark: string | undefined,
    columns: () => Readonly<Record<string, string>>,
    time = filed,
  ): void {
    this.book.countEvents(stream.table, 1)
    const placed = mark === undefined ? undefined : this.#placer(mark, stream.table, time, columns())
    this.#archive.add(stream, { time: filed, text, count: 1, placed })
  }

  #placer(
    mark: string,
    table: string,
    time: number,
    columns: AnswerRecord['columns'],
  ): (file: string, record: number) => void {
    return (file, record) => this.book.place(mark, { table, time: isoTicksZ(time), file, record, columns })
  }
}
