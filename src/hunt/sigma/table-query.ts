import type { Condition, Detection, Item, Matcher } from './detection.ts'
import { balanced, conjuncts, isLate, printTest, type Test } from './expression.ts'
import { resolveField, type Source, type Step } from './fields.ts'
import { kqlName, kqlText } from './kql-text.ts'
import type { LogColumn, LogTable } from './log-source.ts'
import { escapeRegex, joinParts, plainText } from './pattern.ts'
import { holds, matches, wholeTexts, type ValueMatcher } from './predicate.ts'
import { SigmaProblem } from './problem.ts'

/** Lists of one column that are taken apart together, and what is counted in their elements. */
interface Expansion {
  readonly columns: PathSource['columns']
  readonly lists: readonly (readonly Step[])[]
  readonly counts: Map<string, string>
  /** Texts of elements that are asked for several times, and their names. */
  readonly texts: Map<string, string>
}

type PathSource = Source & { readonly kind: 'path' }

/** Columns that say nothing of what happened. */
const besides = new Set(['Type', 'SourceSystem', '_BilledSize', '_IsBillable'])
const border = '\u001F'

/** A query over one table. */
export class TableQuery {
  readonly #table: LogTable
  readonly #expansions = new Map<string, Expansion>()
  #hasEventText = false

  constructor(table: LogTable) {
    this.#table = table
  }

