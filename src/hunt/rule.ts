/** How grave an alert is, from least to most: Sentinel's severities. */
export const levels = ['informational', 'low', 'medium', 'high'] as const
export type Level = (typeof levels)[number]

/** Whether a level is at or above another. */
export function isAtLeast(level: Level, least: Level): boolean {
  return levels.indexOf(level) >= levels.indexOf(least)
}

/** A detection, whatever it was written in: plain data, its query in KQL. */
export interface Rule {
  /** The file's own id; where it has none, one made of its path and name. */
  readonly id: string
  /** The file, relative to the folder of rules, with `/`. */
  readonly path: string
  readonly format: 'sentinel' | 'sigma'
  readonly name: string
  readonly version?: string
  readonly description: string
  readonly level: Level
  /** Sentinel's spelling: `CredentialAccess`. */
  readonly tactics: readonly string[]
  /** ATT&CK ids: `T1552.005`. */
  readonly techniques: readonly string[]
  /** Other matrices. */
  readonly tags: readonly string[]
  readonly query: string
  /** How often it runs and how far it looks back. Without one it is asked of the whole evidence, as hunting queries are. */
  readonly schedule?: Schedule
  readonly trigger: Trigger
  /** An alert for each row of the result, or one for all rows of a run. */
  readonly grouping: 'row' | 'run'
  /** After an alert the rule stays silent so long. */
  readonly suppressionMs?: number
  readonly entities: readonly EntityMapping[]
  /** Alert property → column of the result. */
  readonly customDetails: Readonly<Record<string, string>>
  readonly override: AlertOverride
  /** Which logs must be on for silence to mean anything; empty where the rule does not say. */
  readonly logs: readonly RequiredLog[]
  readonly guide: Guide
  readonly firstSeen?: FirstSeen
  readonly samples: readonly Sample[]
}

export interface Schedule {
  readonly frequencyMs: number
  readonly periodMs: number
}

/** The rule alerts when the number of rows compares with the threshold so. */
export interface Trigger {
  readonly operator: 'gt' | 'lt' | 'eq' | 'ne'
  readonly threshold: number
}

/** An entity of Sentinel's: its identifiers and the columns of the result that hold them. */
export interface EntityMapping {
  /** `Account`, `IP`, `AzureResource`, … */
  readonly type: string
  readonly fields: readonly { readonly identifier: string; readonly column: string }[]
}

/** What of an alert is taken from its row: texts with `{{Column}}`, or columns. */
export interface AlertOverride {
  readonly nameFormat?: string
  readonly descriptionFormat?: string
  readonly tacticsColumn?: string
  readonly levelColumn?: string
}

export interface RequiredLog {
  readonly table: string
  readonly category?: string
}

export interface Guide {
  readonly why?: string
  readonly next?: string
  readonly benign?: string
}

/** Alert on rows of the last run whose `by` was in no row of the `days` before. */
export interface FirstSeen {
  readonly days: number
  readonly by: readonly string[]
}

/** Rows that the rule must alert on (`alerts`: how many), or must not. */
export interface Sample {
  readonly name: string
  readonly positive: boolean
  /** The run's time; without it the end of the hour after the last row. */
  readonly now?: string
  /** Rows by table: columns as JSON values. */
  readonly tables: Readonly<Record<string, readonly SampleRow[]>>
  readonly alerts?: number
}

export type SampleRow = Readonly<Record<string, unknown>>

/** One document of a file of rules, as it was parsed. */
export interface RuleDocument {
  readonly path: string
  readonly value: unknown
}

export interface RefusedRule {
  readonly id?: string
  readonly name?: string
  readonly path: string
  readonly reason: string
}

/** What documents gave: a rule that cannot be read stops none of the others. */
export interface RuleReading {
  readonly rules: readonly Rule[]
  readonly refused: readonly RefusedRule[]
}
