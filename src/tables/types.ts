import type { Condition } from './condition.ts'
import type { Value } from './value.ts'

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject

export interface JsonObject {
  readonly [key: string]: JsonValue
}

export type KqlType = 'bool' | 'int' | 'long' | 'real' | 'string' | 'datetime' | 'guid' | 'dynamic'

export interface Column {
  readonly name: string
  readonly type: KqlType
  readonly doc: string
  /** Not a column that a query sees: `_Bag`. */
  readonly internal?: true
  /** Short texts that hardly repeat: stored with more effort to save space. */
  readonly packed?: true
  /** Few distinct values: stored as a dictionary. */
  readonly repeats: boolean
  /** Where the value comes from, by shape name. A shape that is not named leaves the column empty. */
  readonly from: Readonly<Record<string, Value>>
}

/**
 * How keys are read before a record is mapped. `exact`: as they stand. `envelope`: Azure's resource-log envelope, whose
 * outer keys come in any case and whose `properties` may be JSON in a string. `logAnalytics`: column names with the
 * decorations that exports add (`TimeGenerated [UTC]`, `X_string`, `X_dynamic`).
 */
export type Form = 'exact' | 'envelope' | 'logAnalytics'

/** What one row stands for: a record, or an element of it. */
export type Unit = 'record' | 'tuple' | 'point'

export interface Shape {
  /** `Table/name`. */
  readonly id: string
  readonly table: string
  readonly name: string
  readonly doc: string
  readonly form: Form
  readonly unit: Unit
  /** How much this layout tells: the higher wins where two exports show one event. */
  readonly richness: number
  readonly when: Condition
  /** Cells are text from a CSV: the order of day and month follows the file. */
  readonly csv: boolean
  /** A shape of another table has the same condition: a file is of this one if its path contains this word. */
  readonly pathWord?: string
  /** The layout lacks the table's key, so a row is identified by its content. */
  readonly keyless: boolean
  /** Its envelopes have nearly all outer keys that are read, so that few need be searched for other spellings. */
  readonly hasAllKeys: boolean
}

/** A part of a key or of a sort order: a column, lower-cased, cut to a unit of time, or a status in one vocabulary. */
export interface KeyPart {
  readonly column: string
  readonly as: 'exact' | 'lower' | 'hour' | 'millisecond' | 'second' | 'status'
}

/** What questions look up in a column: `==` and `in` whole values, `has` terms. */
export type Search = 'value' | 'terms'

export type Identity =
  | {
      readonly kind: 'keyed'
      readonly key: readonly KeyPart[]
      /** A row without a value here has no key. */
      readonly required: readonly string[]
      /** Names the event alone: where a row has it, it is the identity, and the key finds such a row for those without. */
      readonly eventId?: string
      /** Rows of one file that share the key are so many events: the first is known by the key, each other by its place. */
      readonly mayRepeat?: true
      /** What a poor layout shares with a rich one: its rows are sightings of rich rows that agree in this. */
      readonly weakKey?: readonly KeyPart[]
      readonly timeToleranceSeconds: number
    }
  | { readonly kind: 'unkeyed' }
  /** Flow tuples: identified by their record. */
  | { readonly kind: 'record' }

export interface Table {
  readonly name: string
  /** The name of the stored table in database `logs`; differs where a view bears the table's name. */
  readonly storedAs: string
  readonly doc: string
  readonly columns: readonly Column[]
  readonly shapes: readonly Shape[]
  readonly sortKey: readonly KeyPart[]
  readonly identity: Identity
  /** Text columns that have an index: of their whole values, or of their terms. */
  readonly search?: Readonly<Record<string, Search>>
  /** Further columns lie in the column `_Bag`, a JSON object; types by name where they are known. */
  readonly open?: { readonly types: Readonly<Record<string, KqlType>> }
}
