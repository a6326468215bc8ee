import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAsker, type Asker } from '../../test/ask.ts'
import { createCompiler } from './compile.ts'

let asker: Asker

beforeAll(async () => {
  asker = await openAsker({ tables: [] })
})

afterAll(async () => {
  await asker[Symbol.asyncDispose]()
})

const rows = 'datatable(a: long, b: string)[1, "x", 2, "x", long(null), ""]'

describe('an answer has several tables', () => {
  test('where the query has several statements, in their order', async () => {
    expect(await asker.tables(`let T = ${rows}; T | count; T | where a > 1 | as Large; 7`)).toEqual([
      { name: undefined, rows: [[3]] },
      { name: 'Large', rows: [[2, 'x']] },
      { name: undefined, rows: [[7]] },
    ])
  })

  test('by fork, each named by as or before its subquery', async () => {
    const query = `${rows} | fork (summarize n = count() by b | sort by b asc | as Groups) Rest = (where isnull(a) | project b)`
    expect(await asker.tables(query)).toEqual([
      {
        name: 'Groups',
        rows: [
          ['', 1],
          ['x', 2],
        ],
      },
      { name: 'Rest', rows: [['']] },
    ])
  })

  test('by facet, nulls and empty texts among the values', async () => {
    const [, b] = await asker.tables(`${rows} | facet by a, b`)
    expect(b).toEqual({
      name: 'b',
      rows: expect.arrayContaining([
        ['x', 2],
        ['', 1],
      ]),
    })
  })

  test('which a plugin may need rows for', async () => {
    const query = 'let T = datatable(d: dynamic)[dynamic({"k": 1})]; T | evaluate bag_unpack(d); T | count'
    expect(await asker.tables(query)).toEqual([
      { name: undefined, rows: [[1]] },
      { name: undefined, rows: [[1]] },
    ])
  })
})

describe('several tables are refused', () => {
  const refused = [
    ['let T = print a = 1 | facet by a; T', 'facet gives several tables, which cannot be used here'],
    ['let f = () { print a = 1 | fork (count) (take 1) }; f()', 'fork gives several tables'],
    ['union (print a = 1 | fork (count) (take 1)), (print a = 1)', 'fork gives several tables'],
    ['print a = 1 | fork (count) (take 1) | count', 'fork gives several tables'],
    ['print a = 1 | fork (fork (count) (take 1)) (take 1)', 'not allowed in the current context'],
  ] as const
  test.each(refused)('%s', async (query, message) => {
    await expect(asker.tables(query)).rejects.toThrow(message)
  })

  test('where one is wanted, at the second', async () => {
    await using compiler = await createCompiler({ tables: [] })
    const compiled = await compiler.compile('print 1; print 2')
    expect(compiled.diagnostics).toMatchObject([
      { code: 'unsupported-syntax', span: { start: 9, length: 7 } },
    ])
  })
})
