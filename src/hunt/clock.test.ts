import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { declaredSchema } from '../case/case-schema.ts'
import { createCompiler, type Compiler } from '../kql/compile.ts'
import type { PlanNode } from '../kql/plan.ts'
import { chainOf, requiredChains } from './chains.ts'
import { readClock } from './clock.ts'
import { leavesOf } from './leaves.ts'
import { binsOf } from './time-bins.ts'

let compiler: Compiler
beforeAll(async () => {
  compiler = await createCompiler(declaredSchema)
})
afterAll(async () => await compiler[Symbol.asyncDispose]())

async function planOf(query: string): Promise<PlanNode> {
  const compiled = await compiler.compile(query, { now: 'parameter' })
  if (!compiled.ok) throw new Error(compiled.diagnostics[0]?.message)
  return compiled.plan
}

const hour = 36_000_000_000n

describe('how a query looks back', () => {
  test.each([
    ['AzureActivity', []],
    ['AzureActivity | where TimeGenerated > ago(1h)', [1n]],
    ['let d = 2h; AzureActivity | where TimeGenerated between (ago(d) .. now())', [2n]],
    ['let s = now() - 3h; AzureActivity | where TimeGenerated > s', [3n]],
    ['AzureActivity | where TimeGenerated > now(-4h)', [4n]],
    [
      'AzureActivity | where TimeGenerated > ago(2 * 2.5h) | join (AzureActivity | where TimeGenerated > ago(1h)) on Caller',
      [1n, 5n],
    ],
    ['let f = (t: timespan) { AzureActivity | where TimeGenerated > ago(t) }; union f(1h), f(2h)', [1n, 2n]],
    ['AzureActivity | where TimeGenerated > datetime(2026-01-01) and TimeGenerated < now()', []],
  ])('%s', async (query, hours) => {
    const { lookBacks } = readClock(await planOf(query))
    expect(lookBacks).toEqual(hours.map((count) => count * hour))
  })
})

describe('rows one by one', () => {
  test.each([
    "AzureActivity | where Caller == 'eve' and TimeGenerated > ago(1d) | extend x = tolower(Caller) | project TimeGenerated, x",
    'AuditLogs | where TimeGenerated >= ago(1d) | mv-expand TargetResources | where tostring(TargetResources.type) == "User"',
    'union SigninLogs, AADNonInteractiveUserSignInLogs | where ResultType == 0',
    'AzureActivity | parse Caller with a "@" b | where b has "x"',
    'AzureActivity | where Caller in (dynamic(["a", "b"])) | sort by TimeGenerated asc',
    'AuditLogs | mv-apply t = TargetResources on (where tostring(t.type) == "User" | project id = tostring(t.id))',
  ])('%s', async (query) => {
    expect(readClock(await planOf(query)).isRowLocal).toBe(true)
  })
})

describe('rows together, or in time', () => {
  test.each([
    ['a count', 'AzureActivity | summarize count() by Caller'],
    ['another table', 'AzureActivity | where Caller in (SigninLogs | project UserPrincipalName)'],
    ['the time in a column', 'AzureActivity | extend age = now() - TimeGenerated'],
    ['an upper bound in the past', 'AzureActivity | where TimeGenerated < ago(1h)'],
    ['a bound that is no distance', 'AzureActivity | where TimeGenerated > startofday(now())'],
    [
      'a time of its own',
      'AzureActivity | extend TimeGenerated = EventSubmissionTimestamp | where TimeGenerated > ago(1h)',
    ],
    ['a row before', 'AzureActivity | sort by TimeGenerated | extend before = prev(Caller)'],
    ['some rows', 'AzureActivity | take 10'],
    ['elements together', 'AuditLogs | mv-apply t = TargetResources on (summarize n = count())'],
    [
      'elements and another table',
      'AuditLogs | mv-apply t = TargetResources on (where Id in (SigninLogs | project Id))',
    ],
    ['either of two conditions', "AzureActivity | where TimeGenerated > ago(1h) or Caller == 'eve'"],
  ])('%s', async (_what, query) => {
    expect(readClock(await planOf(query)).isRowLocal).toBe(false)
  })
})

