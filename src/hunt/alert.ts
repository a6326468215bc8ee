import type { Cell } from '../kql/cells.ts'
import type { Level } from './rule.ts'

/** A record that an alert rests on. */
export interface AlertRecord {
  readonly table: string
  readonly evidenceId: string
  readonly record: number
  readonly ordinal: number
}

/** What an alert is about, by Sentinel's types and identifiers: `{Type: 'ip', Address: '…'}`. */
export interface Entity {
  readonly Type: string
  readonly [identifier: string]: string
}

/** What a rule found. The same evidence gives the same alerts, with the same ids, on any machine. */
export interface Alert {
  readonly id: string
  readonly ruleId: string
  readonly rule: string
  readonly path: string
  readonly title: string
  readonly description: string
  readonly level: Level
  readonly tactics: readonly string[]
  readonly techniques: readonly string[]
  /** Times of the first and the last record, in ISO. */
  readonly start: string
  readonly end: string
  /** The run that saw it first. */
  readonly now: string
  readonly entities: readonly Entity[]
  readonly customDetails: Readonly<Record<string, readonly string[]>>
  /** Rows of the rule's result that it stands for. */
  readonly rows: number
  /** Records behind those rows. */
  readonly count: number
  /** The earliest of them. */
  readonly evidence: readonly AlertRecord[]
  /** Where the rule's query cannot tell its records: the operator that loses them, and the KQL that gives the rows again. */
  readonly evidenceQuery?: string
  /** The evidence begins later than the run looks back. */
  readonly isBaselineComplete: boolean
}

/** A row of a rule's result. */
export interface ResultRow {
  readonly cells: readonly Cell[]
  readonly records: readonly TimedRecord[]
  /** How many records there are; `records` holds the earliest. */
  readonly count: number
}

export interface TimedRecord extends AlertRecord {
  /** Ticks since 1970. */
  readonly time: bigint
}