  /** Rows that meet all detections of one of the groups. */
  compile(groups: readonly (readonly Detection[])[]): string {
    const met = groups.map((group): Test => ({
      kind: 'and',
      parts: group.map((each) => this.#condition(each, each.condition)),
    }))
    const tests = conjuncts(met.length === 1 && met[0] ? met[0] : { kind: 'or', parts: met })
    const early = tests.filter((test) => !isLate(test)).map((test) => printTest(test))
    const late = tests.filter((test) => isLate(test)).map((test) => printTest(test))
    const names = [...this.#expansions.values()].flatMap(({ counts }) => [...counts.values()])
    const steps = [
      this.#table.name,
      ...(this.#hasEventText ? [`extend _text = ${this.#eventText()}`] : []),
      ...(early.length > 0 ? [`where ${balanced('and', early)}`] : []),
      ...[...this.#expansions.values()].map((expansion) => printExpansion(expansion)),
      ...(late.length > 0 ? [`where ${balanced('and', late)}`] : []),
      ...(this.#hasEventText ? ['project-away _text'] : []),
      ...(names.length > 0 ? [`project-away ${names.join(', ')}`] : []),
    ]
    return steps.join('\n| ')
  }

  #condition(detection: Detection, condition: Condition): Test {
    switch (condition.kind) {
      case 'search': {
        const search = detection.searches.get(condition.name)
        if (!search) throw new Error(`the condition was read with a search ${condition.name}`)
        const parts = search.alternatives.map((items): Test => ({
          kind: 'and',
          parts: items.map((item) => this.#item(item)),
        }))
        return { kind: 'or', parts }
      }
      case 'not':
        return { kind: 'not', part: this.#condition(detection, condition.part) }
      default: {
        const parts = condition.parts.map((part) => this.#condition(detection, part))
        return { kind: condition.kind, parts }
      }
    }
  }

  #item(item: Item): Test {
    const test = item.field === undefined ? this.#keywords(item) : this.#fieldItem(item, item.field)
    return item.negated ? { kind: 'not', part: test } : test
  }

  #fieldItem(item: Item, field: string): Test {
    const { sources } = this.#resolve(field, item)
    const texts = item.quantifier === 'any' ? wholeTexts(item.matchers) : undefined
    if (texts && texts.length > 1) {
      const list = texts.map((text) => kqlText(text)).join(', ')
      return this.#anyOf(sources, (text) => `${text} in~ (${list})`)
    }
    const values = item.matchers.flatMap((matcher) => (asksForValue(matcher) ? [matcher] : []))
    if (item.quantifier === 'any' && values.length === item.matchers.length) {
      const predicate = (text: string): string =>
        balanced(
          'or',
          values.map((matcher) => matches(matcher, text)),
        )
      return this.#anyOf(sources, predicate)
    }
    const parts = item.matchers.map((matcher) => this.#matcher(matcher, sources, item))
    return { kind: item.quantifier === 'any' ? 'or' : 'and', parts }
  }

  #matcher(matcher: Matcher, sources: readonly Source[], item: Item): Test {
    const exists = (): Test => this.#anyOf(sources, (text) => `isnotempty(${text})`, true)
    switch (matcher.kind) {
      case 'null':
        return { kind: 'not', part: exists() }
      case 'exists':
        return matcher.expected ? exists() : { kind: 'not', part: exists() }
      case 'field':
        return this.#fieldReference(matcher, sources, item)
      case 'pattern':
        // Tables do not tell an empty value from none.
        return plainText(matcher.pattern) === ''
          ? { kind: 'not', part: exists() }
          : this.#anyOf(sources, (text) => matches(matcher, text))
      default:
        return this.#anyOf(sources, (text) => matches(matcher, text))
    }
  }

  #fieldReference(
    { field, where, cased }: Matcher & { readonly kind: 'field' },
    sources: readonly Source[],
    item: Item,
  ): Test {
    const others = this.#resolve(field, item).sources
    const inLists = [sources, others].filter((each) => each.some((source) => isListed(source)))
    if (inLists.length === 2)
      throw new SigmaProblem(
        'two fields in lists cannot be compared',
        item.position,
        'name a field outside a list',
      )
    const isTurned = others.some((source) => isListed(source))
    const [inner, outer] = isTurned ? [others, sources] : [sources, others]
    const parts = outer
      .flatMap((source) => scalarTexts(source))
      .map((fixed) =>
        this.#anyOf(inner, (text) => {
          const [left, right] = isTurned ? [fixed, text] : [text, fixed]
          return `(isnotempty(${left}) and isnotempty(${right}) and ${holds(left, where, cased, right)})`
        }),
      )
    return { kind: 'or', parts }
  }

  /** Whether one value of the sources meets a predicate. */
  #anyOf(sources: readonly Source[], predicate: (text: string) => string, isPlain = false): Test {
    const parts = sources.map((source): Test => {
      const test = (texts: readonly string[]): string =>
        balanced(
          'or',
          (isPlain ? texts.slice(0, 1) : texts).map((text) => predicate(text)),
        )
      if (!isListed(source)) return { kind: 'text', text: test(scalarTexts(source)), isLate: false }
      return { kind: 'text', text: `${this.#count(source, test)} > 0`, isLate: true }
    })
    return { kind: 'or', parts }
  }

  /** A column with the number of elements that meet a test. */
  #count(source: PathSource, test: (texts: readonly string[]) => string): string {
    const { lists, rest, entry } = listsOf(source.steps)
    const element = stepped(`_e${lists.length}`, rest)
    const { columns } = source
    const key = JSON.stringify([columns.map(({ name }) => name), lists])
    const expansion = this.#expansions.get(key) ?? { columns, lists, counts: new Map(), texts: new Map() }
    this.#expansions.set(key, expansion)
    const text = `tostring(${element})`
    const plain = test(readings(text, source))
    const found = plain.split(text).length > 2 ? test(namedReadings(text, source, expansion)) : plain
    const named = entry
      ? `tostring(_e${lists.length}${kqlName(entry.nameKey)}) =~ ${kqlText(entry.name)} and ${found}`
      : found
    const known = expansion.counts.get(named)
    if (known !== undefined) return known
    const total = [...this.#expansions.values()].reduce((sum, { counts }) => sum + counts.size, 0)
    const name = `_m${total + 1}`
    expansion.counts.set(named, name)
    return name
  }

  #keywords(item: Item): Test {
    const tests = item.matchers.map((matcher): string => {
      if (matcher.kind === 'pattern') {
        const pattern = joinParts([{ kind: 'any' }, ...matcher.pattern, { kind: 'any' }])
        const whole = plainText(pattern.slice(1, -1))
        if (whole !== undefined && whole !== '' && !whole.includes(border)) {
          this.#hasEventText = true
          return matches({ ...matcher, pattern }, '_text')
        }
        return this.#anyColumn({ ...matcher, pattern })
      }
      if (matcher.kind === 'regex') return this.#anyColumn(matcher)
      throw new SigmaProblem('a keyword without a field is a text', item.position)
    })
    const text = balanced(item.quantifier === 'any' ? 'or' : 'and', tests)
    return { kind: 'text', text, isLate: false }
  }

  #anyColumn(matcher: ValueMatcher): string {
    return balanced(
      'or',
      this.#eventColumns().map((text) => matches(matcher, text)),
    )
  }

  #eventText(): string {
    return `strcat_delim(${[kqlText(border), ...this.#eventColumns()].join(', ')})`
  }

  #eventColumns(): readonly string[] {
    return this.#table.columns.filter(({ name }) => !besides.has(name)).map((column) => columnText(column))
  }

  #resolve(field: string, item: Item): { readonly sources: readonly Source[] } {
    const resolution = resolveField(this.#table, field)
    if (resolution.sources.length > 0) return resolution
    throw new SigmaProblem(`${this.#table.name} has no field ${field}`, item.position)
  }
}

