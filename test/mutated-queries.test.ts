import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { quotedText } from '../src/kql/quoted.ts'
import { openAsker, type Asker } from './ask.ts'
import { compileMutated } from './mutated-queries.ts'
import { Dice, hostile } from './mutation.ts'
import { faultOfSql } from './sql-check.ts'

// Queries that are damaged or meant to deceive: each is refused with a reason, or becomes one SELECT of listed functions.

test('mutated queries are refused or become one SELECT of listed functions', async () => {
  const { asked, compiled, faults } = await compileMutated(150, 1)
  expect(faults).toEqual([])
  expect(compiled).toBeGreaterThan(0)
  expect(asked).toBe(150)
})

describe('the check of SQL finds', () => {
  const tables = new Set(['`logs`.`T`'])
  const faulty = [
    'DROP TABLE `logs`.`T`',
    "SELECT file('/etc/passwd')",
    'SELECT 1; SELECT 2',
    'SELECT 1 -- more',
    'SELECT 1 /* more */',
    "SELECT 'a' INTO OUTFILE 'x'",
    'SELECT 1 FORMAT JSON',
    'SELECT 1 SETTINGS readonly = 0',
    'SELECT * FROM `logs`.`Other` AS `a`',
    'SELECT * FROM system.users',
    "SELECT * FROM url('http://127.0.0.1')",
    'SELECT 1 FROM `logs`.`T` AS `a` INNER JOIN `logs`.`Other` AS `b` ON true',
    "SELECT 'a",
    'SELECT `a',
    'SELECT @@version',
  ]
  test.each(faulty)('%s', (sql) => expect(faultOfSql(sql, tables)).toBeDefined())

  test('nothing in the columns of an ARRAY JOIN', () => {
    const sql = 'SELECT `x` FROM `logs`.`T` AS `t` ARRAY JOIN `t`.`xs` AS `x`'
    expect(faultOfSql(sql, tables)).toBeUndefined()
  })

  test('nothing in a comparison that tells NULL from NULL', () => {
    const sql = 'SELECT `a` FROM `logs`.`T` AS `t` WHERE (`t`.`a` IS NOT DISTINCT FROM `t`.`b`)'
    expect(faultOfSql(sql, tables)).toBeUndefined()
  })

  test('nothing in a text or a name', () => {
    const sql = "SELECT 'file(''x'');\\' -- ' AS `DROP \\` TABLE`, toString(1) AS `b` FROM `logs`.`T` AS `t`"
    expect(faultOfSql(sql.replaceAll("''", "\\'"), tables)).toBeUndefined()
  })
})

describe('whatever is in a value or a name comes back as it was', () => {
  let asker: Asker
  beforeAll(async () => {
    asker = await openAsker({ tables: [] })
  })
  afterAll(async () => {
    await asker[Symbol.asyncDispose]()
  })

  const dice = new Dice(7)
  const texts = [
    ...hostile.filter((text) => text.isWellFormed()),
    ...Array.from({ length: 200 }, () => randomText(dice)),
  ]

  test('texts as literals, conditions, elements and members', async () => {
    for (let start = 0; start < texts.length; start += 25) {
      const part = texts.slice(start, start + 25)
      const list = part.map((text) => quotedText(text)).join(', ')
      const json = quotedText(
        JSON.stringify(Object.fromEntries(part.map((text, index) => [`k${index}`, text]))),
      )
      const rows = await asker.ask(
        `let T = datatable(i: long, v: string)[${part.map((text, index) => `${index}, ${quotedText(text)}`).join(', ')}];
         let bag = toscalar(print parse_json(${json}));
         T | extend same = v == tostring(bag[strcat('k', i)]), listed = v in (${list}) | sort by i asc | project v, same, listed`,
      )
      expect(rows).toEqual(part.map((text) => [text, true, true]))
    }
  })

  test('names of columns', async () => {
    for (let start = 0; start < texts.length; start += 25) {
      const names = [...new Set(texts.slice(start, start + 25))].filter((name) => name !== '')
      const query = `print ${names.map((name, index) => `[${quotedText(name)}] = ${index}`).join(', ')} | getschema | project ColumnName`
      const rows = await asker.ask(query)
      expect(rows).toEqual(names.map((name) => [name]))
    }
  })

  test('whole numbers, reals and times', async () => {
    const longs = Array.from({ length: 60 }, () =>
      BigInt.asIntN(64, (BigInt(dice.below(2 ** 32)) << 32n) | BigInt(dice.below(2 ** 32))),
    )
    const [row = []] = await asker.ask(`print ${longs.map((value) => `tostring(long(${value}))`).join(', ')}`)
    expect(row).toEqual(longs.map(String))
    const reals = Array.from(
      { length: 60 },
      () => (dice.below(2 ** 32) - 2 ** 31) * 10 ** (dice.below(600) - 300),
    )
    const [found = []] = await asker.ask(`print ${reals.map((value) => `real(${value})`).join(', ')}`)
    expect(found).toEqual(reals)
    const ticks = Array.from({ length: 60 }, () => BigInt(dice.below(2 ** 31)) * 1_000_000_003n)
    const [spans = []] = await asker.ask(
      `print ${ticks.map((value) => `tolong(datetime(0001-01-01) + ${value} * 1tick - datetime(0001-01-01)) == ${value}`).join(', ')}`,
    )
    expect(spans).toEqual(ticks.map(() => true))
  })
})

function randomText(dice: Dice): string {
  const length = dice.below(30)
  const letters = Array.from({ length }, () =>
    String.fromCodePoint(
      dice.of([dice.below(128), dice.below(0x800), dice.below(0xd800), 0x1_0000 + dice.below(0xf_ffff)]),
    ),
  )
  return letters.join('')
}
