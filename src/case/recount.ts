import type { Connection } from '../engine/connection.ts'
import { accountedRecords, noCounts, splitRecords, type EvidenceCounts } from '../evidence/account.ts'
import { countRecords, unitsOf } from '../evidence/read/count-records.ts'
import type { Member } from '../evidence/read/member.ts'
import type { Content } from '../evidence/read/recognise-content.ts'
import type { Table } from '../tables/types.ts'

/** A piece of evidence as the ledger knows it. */
export interface Entry {
  readonly evidence: string
  readonly sizeBytes: string
  readonly records: string
  readonly unit: string
  readonly content: string
}

/** What the evidence holds by a count of its own, beside what the case holds of it. */
export class Recount {
  readonly counts: ReadonlyMap<string, EvidenceCounts>
  readonly #connection: Connection
  readonly #tables: readonly Table[]
  readonly #counted = new Map<string, number>()
  readonly #split = new Map<string, number>()

  constructor(connection: Connection, tables: readonly Table[], counts: ReadonlyMap<string, EvidenceCounts>) {
    this.#connection = connection
    this.#tables = tables
    this.counts = counts
  }

  has(evidence: string): boolean {
    return this.#counted.has(evidence)
  }

  async take(member: Member, { evidence, content: text }: Entry): Promise<void> {
    if (this.has(evidence)) return
    // The ledger holds what recognising gave.
    const content = JSON.parse(text) as Content
    const counted = unitsOf(await countRecords(member, content))
    this.#counted.set(evidence, counted)
    const { accounted, damaged } = this.of(evidence)
    if (accounted > counted || (accounted !== counted && damaged > 0))
      this.#split.set(evidence, await splitRecords(member, content))
  }

  /** What the case holds of a piece of evidence. */
  of(evidence: string): EvidenceCounts & { readonly accounted: number } {
    const counts = this.counts.get(evidence) ?? noCounts()
    return { ...counts, accounted: counts.rows + counts.duplicates + counts.quarantined }
  }

  /** Units that the evidence holds. Where it is damaged, what is accounted for, if that is of every record in it. */
  async inEvidence(entries: readonly Entry[]): Promise<ReadonlyMap<string, number>> {
    const records = await accountedRecords(this.#connection, this.#tables, [...this.#split.keys()])
    return new Map(
      entries.map((entry) => {
        const { evidence } = entry
        const isWhole = this.#split.has(evidence) && this.#split.get(evidence) === records.get(evidence)
        const counted = this.#counted.get(evidence) ?? Number(entry.records)
        return [evidence, isWhole ? this.of(evidence).accounted : counted]
      }),
    )
  }
}
