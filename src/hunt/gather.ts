import type { Entity, ResultRow, TimedRecord } from './alert.ts'

/** What one or more overlapping runs found: a row, and later runs' rows about the same. */
export interface Finding {
  /** The run that saw it first, in ticks. */
  readonly now: bigint
  readonly entities: readonly Entity[]
  /** The earliest record of the row that was seen first. */
  readonly first: TimedRecord | undefined
  /** The row with the most records, the earliest such. */
  row: ResultRow
  readonly records: Map<string, TimedRecord>
  /** Whether `records` holds all. */
  isComplete: boolean
}

const mostRecords = 64

/**
 * Gathers the rows of a rule's runs, which come in the order of their times. A row is the same finding as one of an
 * earlier run if both have the same entities and share a record (where records are not known: if the earlier row is of a
 * run that overlaps). Rows of one run are never one finding.
 */
export class Gathering {
  readonly findings: Finding[] = []
  readonly #entitiesOf: (row: ResultRow) => readonly Entity[]
  readonly #reach: bigint | undefined
  readonly #byRecord = new Map<string, Finding[]>()
  readonly #withoutRecords = new Map<string, { finding: Finding; seen: bigint }[]>()

  constructor(entitiesOf: (row: ResultRow) => readonly Entity[], reach: bigint | undefined) {
    this.#entitiesOf = entitiesOf
    this.#reach = reach
  }

  /** Adds the rows of a run; gives how many of them no earlier run has seen. */
  add(now: bigint, rows: readonly ResultRow[]): number {
    const taken = new Set<Finding>()
    const keyed = rows.map((row) => {
      const entities = this.#entitiesOf(row)
      return { row, entities, key: JSON.stringify(entities) }
    })
    const before = this.findings.length
    for (const { row, entities, key } of keyed.toSorted((a, b) => compare(orderOf(a), orderOf(b)))) {
      const known = this.#earlier(row, key, now, taken)
      if (known) extend(known, row)
      const finding = known ?? newFinding(now, entities, row)
      if (!known) this.findings.push(finding)
      taken.add(finding)
      this.#remember(finding, row, key, now)
    }
    return this.findings.length - before
  }

  #earlier(row: ResultRow, key: string, now: bigint, taken: ReadonlySet<Finding>): Finding | undefined {
    if (row.records.length === 0) {
      const known = this.#withoutRecords
        .get(key)
        ?.find(
          ({ finding, seen }) =>
            !taken.has(finding) && (this.#reach === undefined || now - seen < this.#reach),
        )
      return known?.finding
    }
    for (const record of row.records) {
      const found = this.#byRecord.get(`${key} ${recordKey(record)}`)?.find((finding) => !taken.has(finding))
      if (found) return found
    }
    return undefined
  }

  #remember(finding: Finding, row: ResultRow, key: string, now: bigint): void {
    if (row.records.length === 0) {
      const others = (this.#withoutRecords.get(key) ?? []).filter((item) => item.finding !== finding)
      this.#withoutRecords.set(key, [...others, { finding, seen: now }])
    }
    for (const record of row.records) {
      const name = recordKey(record)
      if (finding.records.size < mostRecords) finding.records.set(name, record)
      else if (!finding.records.has(name)) finding.isComplete = false
      const place = `${key} ${name}`
      const known = this.#byRecord.get(place)
      if (!known) this.#byRecord.set(place, [finding])
      else if (!known.includes(finding)) known.push(finding)
    }
    if (row.count > row.records.length) finding.isComplete = false
  }
}

function newFinding(now: bigint, entities: readonly Entity[], row: ResultRow): Finding {
  return { now, entities, first: row.records[0], row, records: new Map(), isComplete: true }
}

function extend(finding: Finding, row: ResultRow): void {
  if (row.count > finding.row.count) finding.row = row
}

/** One order for the rows of a run, however the engine gave them. */
function orderOf({ row, key }: { readonly row: ResultRow; readonly key: string }): string {
  const first = row.records[0]
  return `${first ? `${first.time} ${recordKey(first)}` : ''} ${key} ${JSON.stringify(row.cells)}`
}

export function recordKey({ table, evidenceId, record, ordinal }: TimedRecord): string {
  return `${table}:${evidenceId}:${record}:${ordinal}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
