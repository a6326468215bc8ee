import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAsker, type Asker } from '../../../test/ask.ts'

let asker: Asker

beforeAll(async () => {
  asker = await openAsker({ tables: [] })
})

afterAll(async () => {
  await asker[Symbol.asyncDispose]()
})

describe('new_activity_metrics', () => {
  // The users of each day, and the answer, as the documentation of the plugin has them.
  const users = `let Users = datatable(day: int, ids: dynamic)[1, dynamic([0,2,3,4]), 2, dynamic([0,1,3,4,5]), 3, dynamic([0,2,4,5]),
    4, dynamic([0,1,2,3]), 5, dynamic([0,1,2,3,4])] | mv-expand user = ids to typeof(long) | extend Timestamp = datetime(2019-10-31) + day * 1d
    | project user, Timestamp; let StartDate = datetime(2019-11-01); let EndDate = datetime(2019-11-07);
    let day = (at: datetime) { toint((at - datetime(2019-10-31)) / 1d) };`
  const shown =
    'project day(from_Timestamp), day(to_Timestamp), dcount_new_values, dcount_retained_values, dcount_churn_values, retention_rate'

  test('gives the documented matrix', async () => {
    const query = `${users} Users | evaluate new_activity_metrics(user, Timestamp, StartDate, EndDate - 1tick, 1d) | ${shown}`
    expect(await asker.ask(query)).toEqual([
      [1, 1, 4, 4, 0, 1],
      [1, 2, 2, 3, 1, 0.75],
      [1, 3, 1, 3, 1, 0.75],
      [1, 4, 1, 3, 1, 0.75],
      [1, 5, 1, 4, 0, 1],
      [1, 6, 0, 0, 4, 0],
      [2, 2, 2, 2, 0, 1],
      [2, 3, 0, 1, 1, 0.5],
      [2, 4, 0, 1, 1, 0.5],
      [2, 5, 0, 1, 1, 0.5],
      [2, 6, 0, 0, 2, 0],
    ])
  })

  test('takes one cohort, and forgets ids of a look back', async () => {
    const call = 'evaluate new_activity_metrics(user, Timestamp, StartDate, EndDate - 1tick, 1d, StartDate'
    const one = await asker.ask(
      `${users} Users | ${call}) | summarize count(), min(from_Timestamp) == StartDate`,
    )
    expect(one).toEqual([[6, true]])
    const query = `${users} Users | ${call}, (Users | where user in (0, 5))) | ${shown} | take 2`
    expect(await asker.ask(query)).toEqual([
      [1, 1, 3, 3, 0, 1],
      [1, 2, 1, 2, 1, expect.closeTo(2 / 3, 9)],
    ])
  })
})

const visits = `datatable(who: string, t: datetime, id: string, bin: long)["A", datetime(2020-01-01), "x", 1, "B", datetime(2020-01-01), "y", 1,
  "A", datetime(2020-01-02), "x", 1, "C", datetime(2020-01-02), "x", 1, "A", datetime(2020-01-04), "x", 1]`

describe('plugins over ids and time', () => {
  test('slice by dimensions, whatever their names', async () => {
    const period = 'datetime(2020-01-01), datetime(2020-01-04), 1d'
    const query = `${visits} | evaluate activity_metrics(who, t, ${period}, id, bin) | project dayofmonth(t), id, bin, dcount_values, dcount_newvalues, retention_rate`
    expect(await asker.ask(query)).toEqual([
      [1, 'x', 1, 1, 1, 'NaN'],
      [1, 'y', 1, 1, 1, 'NaN'],
      [2, 'x', 1, 2, 1, 1],
      [4, 'x', 1, 1, 1, 'NaN'],
    ])
    const counts = `${visits} | evaluate activity_counts_metrics(who, t, ${period}, id) | project dayofmonth(t), id, dcount, new_dcount`
    expect(await asker.ask(counts)).toEqual([
      [1, 'x', 1, 1],
      [1, 'y', 1, 1],
      [2, 'x', 2, 1],
      [4, 'x', 1, 0],
    ])
  })

  test('round a sliding window down to whole steps, and refuse one below a step', async () => {
    const counts = (window: string) =>
      asker.ask(
        `${visits} | evaluate sliding_window_counts(who, t, datetime(2020-01-01), datetime(2020-01-02), ${window}, 1d) | project Count, Dcount`,
      )
    expect(await counts('60h')).toEqual(await counts('2d'))
    await expect(counts('1h')).rejects.toThrow('whole number of steps')
  })

  test('count sessions by step, and follow no sequence whose answer is not documented', async () => {
    const query = 'evaluate session_count(who, t, datetime(2020-01-01), datetime(2020-01-04), 1d, 1d)'
    expect((await asker.ask(`${visits} | ${query}`)).length).toBe(3)
    await expect(
      asker.ask(
        `${visits} | evaluate funnel_sequence(who, t, datetime(2020-01-01), datetime(2020-01-04), 1d, 1d, id, dynamic(["x"]))`,
      ),
    ).rejects.toThrow('which rows count as before and after')
  })
})

test('narrow prints every cell of the rows in their order', async () => {
  const query = `datatable(n: real, s: string, d: dynamic, t: timespan)[1.5, "b", dynamic({"k": [1]}), 1d, real(null), "a", dynamic(null), time(null)]
    | sort by s asc | evaluate narrow() | where Row == 0 or Column == "d"`
  expect(await asker.ask(query)).toEqual([
    [0, 'n', ''],
    [0, 's', 'a'],
    [0, 'd', ''],
    [0, 't', ''],
    [1, 'd', '{"k":[1]}'],
  ])
})
