import type { Pattern } from './pattern.ts'
import type { Correlation } from './read-correlation.ts'
import type { Position } from './problem.ts'

/** What a rule looks for in one event, as plain data. */
export interface Detection {
  readonly searches: ReadonlyMap<string, Search>
  readonly condition: Condition
  /** What stands after the pipe of a condition: of how many such events the rule tells. */
  readonly aggregation?: Correlation
}

/** Alternatives, each of which asks for all of its items. */
export interface Search {
  readonly name: string
  readonly alternatives: readonly (readonly Item[])[]
}

export interface Item {
  /** Without one the whole event is searched. */
  readonly field?: string
  readonly matchers: readonly Matcher[]
  /** Whether one of the matchers is enough. */
  readonly quantifier: 'any' | 'all'
  /** `neq`: turns the item's answer round. */
  readonly negated: boolean
  readonly position: Position
}

export type Matcher =
  | { readonly kind: 'pattern'; readonly pattern: Pattern; readonly cased: boolean }
  | { readonly kind: 'regex'; readonly source: string; readonly flags: string }
  | { readonly kind: 'cidr'; readonly network: string; readonly version: 4 | 6 }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly value: number }
  | {
      readonly kind: 'datePart'
      readonly part: DatePart
      readonly operator: Comparison | 'eq'
      readonly value: number
    }
  | { readonly kind: 'null' }
  | { readonly kind: 'exists'; readonly expected: boolean }
  | {
      readonly kind: 'field'
      readonly field: string
      readonly where: 'whole' | 'start' | 'end' | 'inside'
      readonly cased: boolean
    }

export type Comparison = 'lt' | 'lte' | 'gt' | 'gte'

export const dateParts = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const
export type DatePart = (typeof dateParts)[number]

export type Condition =
  | { readonly kind: 'search'; readonly name: string }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
