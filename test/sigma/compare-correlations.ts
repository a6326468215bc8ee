import { stringify } from 'yaml'
import { readSigma } from '../../src/hunt/sigma/read.ts'
import { expect } from 'vitest'
import type { Asker } from '../ask.ts'
import { eventsAsker } from './compare.ts'
import { hitsOf, runsOf, type Sighting, type Wanted } from './correlation-interpreter.ts'
import { eventsTable } from './events-world.ts'
import type { Event } from './interpreter.ts'
import { pick, randomOf, type Random } from './random-rules.ts'

/** Few callers, cities and seconds, so that events meet in windows and at their edges. */
function crowdedEvent(random: Random, id: number): Event {
  const second = Math.floor(random() * 120)
  return {
    Id: id,
    TimeGenerated: new Date(Date.UTC(2024, 0, 1, 0, 0, second)).toISOString(),
    Caller: pick(random, ['ann', 'Ann', 'bob', '']),
    City: pick(random, ['a', 'b', 'A', 'c', '']),
    Address: pick(random, ['1', '2.5', '7', 'x', '']),
    Size: random() < 0.2 ? null : Math.floor(random() * 6),
    At: null,
    DeviceDetail: null,
    TargetResources: null,
    AuthenticationDetails: '',
    Extra: null,
  }
}

/** The rest of a correlation: `temporal_ordered` asks for nothing more. */
function asked(type: string, condition: unknown): Readonly<Record<string, unknown>> {
  if (type === 'temporal_condition') return { condition: 'm0 and not (m1 or m2)' }
  return type === 'temporal_ordered' ? {} : { condition }
}

/** The conditions of the rules that correlations name, as Sigma and as code. */
const members = [
  { field: 'City', value: 'a', test: (event: Event) => String(event['City']).toLowerCase() === 'a' },
  { field: 'City|re', value: '^[bc]', test: (event: Event) => /^[bc]/.test(String(event['City'])) },
  {
    field: 'Size|gte',
    value: 3,
    test: (event: Event) => typeof event['Size'] === 'number' && event['Size'] >= 3,
  },
] as const

const valued = ['value_sum', 'value_avg', 'value_min', 'value_max', 'value_percentile']
const types = [
  'event_count',
  'temporal_condition',
  'value_count',
  'temporal',
  'temporal_ordered',
  'chain',
  ...valued,
]

interface Compared {
  readonly text: string
  readonly found: readonly string[]
  readonly expected: readonly string[]
}

/** Random correlations over 120 events: the engine's runs of hits must be the interpreter's. Gives the number of runs. */
export async function compareCorrelations(seed: number, correlations: number): Promise<number> {
  const random = randomOf(seed)
  const events = Array.from({ length: 120 }, (_each, id) => crowdedEvent(random, id))
  await using asker = await eventsAsker(events)
  let runs = 0
  for (let number = 0; number < correlations; number += 1) {
    const { text, found, expected } = await compareCorrelation(random, events, asker)
    expect(found, text).toEqual(expected)
    runs += expected.length
  }
  return runs
}

/** One random correlation: a line for each run of hits. */
async function compareCorrelation(random: Random, events: readonly Event[], asker: Asker): Promise<Compared> {
  const type = pick(random, types)
  const group = pick(random, ['Caller', 'who', ''])
  const spanMs = 1000 * pick(random, [1, 2, 5, 10, 30])
  const number = Math.floor(random() * 5)
  const operator = pick(random, ['gte', 'gte', 'gt', 'lt', 'lte', 'eq'])
  const rules = [0, 1, 2].slice(
    0,
    type === 'temporal_ordered' || type === 'chain' ? 2 + Math.floor(random() * 2) : 3,
  )
  const field = valued.includes(type) ? pick(random, ['Size', 'Address']) : 'City'
  const bounds: Readonly<Record<string, number>> =
    type === 'temporal' ? { gte: Math.max(1, number - 1) } : { [operator]: number }
  const percentile = pick(random, [1, 50, 90, 100])
  const documents = members.slice(0, rules.length).map(({ field: key, value }, index) => ({
    title: `Member ${index}`,
    name: `m${index}`,
    logsource: { product: 'test' },
    detection: { s: { [key]: value }, condition: 's' },
  }))
  const grouping = group === '' ? {} : { 'group-by': [group] }
  const span = { timespan: `${spanMs / 1000}s`, ...grouping }
  const condition = {
    ...bounds,
    ...(type.startsWith('value_') ? { field } : {}),
    ...(type === 'value_percentile' ? { percentile } : {}),
  }
  const names = rules.map((rule) => `m${rule}`)
  const inner = { type: 'event_count', rules: ['m0'], ...span, condition: bounds }
  const correlations =
    type === 'chain'
      ? [
          { title: 'Inner', name: 'inner', correlation: inner },
          {
            title: 'Outer',
            correlation: { type: 'temporal_ordered', rules: ['inner', ...names.slice(1)], ...span },
          },
        ]
      : [
          {
            title: 'Correlation',
            correlation: {
              type: type.replace('_condition', ''),
              rules: names,
              ...span,
              ...asked(type, condition),
            },
          },
        ]
  const text = [...documents, ...correlations].map((document) => stringify(document)).join('---\n')
  const read = readSigma([{ path: 'random.yml', text }], { findTables: () => [eventsTable] })
  const [rule] = read.rules
  if (!rule || read.rules.length > 1 || read.refused.length > 0)
    throw new Error(`${JSON.stringify(read.refused)}\n${text}`)
  const shown = `strcat(${group === '' ? '""' : group}, " ", tostring(EndTime))`
  const rows = await asker.ask(`${rule.query}\n| project Text = ${shown}`)
  const found = rows
    .map(([text]) => (typeof text === 'string' ? text.split(' ') : []))
    .map(([key = '', end = '']) => `${key} ${Date.parse(end)}`)
    .toSorted()

  const groupOf = (event: Event): string =>
    group === ''
      ? 'all'
      : String(event['Caller'] === '' && group === 'who' ? event['City'] : event['Caller']).toLowerCase()
  const sightings = (rule: number, place: number): readonly Sighting[] =>
    events
      .filter((event) => members[rule]?.test(event))
      .map((event) => ({
        id: Number(event['Id']),
        rule: place,
        time: Date.parse(String(event['TimeGenerated'])),
        group: groupOf(event),
        value: textOf(event[field]),
      }))
  const wanted: Wanted = { type, rules: rules.length, spanMs, bounds, percentile }
  const all = rules.flatMap((rule) => sightings(rule, rule))
  const hits =
    type === 'chain'
      ? hitsOf(
          [
            ...innerHits(hitsOf(sightings(0, 0), { ...wanted, type: 'event_count' })),
            ...rules.slice(1).flatMap((rule) => sightings(rule, rule)),
          ],
          { ...wanted, type: 'temporal_ordered' },
        )
      : hitsOf(all, wanted)
  const expected = runsOf(hits, spanMs).map((run) => {
    const [key = '', , end = ''] = run.split(' ')
    return `${group === '' ? '' : key} ${end}`
  })
  return { text: `${text}\n${rule.query}`, found, expected: expected.toSorted() }
}

function innerHits(hits: ReadonlyMap<string, readonly number[]>): readonly Sighting[] {
  return [...hits].flatMap(([group, instants]) =>
    instants.map((time, index): Sighting => ({ id: -1 - index, rule: 0, time, group, value: '' })),
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
