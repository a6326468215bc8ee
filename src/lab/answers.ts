import { isoTicksZ } from './time.ts'

/** One record of the evidence that belongs to a step: where it stands and the columns that name it. */
export interface AnswerRecord {
  readonly table: string
  readonly time: string
  /** Path of the file in the evidence folder. */
  readonly file: string
  /** 1-based number of the record in the file. */
  readonly record: number
  /** Flow tuples: 1-based place in the record. */
  readonly ordinal?: number
  readonly columns: Readonly<Record<string, string>>
}

export interface AnswerStep {
  readonly id: string
  readonly title: string
  /** ATT&CK technique, or '' where the step is not the attacker's. */
  readonly technique: string
  /** First and last time of the step's records, or of the deed where it left none. */
  time: string
  end: string
  /** What no record shows: the deed is to be inferred. */
  readonly unseen?: string
  readonly tables: string[]
  readonly records: AnswerRecord[]
}

/** Two steps joined by a value that stands in the records of both (`observed`), or only by account, means and time. */
export interface AnswerLink {
  readonly from: string
  readonly to: string
  readonly by: string
  readonly value: string
  readonly certainty: 'observed' | 'inferred' | 'assumed'
}

/** Something harmless that a naive join would take for a part of the story. */
export interface Decoy {
  readonly id: string
  readonly why: string
  readonly records: AnswerRecord[]
}

export interface Gap {
  readonly table: string
  readonly resource: string
  readonly from: string
  readonly to: string
  readonly why: string
}

export interface RepeatedFile {
  readonly file: string
  readonly of: string
  readonly kind: 'copy' | 'earlier' | 'download'
  readonly records: number
}

export interface FileTotal {
  /** Records in the file; flow tuples in flow logs, data points in metrics. */
  records: number
  readonly tables: Record<string, number>
}

/** A secret of the tenant, so that fingerprints can be tried. All are made up. */
export interface LabCredential {
  readonly account: string
  readonly kind: 'key' | 'sas' | 'user-delegation-sas'
  readonly slot: string
  readonly secret: string
  readonly hash: string
}

export interface LabAnswers {
  readonly scenario: string
  readonly seed: number
  readonly days: number
  readonly scale: number
  readonly start: string
  readonly end: string
  readonly tenantId: string
  readonly subscriptions: readonly string[]
  /** What this seed drew for the story: identities, addresses, tools, means, order. */
  readonly choices: Readonly<Record<string, string>>
  readonly credentials: readonly LabCredential[]
  readonly steps: readonly AnswerStep[]
  readonly links: readonly AnswerLink[]
  readonly decoys: readonly Decoy[]
  readonly gaps: readonly Gap[]
  /** Files whose records all stand elsewhere too. */
  readonly repeated: readonly RepeatedFile[]
  /** Records that stand in the file of a later hour. */
  readonly late: readonly AnswerRecord[]
  readonly totals: {
    /** Distinct events by table, each counted once whatever files it stands in. */
    readonly tables: Readonly<Record<string, number>>
    readonly files: Readonly<Record<string, FileTotal>>
    readonly bytes: number
  }
}

/** Collects the answers while the lab is written. It never reads the evidence. */
export class AnswerBook {
  readonly choices: Record<string, string> = {}
  readonly credentials: LabCredential[] = []
  readonly links: AnswerLink[] = []
  readonly gaps: Gap[] = []
  readonly repeated: RepeatedFile[] = []
  readonly late: AnswerRecord[] = []
  /** Of each file that is one document: how much each of its records counts for. */
  readonly recordSizes = new Map<string, readonly number[]>()
  readonly #steps = new Map<string, AnswerStep>()
  readonly #decoys = new Map<string, Decoy>()
  readonly #tables = new Map<string, number>()
  readonly #files = new Map<string, FileTotal>()

  /** Declares a step; `place` then adds records by its id. */
  step(id: string, title: string, technique: string, time: number, unseen?: string): void {
    const at = isoTicksZ(time)
    const step = { id, title, technique, time: at, end: at, tables: [], records: [] }
    this.#steps.set(id, unseen === undefined ? step : { ...step, unseen })
  }

  decoy(id: string, why: string): void {
    this.#decoys.set(id, { id, why, records: [] })
  }

  place(id: string, record: AnswerRecord): void {
    if (id === lateMark) {
      this.late.push(record)
      return
    }
    const step = this.#steps.get(id)
    const records = step?.records ?? this.#decoys.get(id)?.records
    if (records === undefined) throw new Error(`no step or decoy is called ${id}`)
    if (step !== undefined && !step.tables.includes(record.table)) step.tables.push(record.table)
    // A data point stands for a whole hour and says nothing of when in it the deed was done.
    if (step !== undefined && record.table !== 'AzureMetrics') {
      if (records.length === 0 || record.time < step.time) step.time = record.time
      if (records.length === 0 || record.time > step.end) step.end = record.time
    }
    records.push(record)
  }

  countEvents(table: string, events: number): void {
    this.#tables.set(table, (this.#tables.get(table) ?? 0) + events)
  }

  countRecords(file: string, table: string, records: number): void {
    let total = this.#files.get(file)
    if (total === undefined) this.#files.set(file, (total = { records: 0, tables: {} }))
    total.records += records
    const ofTable = (total.tables[table] ?? 0) + records
    if (ofTable === 0) delete total.tables[table]
    else total.tables[table] = ofTable
  }

  total(file: string): FileTotal {
    const total = this.#files.get(file)
    if (total === undefined) throw new Error(`no records were counted in ${file}`)
    return total
  }

  files(): readonly string[] {
    return [...this.#files.keys()].toSorted()
  }

  /** The finished answers, in an order that depends on nothing but their content. */
  finish(
    head: Pick<
      LabAnswers,
      'scenario' | 'seed' | 'days' | 'scale' | 'start' | 'end' | 'tenantId' | 'subscriptions'
    >,
    bytes: number,
  ): LabAnswers {
    return {
      ...head,
      choices: this.choices,
      credentials: this.credentials,
      steps: [...this.#steps.values()].toSorted(byTime),
      links: this.links,
      decoys: [...this.#decoys.values()],
      gaps: this.gaps,
      repeated: this.repeated,
      late: this.late,
      totals: { tables: sorted(this.#tables), files: sorted(this.#files), bytes },
    }
  }
}

/** The mark of records that arrive an hour late. */
export const lateMark = '(late)'

function sorted<T>(values: ReadonlyMap<string, T>): Record<string, T> {
  return Object.fromEntries([...values].toSorted(([left], [right]) => (left < right ? -1 : 1)))
}

function byTime(left: AnswerStep, right: AnswerStep): number {
  return left.time < right.time ? -1 : left.time > right.time ? 1 : 0
}
