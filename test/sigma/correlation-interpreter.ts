/**
 * Correlations as the specification says them: every window of every group is looked at, event by event. It shares no code with
 * `src/hunt/sigma`.
 */
export interface Sighting {
  /** The event, so that one that several rules match counts once. */
  readonly id: number
  readonly rule: number
  readonly time: number
  readonly group: string
  readonly value: string
}

export interface Wanted {
  readonly type: string
  readonly rules: number
  readonly spanMs: number
  readonly bounds: Readonly<Record<string, number>>
  readonly percentile: number
}

/** The instants of each group at which the window that ends there meets the condition. */
export function hitsOf(
  sightings: readonly Sighting[],
  wanted: Wanted,
): ReadonlyMap<string, readonly number[]> {
  const numeric = ['value_sum', 'value_avg', 'value_min', 'value_max', 'value_percentile'].includes(
    wanted.type,
  )
  const counted = wanted.type.startsWith('value_')
  const taken = sightings.filter(
    ({ group, value }) =>
      group !== '' &&
      (!counted || value !== '') &&
      (!numeric || /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value)),
  )
  const hits = new Map<string, readonly number[]>()
  for (const group of new Set(taken.map((each) => each.group))) {
    const own = taken.filter((each) => each.group === group)
    const instants = [...new Set(own.map(({ time }) => time))].toSorted((a, b) => a - b)
    const met = instants.filter((end) => {
      const window = own.filter(({ time }) => time >= end - wanted.spanMs && time <= end)
      return windowMeets(window, end, wanted)
    })
    if (met.length > 0) hits.set(group, met)
  }
  return hits
}

/** First and last instants of hits that are no further than a timespan from one another. */
export function runsOf(hits: ReadonlyMap<string, readonly number[]>, spanMs: number): readonly string[] {
  const runs: string[] = []
  for (const [group, instants] of hits) {
    let first = instants[0] ?? 0
    for (const [index, instant] of instants.entries()) {
      const next = instants[index + 1]
      if (next !== undefined && next - instant <= spanMs) continue
      runs.push(`${group} ${first} ${instant}`)
      first = next ?? 0
    }
  }
  return runs.toSorted()
}

function windowMeets(window: readonly Sighting[], end: number, wanted: Wanted): boolean {
  if (wanted.type === 'temporal_ordered') return isOrdered(window, end, wanted.rules)
  if (wanted.type === 'temporal_condition') {
    const rules = new Set(window.map(({ rule }) => rule))
    return rules.has(0) && !(rules.has(1) || rules.has(2))
  }
  const measure = measureOf(window, wanted)
  return Object.entries(wanted.bounds).every(([operator, bound]) => {
    if (operator === 'gt') return measure > bound
    if (operator === 'gte') return measure >= bound
    if (operator === 'lt') return measure < bound
    if (operator === 'lte') return measure <= bound
    return measure === bound
  })
}

function measureOf(window: readonly Sighting[], { type, percentile }: Wanted): number {
  const events = [...new Map(window.map((each) => [each.id, each])).values()]
  const values = events.map(({ value }) => Number(value)).toSorted((a, b) => a - b)
  const sum = values.reduce((total, value) => total + value, 0)
  if (type === 'event_count') return events.length
  if (type === 'value_count') return new Set(events.map(({ value }) => value.toLowerCase())).size
  if (type === 'temporal') return new Set(window.map(({ rule }) => rule)).size
  if (type === 'value_sum') return sum
  if (type === 'value_avg') return sum / values.length
  if (type === 'value_min') return values[0] ?? Number.NaN
  if (type === 'value_max') return values.at(-1) ?? Number.NaN
  const rank = Math.max(1, Math.ceil((percentile / 100) * values.length))
  return values[rank - 1] ?? Number.NaN
}

/** Whether a sighting of each rule, none earlier than the one before it, ends with the last rule at this instant. */
function isOrdered(window: readonly Sighting[], end: number, rules: number): boolean {
  const reach = (rule: number, before: number): boolean =>
    rule < 0 || window.some((each) => each.rule === rule && each.time <= before && reach(rule - 1, each.time))
  return window.some(({ rule, time }) => rule === rules - 1 && time === end) && reach(rules - 2, end)
}