describe('bins of time', () => {
  test.each([
    ['AzureActivity | summarize count() by Caller, bin(TimeGenerated, 1h)', hour],
    [
      'AzureActivity | extend c = 1 | summarize arg_max(TimeGenerated, *) by Hour = bin(TimeGenerated, 2h) | where c > 0',
      2n * hour,
    ],
    ['AzureActivity | summarize TimeGenerated = min(TimeGenerated) by Caller', undefined],
    [
      'AzureActivity | summarize TimeGenerated = datetime(2026-01-01) + avg(1s) by H = bin(TimeGenerated, 1h)',
      undefined,
    ],
    [
      'AzureActivity | summarize TimeGenerated = min(EventSubmissionTimestamp) by H = bin(TimeGenerated, 1h)',
      undefined,
    ],
    [
      'AzureActivity | summarize TimeGenerated = min(TimeGenerated) by H = bin(TimeGenerated, 1h) | extend TimeGenerated = H + 1h',
      undefined,
    ],
    [
      'AzureActivity | summarize TimeGenerated = min(TimeGenerated) by H = bin(TimeGenerated, 1h) | sort by H asc | where prev(TimeGenerated) > TimeGenerated',
      undefined,
    ],
    ['AzureActivity | take 5 | summarize count() by bin(TimeGenerated, 1h)', undefined],
    ['AzureActivity', undefined],
  ])('%s', async (query, ticks) => {
    expect(binsOf(await planOf(query))).toBe(ticks)
  })
})

describe('what a run needs', () => {
  test.each([
    [
      'SigninLogs | join kind=inner (AuditLogs) on CorrelationId',
      [
        ['SigninLogs', true, false],
        ['AuditLogs', true, false],
      ],
    ],
    [
      'SigninLogs | join kind=leftanti (AuditLogs) on CorrelationId',
      [
        ['SigninLogs', true, false],
        ['AuditLogs', false, true],
      ],
    ],
    [
      'SigninLogs | join kind=leftouter (AuditLogs) on CorrelationId',
      [
        ['SigninLogs', true, false],
        ['AuditLogs', false, false],
      ],
    ],
    [
      'SigninLogs | join kind=fullouter (AuditLogs) on CorrelationId',
      [
        ['SigninLogs', false, false],
        ['AuditLogs', false, false],
      ],
    ],
    [
      'union (SigninLogs | count), (AuditLogs | count)',
      [
        ['SigninLogs', false, false],
        ['AuditLogs', false, false],
      ],
    ],
    ['SigninLogs | summarize count() by AppId | where count_ > 1', [['SigninLogs', true, false]]],
    ['SigninLogs | summarize count()', [['SigninLogs', false, false]]],
    [
      'SigninLogs | where AppId in (AuditLogs | project Id)',
      [
        ['SigninLogs', true, false],
        ['AuditLogs', false, false],
      ],
    ],
  ] as const)('%s', async (query, expected) => {
    const leaves = leavesOf(await planOf(query))
    const named = leaves.map(({ plan, isRequired, isAgainst }) => [
      readClock(plan).tables[0],
      isRequired,
      isAgainst,
    ])
    expect(named).toEqual(expected)
  })
})

describe('a chain', () => {
  test.each([
    [
      'SigninLogs | where TimeGenerated > ago(1h) | summarize n = count() by AppId | where n > 2 | top 3 by n',
      hour,
    ],
    ['SigninLogs | where TimeGenerated >= ago(1h) | summarize count() by AppId', hour + 1n],
    ['union SigninLogs, AADNonInteractiveUserSignInLogs | summarize count() by AppId', undefined],
  ])('%s', async (query, reach) => {
    expect(chainOf(await planOf(query))).toMatchObject({ reach })
  })

  test.each([
    'SigninLogs | summarize Seen = max(TimeGenerated) by AppId | where Seen < ago(1h)',
    'union (SigninLogs | where TimeGenerated > ago(1h)), AADNonInteractiveUserSignInLogs | summarize count() by AppId',
    'SigninLogs | summarize count() by AppId | join (AuditLogs) on $left.AppId == $right.Id',
    'SigninLogs | make-series count() on TimeGenerated step 1h by AppId',
    'SigninLogs | where AppId in (AuditLogs | project Id) | summarize count() by AppId',
  ])('is not %s', async (query) => {
    expect(chainOf(await planOf(query))).toBeUndefined()
  })
})

test('an input that is summarized before it is joined is one without whose rows there is no result', async () => {
  const query = `SigninLogs
    | join kind=inner (union SigninLogs, AADNonInteractiveUserSignInLogs | where TimeGenerated > ago(2h) | summarize n = count() by AppId | where n > 8) on AppId
    | join kind=leftanti (AuditLogs | summarize by Id) on $left.AppId == $right.Id`
  const found = requiredChains(await planOf(query))
  expect(found.map(({ plan, chain }) => [readClock(plan).tables, chain.reach])).toEqual([
    [['SigninLogs'], undefined],
    [['AADNonInteractiveUserSignInLogs', 'SigninLogs'], 2n * hour],
  ])
})
