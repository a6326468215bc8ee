import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAsker, type Asker } from '../../../test/ask.ts'

let asker: Asker

beforeAll(async () => {
  asker = await openAsker({ tables: [] })
})

afterAll(async () => {
  await asker[Symbol.asyncDispose]()
})

// As the documentation of the operators has them.
const attack = `let nodes = datatable(name: string, type: string, age: long)["Alice", "Person", 23, "Bob", "Person", 31, "Eve", "Person", 17,
  "Trent", "System", 99]; let edges = datatable(source: string, destination: string, edge_type: string)["Alice", "Bob", "communicatesWith",
  "Alice", "Trent", "trusts", "Bob", "Trent", "hasPermission", "Eve", "Alice", "attacks", "Mallory", "Alice", "attacks", "Mallory", "Bob", "attacks"];
  edges | make-graph source --> destination with nodes on name`

const staff = `let employees = datatable(name: string, age: long)["Alice", 32, "Bob", 31, "Eve", 27, "Joe", 29, "Chris", 45, "Alex", 35, "Ben", 23, "Richard", 39];
  let reports = datatable(employee: string, manager: string)["Bob", "Alice", "Chris", "Alice", "Eve", "Bob", "Ben", "Chris", "Joe", "Alice", "Richard", "Bob"];
  reports | make-graph employee --> manager with employees on name`

const asked = async (query: string) =>
  (await asker.ask(query)).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

describe('graph-match', () => {
  test('finds a path of single edges', async () => {
    const query = `${attack} | graph-match (mallory)-[attacks]->(compromised)-[hasPermission]->(trent)
      where mallory.name == "Mallory" and trent.name == "Trent" and attacks.edge_type == "attacks" and hasPermission.edge_type == "hasPermission"
      project Attacker = mallory.name, Compromised = compromised.name, System = trent.name`
    expect(await asked(query)).toEqual([['Mallory', 'Bob', 'Trent']])
  })

  test('follows an edge of several hops, against its direction too', async () => {
    const query = `${staff} | graph-match (alice)<-[reports*1..5]-(employee) where alice.name == "Alice" and employee.age < 30
      project employee = employee.name, age = employee.age, reportingPath = reports.manager`
    expect(await asked(query)).toEqual([
      ['Ben', 23, ['Alice', 'Chris']],
      ['Eve', 27, ['Alice', 'Bob']],
      ['Joe', 29, ['Alice']],
    ])
  })

  test('takes an edge once, a node once, or whatever comes, as cycles says', async () => {
    const ring = 'datatable(a: long, b: long)[1, 2, 2, 1, 1, 2, 3, 3] | make-graph a --> b with_node_id=id'
    const count = async (cycles: string, pattern: string) =>
      (await asker.ask(`${ring} | graph-match ${cycles} ${pattern} project x.id | count`))[0]?.[0]
    // From 1 by either of two edges to 2 and back, from 2 back and by either; the loop only by taking it twice.
    expect(await count('', '(x)-->(y)-->(z)')).toBe(4)
    expect(await count('cycles=all', '(x)-->(y)-->(z)')).toBe(5)
    expect(await count('cycles=none', '(x)-->(y)-->(z)')).toBe(0)
    // Three edges between 1 and 2, and two different ones in a row, from either end.
    expect(await count('', '(x)--(y)--(z)')).toBe(12)
    expect(await count('cycles=all', '(x)--(y)--(x)')).toBe(19)
  })

  test('joins patterns where they share a node, and refuses those that do not', async () => {
    const query = `${attack} | graph-match (a)-[x]->(n), (n)-->(b) where n.age > 20 and x.edge_type == "attacks" project a.name, n.name, b.name`
    expect(await asked(query)).toEqual([
      ['Eve', 'Alice', 'Bob'],
      ['Eve', 'Alice', 'Trent'],
      ['Mallory', 'Alice', 'Bob'],
      ['Mallory', 'Alice', 'Trent'],
      ['Mallory', 'Bob', 'Trent'],
    ])
    await expect(asker.ask(`${attack} | graph-match (a)-->(b), (c)-->(d) project a.name`)).rejects.toThrow(
      'connected',
    )
    await expect(
      asker.ask(`${staff} | graph-match (a)-[e*1..3]->(b) where e.manager == "Alice" project a.name`),
    ).rejects.toThrow('edge of several hops')
  })
})

describe('graph-to-table', () => {
  test('gives nodes that only edges name, without properties', async () => {
    expect(
      await asked(`${attack} | graph-to-table nodes with_node_id=NodeId | where name in ("Eve", "Mallory")`),
    ).toEqual([
      ['3855580634910899594', 'Mallory', '', null],
      ['4363395278938690453', 'Eve', 'Person', 17],
    ])
    expect(await asked(`${attack} | graph-to-table nodes | count`)).toEqual([[5]])
  })

  test('is what a graph must end in', async () => {
    await expect(asker.ask(attack)).rejects.toThrow('a graph is no table')
    for (const operator of ['count', 'getschema', 'as G', 'take 1', 'union (print 1)'])
      await expect(asker.ask(`${attack} | ${operator}`), operator).rejects.toThrow('a graph is no table')
  })
})

test('components of a graph are numbered, alone nodes too', async () => {
  const query = `datatable(a: long, b: long)[5, 4, 1, 2, 4, 6] | make-graph a --> b with (range id from 1 to 7 step 3 | extend n = id) on id
    | graph-mark-components | graph-to-table nodes | summarize make_set(coalesce(id, -1)) by ComponentId | sort by ComponentId asc`
  expect(await asker.ask(query)).toEqual([
    [0, expect.arrayContaining([4, 5, 6])],
    [1, expect.arrayContaining([1, 2])],
    [2, [7]],
  ])
})
