import type { EntityMapping, RefusedRule, Rule, RuleReading } from '../rule.ts'
import { correlationQuery, resultNames, type CorrelationGroup, type Member } from './correlation-query.ts'
import type { Condition, Detection } from './detection.ts'
import {
  readSigmaDocument,
  type CorrelationDocument,
  type DetectionDocument,
  type FilterDocument,
  type Heading,
  type SigmaDocument,
} from './document.ts'
import { entitiesOf, entitiesOfNames } from './entities.ts'
import { tablesOf, type LogSource } from './log-source.ts'
import type { Placeholders } from './modifiers.ts'
import type { Correlation } from './read-correlation.ts'
import { SigmaProblem } from './problem.ts'
import { eventQuery, type EventRule, type FindTables, type RuleQuery } from './rule-query.ts'
import { mergeMaps, parseYaml, textAt, type YamlMap } from './yaml-node.ts'

/** A file with one or more documents of Sigma. */
export interface SigmaFile {
  /** Relative to the folder of rules, with `/`. */
  readonly path: string
  readonly text: string
}

export interface SigmaOptions {
  /** Values for `%name%` of fields with `expand`: those of watchlists. */
  readonly placeholders?: Placeholders
  /** Which tables hold a log; Azimuth's own by default. */
  readonly findTables?: FindTables
}

/** Whether a parsed document is one of Sigma: a detection, a correlation, a filter, or a part of a collection. */
export function isSigma(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || 'query' in value) return false
  if ('detection' in value || 'correlation' in value) return true
  return 'logsource' in value && ('filter' in value || 'action' in value)
}

/**
 * The rules of files of Sigma. They are taken together: correlations and filters name rules of other files by id or name.
 * A rule that only serves a correlation stands for itself if the correlation says `generate`.
 */
export function readSigma(files: readonly SigmaFile[], options: SigmaOptions = {}): RuleReading {
  const refused: RefusedRule[] = []
  const placeholders = options.placeholders ?? ((): undefined => undefined)
  const documents = files.flatMap(({ path, text }) => {
    const parsed = attempt(refused, { path }, () => parseYaml(text)) ?? []
    const readable = parsed.flatMap((each) => attempt(refused, { path }, () => mapOf(each)) ?? [])
    const maps = attempt(refused, { path }, () => collected(readable)) ?? []
    return maps.flatMap(
      (map) => attempt(refused, headed(map, path), () => readSigmaDocument(map, path, placeholders)) ?? [],
    )
  })
  const collection = new Collection(documents, options.findTables ?? tablesOf)
  const correlations = documents.filter(isCorrelation).flatMap((document) => {
    const rule = attempt(refused, document.heading, () => collection.correlationRule(document))
    return rule ? [{ rule, document }] : []
  })
  const served = collection.servants(correlations.map(({ document }) => document))
  const rules = [
    ...correlations.filter(({ document }) => !served.has(document)).map(({ rule }) => rule),
    ...documents
      .filter(isDetection)
      .filter((document) => !served.has(document))
      .flatMap((document) => attempt(refused, document.heading, () => collection.eventRule(document)) ?? []),
  ]
  return { rules, refused }
}

function mapOf(parsed: YamlMap | SigmaProblem): YamlMap {
  if (parsed instanceof SigmaProblem) throw parsed
  return parsed
}

/** Documents after their file's `action: global` and `repeat`, which Sigma's collections had before it had correlations. */
function collected(maps: readonly YamlMap[]): readonly YamlMap[] {
  const documents: YamlMap[] = []
  let common: YamlMap | undefined
  for (const map of maps) {
    const action = textAt(map, 'action')?.toLowerCase()
    const position = map.entries.get('action')?.position
    const own: YamlMap = { ...map, entries: new Map([...map.entries].filter(([key]) => key !== 'action')) }
    if (action === 'global') common = common ? mergeMaps(common, own) : own
    else if (action === 'reset') common = undefined
    else if (action === 'repeat') {
      const last = documents.at(-1)
      if (!last) throw new SigmaProblem('action: repeat comes after a rule', position)
      documents.push(mergeMaps(last, own))
    } else if (action === undefined) documents.push(common ? mergeMaps(common, own) : own)
    else throw new SigmaProblem(`there is no action ${action}`, position)
  }
  return documents
}

interface Named {
  readonly path: string
  readonly id?: string
  readonly title?: string
}

function headed(map: YamlMap, path: string): Named {
  const text = (key: string): string | undefined => {
    const value = map.entries.get(key)?.value
    return value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : undefined
  }
  const [id, title] = [text('id'), text('title')]
  return { path, ...(id === undefined ? {} : { id }), ...(title === undefined ? {} : { title }) }
}

/** What is refused is listed; a bug goes on. */
function attempt<Result>(refused: RefusedRule[], named: Named, read: () => Result): Result | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof SigmaProblem)) throw error
    const { path, id, title } = named
    const name = title === undefined ? {} : { name: title }
    refused.push({ path, ...(id === undefined ? {} : { id }), ...name, reason: error.reason })
    return undefined
  }
}

function isCorrelation(document: SigmaDocument): document is CorrelationDocument {
  return document.kind === 'correlation'
}

