import type { Level } from '../rule.ts'
import { derivedId } from '../sentinel.ts'
import { readCorrelation, type Correlation } from './read-correlation.ts'
import type { Detection } from './detection.ts'
import type { LogSource } from './log-source.ts'
import type { Placeholders } from './modifiers.ts'
import { SigmaProblem } from './problem.ts'
import { readDetection } from './read-detection.ts'
import { mapAt, textAt, textsAt, type YamlMap } from './yaml-node.ts'

/** What a document of Sigma is: a rule over single events, one over several, or what is to be left out of other rules. */
export type SigmaDocument = DetectionDocument | CorrelationDocument | FilterDocument

export interface Heading {
  readonly id: string
  /** By what correlations and filters name it, beside its id. */
  readonly name: string | undefined
  readonly title: string
  readonly path: string
  readonly description: string
  readonly level: Level
  readonly tactics: readonly string[]
  readonly techniques: readonly string[]
  readonly tags: readonly string[]
  readonly benign: readonly string[]
}

export interface DetectionDocument {
  readonly kind: 'detection'
  readonly heading: Heading
  readonly logSource: LogSource
  readonly detection: Detection
}

export interface CorrelationDocument {
  readonly kind: 'correlation'
  readonly heading: Heading
  readonly correlation: Correlation
}

export interface FilterDocument {
  readonly kind: 'filter'
  readonly heading: Heading
  readonly logSource: LogSource
  /** Ids and names of rules; `any` for all of them. */
  readonly rules: readonly string[] | 'any'
  readonly detection: Detection
}

/** A document → what it is, read in full. */
export function readSigmaDocument(map: YamlMap, path: string, placeholders: Placeholders): SigmaDocument {
  const heading = readHeading(map, path)
  if (map.entries.has('correlation'))
    return { kind: 'correlation', heading, correlation: readCorrelation(mapAt(map, 'correlation')) }
  const logSource = readLogSource(mapAt(map, 'logsource'))
  if (map.entries.has('filter')) {
    const filter = mapAt(map, 'filter')
    const rules = textsAt(filter, 'rules')
    const detection = readDetection(filter, placeholders, ['rules'])
    if (detection.aggregation) throw new SigmaProblem('a filter cannot count', filter.position)
    const isAny = rules.length === 0 || (rules.length === 1 && rules[0]?.toLowerCase() === 'any')
    return {
      kind: 'filter',
      heading,
      logSource,
      rules: isAny ? 'any' : rules,
      detection,
    }
  }
  const detection = readDetection(mapAt(map, 'detection'), placeholders)
  return { kind: 'detection', heading, logSource, detection }
}

const levels: Readonly<Record<string, Level>> = {
  informational: 'informational',
  low: 'low',
  medium: 'medium',
  high: 'high',
  critical: 'high',
}

/** What can be told of a document even where the rest of it is refused. */
export function readHeading(map: YamlMap, path: string): Heading {
  const title = textAt(map, 'title')
  if (title === undefined) throw new SigmaProblem('title is missing', map.position, 'add title:')
  const name = textAt(map, 'name')
  const level = (textAt(map, 'level') ?? 'medium').toLowerCase()
  const known = levels[level]
  if (known === undefined)
    throw new SigmaProblem(`there is no level ${level}`, map.entries.get('level')?.position)
  const tags = textsAt(map, 'tags').map((tag) => tag.toLowerCase())
  return {
    id: textAt(map, 'id') ?? derivedId(path, name ?? title),
    name,
    title,
    path,
    description: textAt(map, 'description') ?? '',
    level: known,
    tactics: tags.flatMap((tag) => tacticOf(tag) ?? []),
    techniques: tags.flatMap((tag) => techniqueOf(tag) ?? []),
    tags: tags.filter((tag) => tacticOf(tag) === undefined && techniqueOf(tag) === undefined),
    benign: textsAt(map, 'falsepositives'),
  }
}

function tacticOf(tag: string): string | undefined {
  const word = /^attack\.([a-z][a-z_-]+)$/.exec(tag)?.[1]
  if (word === undefined) return undefined
  return word.replaceAll(/(?:^|[_-])([a-z])/g, (_all, letter: string) => letter.toUpperCase())
}

function techniqueOf(tag: string): string | undefined {
  return /^attack\.(t\d{4}(?:\.\d{3})?)$/.exec(tag)?.[1]?.toUpperCase()
}

function readLogSource(map: YamlMap): LogSource {
  const word = (key: string): string | undefined => textAt(map, key)?.toLowerCase().trim()
  const [product, service, category] = [word('product'), word('service'), word('category')]
  if (product === undefined && service === undefined && category === undefined)
    throw new SigmaProblem('logsource names neither product, service nor category', map.position)
  return {
    ...(product === undefined ? {} : { product }),
    ...(service === undefined ? {} : { service }),
    ...(category === undefined ? {} : { category }),
  }
}
