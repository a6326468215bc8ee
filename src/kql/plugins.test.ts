import { describe, expect, test } from 'vitest'
import type { Compilation } from './compilation.ts'
import { createCompiler } from './compile.ts'
import type { TextRows } from './discovery.ts'
import type { Column } from './plan.ts'

const compiler = await createCompiler({ tables: [] })
const bags = 'datatable(n: long, d: dynamic)[1, dynamic({"a": 1, "b": "x"})]'

/** Compiles with the answers that rows would give, one after the other. */
async function compile(text: string, ...answers: readonly TextRows[]): Promise<Compilation> {
  const left = [...answers]
  return compiler.compile(text, { discover: async () => Promise.resolve(left.shift() ?? []) })
}

async function columns(text: string, ...answers: readonly TextRows[]): Promise<readonly Column[]> {
  const compilation = await compile(text, ...answers)
  if (!compilation.ok) throw new Error(compilation.diagnostics.map(({ message }) => message).join())
  return compilation.columns
}

describe('columns that depend on rows', () => {
  test('become known to the operators that follow', async () => {
    const text = `${bags} | evaluate bag_unpack(d) | where a > 0 | project b, twice = a * 2`
    expect(
      await columns(text, [
        ['b', 'string'],
        ['a', 'long'],
      ]),
    ).toEqual([
      { name: 'b', type: 'string' },
      { name: 'twice', type: 'long' },
    ])
  })

  test('stand after the source, by name, whatever the order of the answer', async () => {
    const names = (
      await columns(`${bags} | evaluate bag_unpack(d)`, [
        ['b', 'string'],
        ['a', 'long'],
      ])
    ).map(({ name }) => name)
    expect(names).toEqual(['n', 'a', 'b'])
  })

  test('are dynamic where the values of a key have several types, or none', async () => {
    const found = await columns(`${bags} | evaluate bag_unpack(d, 'p_')`, [
      ['a', 'long,string'],
      ['b', 'null'],
      ['c', 'null,real'],
    ])
    expect(found.slice(1)).toEqual([
      { name: 'p_a', type: 'dynamic' },
      { name: 'p_b', type: 'dynamic' },
      { name: 'p_c', type: 'real' },
    ])
  })

  test('are asked for again where one plugin feeds another', async () => {
    const text = `${bags} | evaluate bag_unpack(d) | evaluate bag_unpack(b, 'c_') | where c_x == 1`
    expect((await columns(text, [['b', 'dynamic']], [['x', 'long']])).map(({ name }) => name)).toEqual([
      'n',
      'c_x',
    ])
  })

  test('are refused where nobody can answer, and the hint tells how to declare them', async () => {
    const compilation = await compiler.compile(`${bags} | evaluate bag_unpack(d)`)
    expect(compilation).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'not-constant', hint: expect.stringContaining('name: string') }],
    })
  })

  test('need no answer where the text declares them', async () => {
    const compilation = await compiler.compile(`${bags} | evaluate bag_unpack(d) : (*, a: long)`)
    expect(compilation).toMatchObject({ ok: true, columns: [{ name: 'n' }, { name: 'a', type: 'long' }] })
  })

  test('are refused where they clash with the source, unless the query says what to do', async () => {
    expect(await compile(`${bags} | evaluate bag_unpack(d)`, [['n', 'string']])).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'bad-argument' }],
    })
    const replaced = await columns(`${bags} | evaluate bag_unpack(d, columnsConflict='replace_source')`, [
      ['n', 'string'],
    ])
    expect(replaced).toEqual([{ name: 'n', type: 'string' }])
  })

  test('survive names of any content', async () => {
    const text = 'datatable(c: string)["x"] | evaluate pivot(c)'
    const name = 'it\'s \\ [a] "b" : (c: long) // é\n| take 1'
    expect(await columns(text, [[name]])).toEqual([{ name, type: 'long' }])
  })

  test('leave the places of later problems as they are in the text that was given', async () => {
    const text = `${bags} | evaluate bag_unpack(d) | where nowhere > 1`
    const compilation = await compile(text, [['a', 'long']])
    expect(compilation).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'KS142', span: { start: text.indexOf('nowhere'), length: 7 } }],
    })
  })

  test('are refused inside a function, whose text is not the query', async () => {
    const text = `let f = (T: (d: dynamic)) { T | evaluate bag_unpack(d) }; f((print d = dynamic({"a": 1})))`
    expect(await compile(text, [['a', 'long']])).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'not-constant' }],
    })
  })
})

test.each([
  ['http_request("https://example.org")', 'network'],
  ['python(typeof(*), "pass")', 'language'],
])('the plugin %s is refused with its reason', async (call, reason) => {
  const compilation = await compile(`${bags} | evaluate ${call}`)
  expect(compilation).toMatchObject({
    ok: false,
    diagnostics: [
      { code: expect.stringMatching(/^(unsupported-plugin|KS\d+)$/), message: expect.any(String) },
    ],
  })
  if (!compilation.ok && compilation.diagnostics[0]?.code === 'unsupported-plugin') {
    expect(compilation.diagnostics[0].message).toContain(reason)
  }
})

test.each(['series_periods_detect(d, 1, 2, 3)', 'series_periods_validate(d, 2.0)'])(
  'the function %s is refused with its reason',
  async (call) => {
    const problem = { code: 'unsupported-function', message: expect.stringContaining('not documented') }
    expect(await compile(`print d = dynamic([1]) | extend ${call}`)).toMatchObject({
      ok: false,
      diagnostics: [problem],
    })
  },
)