function isDetection(document: SigmaDocument): document is DetectionDocument {
  return document.kind === 'detection'
}

type Rulelike = DetectionDocument | CorrelationDocument

/** Documents that name one another. */
class Collection {
  readonly #find: FindTables
  readonly #filters: readonly FilterDocument[]
  readonly #byName = new Map<string, Rulelike>()

  constructor(documents: readonly SigmaDocument[], find: FindTables) {
    this.#find = find
    this.#filters = documents.filter((document) => document.kind === 'filter')
    for (const document of documents) {
      if (document.kind === 'filter') continue
      const { id, name } = document.heading
      for (const key of [id, name]) {
        if (key !== undefined && !this.#byName.has(key)) this.#byName.set(key, document)
      }
    }
  }

  eventRule(document: DetectionDocument): Rule {
    const { aggregation } = document.detection
    if (aggregation) return this.#groupRule(document.heading, this.#aggregated(document, aggregation))
    const query = eventQuery(this.#filtered(document), this.#find)
    return ruleOf(document.heading, query, entitiesOf(query.tables))
  }

  correlationRule(document: CorrelationDocument): Rule {
    return this.#groupRule(document.heading, this.#group(document, []))
  }

  #groupRule(heading: Heading, group: CorrelationGroup): Rule {
    const names = resultNames(group.correlation.groupBy)
    return ruleOf(heading, correlationQuery(group, this.#find), entitiesOfNames(names))
  }

  #aggregated(document: DetectionDocument, correlation: Correlation): CorrelationGroup {
    return { correlation, members: [{ kind: 'events', name: 'events', rule: this.#filtered(document) }] }
  }

  /** The documents that only serve one of these correlations. */
  servants(correlations: readonly CorrelationDocument[]): ReadonlySet<SigmaDocument> {
    const served = new Set<SigmaDocument>()
    const kept = new Set<SigmaDocument>()
    for (const { correlation } of correlations) {
      for (const name of correlation.rules) {
        const document = this.#byName.get(name)
        if (document) (correlation.generate ? kept : served).add(document)
      }
    }
    return served.difference(kept)
  }

  #group({ heading, correlation }: CorrelationDocument, above: readonly string[]): CorrelationGroup {
    if (above.includes(heading.id)) throw new SigmaProblem('the correlation names itself')
    if (above.length > 8) throw new SigmaProblem('correlations of correlations, more than 8 deep')
    const members = correlation.rules.map((name): Member => {
      const document = this.#byName.get(name)
      if (!document) throw new SigmaProblem(`no rule has the id or name ${name}`, undefined, 'add its file')
      if (document.kind === 'detection') {
        const { aggregation } = document.detection
        if (aggregation) return { kind: 'correlation', name, group: this.#aggregated(document, aggregation) }
        return { kind: 'events', name, rule: this.#filtered(document) }
      }
      return { kind: 'correlation', name, group: this.#group(document, [...above, heading.id]) }
    })
    return { correlation, members }
  }

  #filtered({ heading, logSource, detection }: DetectionDocument): EventRule {
    const filters = this.#filters
      .filter(
        ({ rules }) => rules === 'any' || rules.some((rule) => rule === heading.id || rule === heading.name),
      )
      .filter((filter) => covers(filter.logSource, logSource))
      .map((filter) => whatStays(filter))
    return { logSource, detection, filters }
  }
}

/** Whether a filter's log is the rule's: what it leaves out may be anything. */
function covers(filter: LogSource, rule: LogSource): boolean {
  return (['product', 'service', 'category'] as const).every(
    (key) => filter[key] === undefined || filter[key] === rule[key],
  )
}

/**
 * The condition that events must meet to stay. The specification's example says what is left out (`selection`), the rules
 * that are about say what stays (`not selection`): a condition of negations is the latter, one without any the former.
 */
function whatStays({ heading, detection }: FilterDocument): Detection {
  const { condition } = detection
  const parts = condition.kind === 'and' ? condition.parts : [condition]
  if (parts.every(({ kind }) => kind === 'not')) return detection
  if (hasNot(condition))
    throw new SigmaProblem(
      `the filter ${heading.title} does not tell what stays from what is left out`,
      undefined,
      'write its condition as not (…)',
    )
  return { ...detection, condition: { kind: 'not', part: condition } }
}

function hasNot(condition: Condition): boolean {
  if (condition.kind === 'not') return true
  return condition.kind !== 'search' && condition.parts.some((part) => hasNot(part))
}

function ruleOf(heading: Heading, { query, tables }: RuleQuery, entities: readonly EntityMapping[]): Rule {
  const { id, title, path, description, level, tactics, techniques, tags, benign } = heading
  return {
    id,
    path,
    format: 'sigma',
    name: title,
    description,
    level,
    tactics,
    techniques,
    tags,
    query,
    trigger: { operator: 'gt', threshold: 0 },
    grouping: 'row',
    entities,
    customDetails: {},
    override: {},
    logs: tables.map((table) => ({ table })),
    guide: benign.length > 0 ? { benign: benign.join('; ') } : {},
    samples: [],
  }
}
