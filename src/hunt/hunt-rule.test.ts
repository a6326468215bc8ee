import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { declaredSchema, prepareTables } from '../case/case-schema.ts'
import { openEngine, type Engine } from '../engine/engine.ts'
import { createCompiler, type Compiler } from '../kql/compile.ts'
import type { TextRows } from '../kql/discovery.ts'
import { readAlerts, storeAlerts, withoutOurs } from './alert-store.ts'
import type { Alert } from './alert.ts'
import { readClock } from './clock.ts'
import { huntRule } from './hunt-rule.ts'
import { huntLimits, type HuntContext, type RuleOutcome } from './hunt-context.ts'
import type { Rule, SampleRow } from './rule.ts'
import { planRuns, runOf, runsBetween, ticksOf } from './runs.ts'
import { sampleInserts } from './sample-rows.ts'
import { readSentinel } from './sentinel.ts'

let directory: string
let engine: Engine
let compiler: Compiler

/** Deletions by eve on three days, an early one by bob, and many quiet calls by ann. */
const events: readonly SampleRow[] = [
  { TimeGenerated: '2026-03-01T00:00:00Z', Caller: 'ann', OperationNameValue: 'a/read' },
  { TimeGenerated: '2026-03-01T05:10:00Z', Caller: 'bob', OperationNameValue: 'a/delete' },
  { TimeGenerated: '2026-03-03T03:17:00Z', Caller: 'eve', OperationNameValue: 'a/delete' },
  { TimeGenerated: '2026-03-03T03:18:00Z', Caller: 'eve', OperationNameValue: 'a/delete' },
  { TimeGenerated: '2026-03-03T03:59:30Z', Caller: 'eve', OperationNameValue: 'a/delete' },
  { TimeGenerated: '2026-03-03T04:00:00Z', Caller: 'eve', OperationNameValue: 'a/delete' },
  { TimeGenerated: '2026-03-04T11:00:00.0000001Z', Caller: 'eve', OperationNameValue: 'a/delete' },
  { TimeGenerated: '2026-03-06T23:30:00Z', Caller: 'bob', OperationNameValue: 'a/delete' },
  ...Array.from({ length: 60 }, (_, hour) => ({
    TimeGenerated: new Date(Date.UTC(2026, 2, 2, hour, 30)).toISOString(),
    Caller: 'ann',
    OperationNameValue: 'a/read',
  })),
]

async function openWith(
  rows: readonly SampleRow[],
  isReversed = false,
): Promise<{ readonly engine: Engine; readonly directory: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'azimuth-hunt-'))
  const opened = await openEngine({ directory: folder, lingerMs: 0 })
  await prepareTables(opened)
  const sample = { name: 'all', positive: true, tables: { AzureActivity: rows } }
  const { inserts, problems } = sampleInserts([{ number: 1, sample }])
  if (problems.size > 0) throw new Error([...problems.values()].join())
  for (const { statement, lines } of inserts) {
    await opened.owner.insert(
      statement,
      (async function* () {
        yield Buffer.from((isReversed ? lines.toReversed() : lines).join('\n'))
        await Promise.resolve()
      })(),
    )
  }
  return { engine: opened, directory: folder }
}

beforeAll(async () => {
  ;({ engine, directory } = await openWith(events))
  compiler = await createCompiler(declaredSchema)
})

