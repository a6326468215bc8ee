import { afterAll, describe, expect, test } from 'vitest'
import { createCompiler } from './compile.ts'

const compiler = await createCompiler({ tables: [] })
afterAll(async () => await compiler[Symbol.asyncDispose]())

const query = `declare query_parameters(who: string, since: datetime = datetime(2026-03-01), step: timespan = 1h, n: long = 7,
  list: dynamic = dynamic([1]), on: bool = false, x: real = 1.5, id: guid = guid(null)); print a = who, since, step, n, list, on, x, id`

async function problemOf(values: Readonly<Record<string, string>>): Promise<string> {
  const compiled = await compiler.compile(query, { parameters: new Map(Object.entries(values)) })
  if (compiled.ok) throw new Error('the values were taken')
  return compiled.diagnostics.map(({ code, message }) => `${code}: ${message}`).join('\n')
}

describe('the value of a query parameter', () => {
  test.each([
    ['n', 'seven', 'long'],
    ['n', '9223372036854775808', 'long'],
    ['since', 'soon', 'datetime'],
    ['step', '1 moon', 'timespan'],
    ['list', '{', 'dynamic'],
    ['on', 'perhaps', 'bool'],
    ['x', '', 'real'],
    ['id', '74be27de', 'guid'],
  ])('%s is refused where %j is no %s', async (name, text, type) => {
    expect(await problemOf({ who: 'x', [name]: text })).toBe(
      `bad-argument: ${JSON.stringify(text)} is no ${type}, which the parameter ${name} must be`,
    )
  })

  test('is needed where there is no default, and for no parameter but those that are declared', async () => {
    expect(await problemOf({})).toBe('bad-argument: the query parameter who has no value')
    expect(await problemOf({ who: 'x', nobody: '1' })).toBe(
      'bad-argument: the query declares no parameter nobody',
    )
    expect(await compiler.compile(query, { compileOnly: true })).toMatchObject({ ok: true })
  })
})