/** Whether a matcher looks for a value, and not for there being none. */
function asksForValue(matcher: Matcher): matcher is ValueMatcher {
  if (matcher.kind === 'pattern') return plainText(matcher.pattern) !== ''
  return matcher.kind !== 'null' && matcher.kind !== 'exists' && matcher.kind !== 'field'
}

function isListed(source: Source): source is PathSource {
  return source.kind === 'path' && source.steps.some(({ kind }) => kind === 'each' || kind === 'entry')
}

/** A source outside lists as KQL texts: its value, and its value decoded. */
export function scalarTexts(source: Source): readonly string[] {
  if (source.kind === 'expression') return [source.kql]
  if (source.steps.length === 0) return readings(columnText(source.columns[0]), source)
  return readings(`tostring(${stepped(documentOf(source.columns), source.steps)})`, source)
}

function columnText({ name, type }: LogColumn): string {
  return type === 'string' ? kqlName(name) : `tostring(${kqlName(name)})`
}

function documentOf(columns: PathSource['columns']): string {
  const documents = columns.map(({ name, type }) =>
    type === 'dynamic' ? kqlName(name) : `parse_json(${kqlName(name)})`,
  )
  return documents.length === 1 ? documents.join('') : `pack_array(${documents.join(', ')})`
}

function readings(text: string, { encoded, spaced }: PathSource): readonly string[] {
  if (spaced) return [`replace_regex(${text}, "([a-z])([A-Z])", "\\\\1 \\\\2")`]
  return encoded ? [text, `tostring(parse_json(${text}))`] : [text]
}

/** The readings under names that the expansion gives them. */
function namedReadings(text: string, source: PathSource, { texts }: Expansion): readonly string[] {
  const nameOf = (expression: string): string => {
    const name = texts.get(expression) ?? `_x${texts.size + 1}`
    texts.set(expression, name)
    return name
  }
  const first = nameOf(text)
  return readings(first, source).map((reading) => (reading === first ? first : nameOf(reading)))
}

/** The lists on the way to a value, the keys inside the last, and the name of the element that is meant. */
function listsOf(steps: readonly Step[]): {
  readonly lists: readonly (readonly Step[])[]
  readonly rest: readonly Step[]
  readonly entry?: Step & { readonly kind: 'entry' }
} {
  const lists: Step[][] = []
  let current: Step[] = []
  let entry: (Step & { readonly kind: 'entry' }) | undefined
  for (const step of steps) {
    if (step.kind === 'each' || step.kind === 'entry') {
      lists.push(current)
      current = step.kind === 'entry' ? [{ kind: 'key', name: step.valueKey }] : []
      if (step.kind === 'entry') entry = step
    } else current.push(step)
  }
  return { lists, rest: current, ...(entry ? { entry } : {}) }
}

function stepped(start: string, steps: readonly Step[]): string {
  return steps.reduce((value, step) => {
    if (step.kind === 'key') return `${value}${kqlName(step.name)}`
    if (step.kind !== 'anyCase') throw new Error('lists are taken apart before')
    const pattern = kqlText(`(?i)[\\[,]"(${escapeRegex(step.name)})"`)
    return `${value}[extract(${pattern}, 1, tostring(bag_keys(${value})))]`
  }, start)
}

function printExpansion({ columns, lists, counts, texts }: Expansion): string {
  const expansions = lists.flatMap((steps, index) => {
    const value = stepped(index === 0 ? documentOf(columns) : `_e${index}`, steps)
    const kind = `gettype(_v${index + 1}) == "array"`
    // A value that is no list is its own element; an empty list has one that is null, since a row needs an element to stay.
    const list = `case(${kind} and array_length(_v${index + 1}) > 0, _v${index + 1}, ${kind}, dynamic([null]), pack_array(_v${index + 1}))`
    return [
      `_v${index + 1} = pack_array(${value}) to typeof(dynamic)`,
      `_e${index + 1} = ${list} to typeof(dynamic)`,
    ]
  })
  const named = [...texts].map(([text, name]) => `${name} = pack_array(${text}) to typeof(string)`)
  const [first = '', ...others] = [...expansions, ...named]
  const inner = others.map((expansion) => `mv-expand ${expansion} | `)
  const aggregates = [...counts].map(([test, name]) => `${name} = countif(${test})`)
  return `mv-apply ${first} on (${inner.join('')}summarize ${aggregates.join(', ')})`
}