afterAll(async () => {
  await compiler[Symbol.asyncDispose]()
  await engine[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

function context(over: Partial<HuntContext> = {}, of: Engine = engine): HuntContext {
  return {
    compiler,
    evidence: { first: ticksOf('2026-03-01T00:00:00Z'), last: ticksOf('2026-03-06T23:30:00Z') },
    isFast: false,
    limits: huntLimits,
    rows: withoutOurs,
    ask: async (sql, parameters, limits) => {
      const { rows } = await of.reader.query(sql, { parameters, limits })
      // Compiled SQL gives texts and nulls.
      return (await Array.fromAsync(rows)) as TextRows
    },
    ...over,
  }
}

function ruleOf(query: string, more: Readonly<Record<string, unknown>> = {}): Rule {
  const value = {
    id: '5d0e1a3c-0000-4000-8000-000000000001',
    name: 'A rule',
    severity: 'Medium',
    queryFrequency: '1h',
    queryPeriod: '1h',
    eventGroupingSettings: { aggregationKind: 'AlertPerResult' },
    entityMappings: [
      { entityType: 'Account', fieldMappings: [{ identifier: 'FullName', columnName: 'Caller' }] },
    ],
    query,
    ...more,
  }
  const { rules, refused } = readSentinel([{ path: 'rule.yaml', value }])
  const [rule] = rules
  if (!rule) throw new Error(JSON.stringify(refused))
  return rule
}

function told({ alerts }: RuleOutcome): readonly string[] {
  return alerts.map(
    ({ start, end, count, entities }) =>
      `${start.slice(5, 16)} ${end.slice(5, 16)} ${count} ${entities[0]?.['FullName']}`,
  )
}

const deletions = "AzureActivity | where OperationNameValue == 'a/delete'"

describe('a rule that runs as time passes', () => {
  test('finds each row once, whether its runs are one query or many', async () => {
    const day = { queryPeriod: '1d' }
    const row = await huntRule(ruleOf(`${deletions} | project TimeGenerated, Caller`, day), context())
    const apart = await huntRule(
      ruleOf(
        `${deletions} | join kind=inner (print one = 'a/delete') on $left.OperationNameValue == $right.one`,
        day,
      ),
      context(),
    )
    const each = await huntRule(
      ruleOf(`${deletions} | summarize n = count() by TimeGenerated, Caller`, day),
      context(),
    )
    expect([row.form, apart.form, each.form]).toEqual(['whole', 'runs', 'together'])
    expect(row.alerts).toHaveLength(7)
    const ids = (outcome: RuleOutcome): readonly string[] => outcome.alerts.map(({ id }) => id).toSorted()
    expect(ids(apart)).toEqual(ids(row))
    expect(ids(each)).toEqual(ids(row))
  })

  test('sees what Sentinel would: later than now less the period, up to now', async () => {
    const outcome = await huntRule(
      ruleOf(`${deletions} | summarize n = count() by Caller | where n >= 4`),
      context(),
    )
    // The four of 3 March lie in (03:00, 04:00].
    expect(told(outcome)).toEqual(['03-03T03:17 03-03T04:00 4 eve'])
  })

  test('runs together give what runs one by one give', async () => {
    const query = `${deletions} | summarize n = count(), make_set(OperationNameValue) by Caller | where n > 1`
    const one = `${query} | join kind=leftouter (print none = '') on $left.Caller == $right.none | project-away none`
    const period = { queryPeriod: '5h' }
    const together = await huntRule(ruleOf(query, period), context())
    const apart = await huntRule(ruleOf(one, period), context())
    expect([together.form, apart.form]).toEqual(['together', 'runs'])
    expect(together.alerts.length).toBeGreaterThan(0)
    expect(together.alerts).toEqual(apart.alerts)
  })

  test('gives one alert for what overlapping runs see, and another for what none of them shares', async () => {
    const query = `${deletions} | summarize n = count() by Caller | where n > 1`
    const outcome = await huntRule(ruleOf(query, { queryPeriod: '6h' }), context())
    expect(told(outcome)).toEqual(['03-03T03:17 03-03T04:00 4 eve'])
    const long = await huntRule(ruleOf(query, { queryPeriod: '2d' }), context())
    expect(told(long)).toEqual(['03-03T03:17 03-04T11:00 5 eve'])
    expect(long.alerts[0]?.id).toBe(outcome.alerts[0]?.id)
  })

  test('groups the rows that a run is the first to see where the rule asks for one alert', async () => {
    const single = { eventGroupingSettings: { aggregationKind: 'SingleAlert' }, queryPeriod: '1d' }
    const outcome = await huntRule(ruleOf(`${deletions} | project TimeGenerated, Caller`, single), context())
    expect(outcome.alerts.map(({ rows, now }) => [rows, now.slice(5, 16)])).toEqual([
      [1, '03-01T06:00'],
      [4, '03-03T04:00'],
      [1, '03-04T12:00'],
      [1, '03-07T00:00'],
    ])
  })

  test('that looks back twice finds what is recent in any run', async () => {
    const query = `let before = AzureActivity | where TimeGenerated between (ago(3d) .. ago(2h)) and OperationNameValue == 'a/delete' | distinct Caller;
      ${deletions} | where TimeGenerated > ago(2h) | where Caller !in (before)`
    const outcome = await huntRule(ruleOf(query, { queryFrequency: '1d', queryPeriod: '4d' }), context())
    // Runs follow by two hours, not by a day.
    expect(outcome.runs.planned).toBe(73)
    expect(told(outcome)).toEqual([
      '03-01T05:10 03-01T05:10 1 bob',
      '03-03T03:17 03-03T03:17 1 eve',
      '03-03T03:18 03-03T03:18 1 eve',
      '03-03T03:59 03-03T03:59 1 eve',
      '03-03T04:00 03-03T04:00 1 eve',
      '03-06T23:30 03-06T23:30 1 bob',
    ])
  })

  test('says where its baseline is not complete, and what is new at the very beginning weighs little', async () => {
    const first = { azimuth: { firstSeen: { days: 8, by: ['Caller'] } } }
    const { alerts, runs } = await huntRule(
      ruleOf(`${deletions} | project TimeGenerated, Caller`, first),
      context(),
    )
    expect(
      alerts.map(({ start, level, isBaselineComplete }) => [start.slice(5, 16), level, isBaselineComplete]),
    ).toEqual([
      ['03-01T05:10', 'informational', false],
      ['03-03T03:17', 'medium', false],
      ['03-03T03:18', 'medium', false],
      ['03-03T03:59', 'medium', false],
      ['03-03T04:00', 'medium', false],
    ])
    // Of six days, only the hours with somebody new are looked at.
    expect(runs).toMatchObject({ active: 2, made: 2, withoutBaseline: 2 })
  })

  test('that counts by bins of time sees whole ones, and makes only the runs that see a new one', async () => {
    const first = { azimuth: { firstSeen: { days: 1, by: ['Caller'] } } }
    const binned = `${deletions} | summarize TimeGenerated = min(TimeGenerated), Count = count() by Caller, Hour = bin(TimeGenerated, 1h)`
    // The same rows, of which no plan can be read to come from one bin each.
    const opaque = `${deletions} | as All | summarize TimeGenerated = min(TimeGenerated), Count = count() by Caller, Hour = bin(TimeGenerated + 0s, 1h)`
    const [quick, slow] = [
      await huntRule(ruleOf(`${binned} | where Count < 3`, first), context()),
      await huntRule(ruleOf(`${opaque} | where Count < 3`, first), context()),
    ]
    // Three deletions from 03:17 on; the fourth, at four sharp, belongs to the next hour.
    expect(told(quick)).toEqual([
      '03-01T05:10 03-01T05:10 1 bob',
      '03-03T04:00 03-03T04:00 1 eve',
      '03-04T11:00 03-04T11:00 1 eve',
      '03-06T23:30 03-06T23:30 1 bob',
    ])
    expect(quick.alerts.map(({ id }) => id)).toEqual(slow.alerts.map(({ id }) => id))
    const all = await huntRule(ruleOf(binned.replace(deletions, 'AzureActivity'), first), context())
    expect(told(all).filter((line) => line.endsWith('ann'))).toEqual(['03-01T00:00 03-01T00:00 1 ann'])
    expect(all.runs).toMatchObject({ planned: 144, active: 5, made: 5 })
  })

  test('keeps silent after an alert where it says so, and tells how often', async () => {
    const silent = { suppressionEnabled: true, suppressionDuration: '5d' }
    const outcome = await huntRule(ruleOf(`${deletions} | project TimeGenerated, Caller`, silent), context())
    expect(told(outcome)).toEqual(['03-01T05:10 03-01T05:10 1 bob', '03-06T23:30 03-06T23:30 1 bob'])
    expect(outcome.runs.suppressed).toBe(2)
  })

  test('that asks for few rows runs where there are none', async () => {
    const few = { triggerOperator: 'lt', triggerThreshold: 1, queryFrequency: '1d', queryPeriod: '1d' }
    const outcome = await huntRule(ruleOf(deletions, { ...few, eventGroupingSettings: undefined }), context())
    expect(outcome.runs).toMatchObject({ planned: 7, made: 7 })
  })

  test('takes only what happened in the time that was asked for', async () => {
    const since = ticksOf('2026-03-03T04:00:00Z')
    const until = ticksOf('2026-03-05T00:00:00Z')
    const rule = ruleOf(`${deletions} | project TimeGenerated, Caller`)
    expect(told(await huntRule(rule, context({ since, until })))).toEqual(['03-04T11:00 03-04T11:00 1 eve'])
  })

  test('names the records of each alert, or how to find them', async () => {
    const [alert] = (await huntRule(ruleOf(`${deletions} | where Caller == 'bob'`), context())).alerts
    expect(alert?.evidence).toEqual([{ table: 'AzureActivity', evidenceId: '1', record: 2, ordinal: 0 }])
    const lost = await huntRule(
      ruleOf(`${deletions} | make-series n = count() default = 0 on TimeGenerated step 1h by Caller`),
      context(),
    )
    for (const { evidence, evidenceQuery } of lost.alerts) {
      expect(evidence.length > 0 || evidenceQuery !== undefined).toBe(true)
    }
    expect(lost.alerts.length).toBeGreaterThan(0)
  })

  test('that runs away is stopped, and what it found stays', async () => {
    const rule = ruleOf(`AzureActivity | project TimeGenerated, Caller`)
    const outcome = await huntRule(rule, context({ limits: { ...huntLimits, findings: 5 } }))
    expect(outcome).toMatchObject({ status: 'stopped', reason: expect.stringContaining('5 findings') })
    expect(outcome.alerts).toHaveLength(5)
    const slow = ruleOf(
      'range x from 1 to 100000000 step 1 | extend y = hash_sha256(tostring(x)) | summarize max(y)',
    )
    const timed = await huntRule(slow, context({ limits: { ...huntLimits, ruleTimeMs: 500 } }))
    expect(timed).toMatchObject({ status: 'stopped', reason: expect.stringMatching(/limit/i) })
  })

  test('without a schedule runs once, also where its columns depend on its rows', async () => {
    const once = { queryFrequency: undefined, queryPeriod: undefined }
    const query = `${deletions} | extend Bag = bag_pack(Caller, 1) | evaluate bag_unpack(Bag) | where isnotempty(bob)`
    const outcome = await huntRule(ruleOf(query, once), context())
    expect(outcome).toMatchObject({ form: 'recompiled', runs: { planned: 1, made: 1 } })
    expect(outcome.alerts.map(({ entities }) => entities)).toEqual([
      [{ Type: 'account', FullName: 'bob' }],
      [{ Type: 'account', FullName: 'bob' }],
    ])
    expect(outcome.alerts.every(({ evidenceQuery }) => evidenceQuery === query)).toBe(true)
  })

  test('on a table that nobody has is refused with a reason', async () => {
    expect(await huntRule(ruleOf('NoSuchTable | take 1'), context())).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining('NoSuchTable'),
    })
  })

  test('finds the same with the same ids in whatever order the rows were landed', async () => {
    const rule = ruleOf(`${deletions} | summarize n = count() by Caller | where n > 0`, { queryPeriod: '5h' })
    const other = await openWith(events, true)
    try {
      const [here, there] = await Promise.all([
        huntRule(rule, context()),
        huntRule(rule, context({}, other.engine)),
      ])
      expect(here.alerts.length).toBeGreaterThan(0)
      expect(there.alerts).toEqual(here.alerts)
    } finally {
      await other.engine[Symbol.asyncDispose]()
      await rm(other.directory, { recursive: true, force: true })
    }
  })
})

describe('runs', () => {
  test.each([
    [
      '1d',
      '14d',
      'AzureActivity | where TimeGenerated > ago(1h) | join kind=leftanti (AzureActivity | where TimeGenerated between (ago(14d) .. ago(1h))) on Caller',
    ],
    [
      '1d',
      '7d',
      'let recent = 7m; AzureActivity | where TimeGenerated > now() - recent | where TimeGenerated > ago(7d)',
    ],
    [
      '5h',
      '1d',
      'let back = (d: timespan) { ago(d * 2) }; AzureActivity | where TimeGenerated > back(45m) | where TimeGenerated > ago(1d)',
    ],
    ['7d', '3h', 'AzureActivity | where TimeGenerated > ago(1d)'],
  ])(
    'every %s over %s leave no instant outside the recent part of some run',
    async (frequency, period, query) => {
      const rule = ruleOf(query, { queryFrequency: frequency, queryPeriod: period })
      const compiled = await compiler.compile(query, { now: 'parameter' })
      if (!compiled.ok) throw new Error(compiled.diagnostics[0]?.message)
      const clock = readClock(compiled.plan)
      const { step, reach } = planRuns(rule, clock)
      if (step === undefined || reach === undefined) throw new Error('the rule has a schedule')
      const recent = [reach, ...clock.lookBacks].reduce((a, b) => (b < a ? b : a))
      const first = ticksOf('2026-03-01T00:00:00Z')
      const runs = [...runsBetween(first, first + 4n * 864_000_000_000n, step)]
      for (let offset = 0n; offset < 4n * 864_000_000_000n; offset += 1_234_567_891n) {
        const instant = first + offset
        expect(runs.some((now) => now - recent < instant && instant <= now)).toBe(true)
      }
    },
  )

  test('stand at the same times wherever the evidence begins', () => {
    const step = 36_000_000_000n
    const at = (text: string): bigint => runOf(ticksOf(text), step)
    expect(at('2026-03-01T09:00:00Z')).toBe(ticksOf('2026-03-01T09:00:00Z'))
    expect(at('2026-03-01T09:00:00.0000001Z')).toBe(ticksOf('2026-03-01T10:00:00Z'))
    expect(at('2026-03-01T09:59:59Z')).toBe(ticksOf('2026-03-01T10:00:00Z'))
  })
})

describe('alerts that are kept', () => {
  test('are added once, are changed where they changed, and read back as they were', async () => {
    const { alerts } = await huntRule(ruleOf(`${deletions} | project TimeGenerated, Caller`), context())
    expect(await storeAlerts(engine.owner, alerts)).toEqual({ added: 7, changed: 0 })
    expect(await storeAlerts(engine.owner, alerts)).toEqual({ added: 0, changed: 0 })
    const [one, ...rest] = alerts
    const changed = [{ ...one, title: 'Another "title"\n' } as Alert, ...rest]
    expect(await storeAlerts(engine.owner, changed)).toEqual({ added: 0, changed: 1 })
    const byId = (items: readonly Alert[]): readonly Alert[] =>
      items.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    expect(byId(await readAlerts(engine.owner))).toEqual(byId(changed))
  })

  test('are no evidence for rules, unless that is asked for', async () => {
    const rule = ruleOf(
      'union (Alerts | project TimeGenerated, Caller = RuleName), (SecurityAlert | project TimeGenerated, Caller = ProviderName)',
    )
    expect((await huntRule(rule, context())).status).toBe('silent')
    const asked = await huntRule(rule, context({ rows: () => undefined }))
    expect(
      new Set(asked.alerts.flatMap(({ entities }) => entities.map((entity) => entity['FullName']))),
    ).toEqual(new Set(['A rule', 'Azimuth']))
  })
})
