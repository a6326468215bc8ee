import { describe, expect, test } from 'vitest'
import { memoryTerminal } from '../../test/memory-terminal.ts'
import { writeRows, type OutputColumn, type OutputFormat } from './output.ts'
import { fitColumns } from './output-table.ts'

const columns: readonly OutputColumn[] = [
  { name: 'Name', type: 'string' },
  { name: 'Count', type: 'long' },
  { name: 'Bag', type: 'dynamic' },
]
const rows = [
  ['Zoë', 7, { a: [1, null] }],
  ['', '9007199254740993', null],
  [null, null, 'x'],
]

async function printed(
  output: OutputFormat,
  some: readonly (readonly unknown[])[] = rows,
  options: { readonly columns?: number; readonly csvSafe?: boolean } = {},
): Promise<string> {
  const terminal = memoryTerminal(options.columns === undefined ? {} : { columns: options.columns })
  await writeRows(terminal, columns, some, { output, csvSafe: options.csvSafe === true })
  return terminal.out.text()
}

describe('JSON', () => {
  test('is an array of objects, exact to the cell', async () => {
    expect(JSON.parse(await printed('json'))).toEqual([
      { Name: 'Zoë', Count: 7, Bag: { a: [1, null] } },
      { Name: '', Count: '9007199254740993', Bag: null },
      { Name: null, Count: null, Bag: 'x' },
    ])
    expect(await printed('json', [])).toBe('[]\n')
  })

  test('has a row a line as NDJSON', async () => {
    expect(await printed('ndjson')).toBe(
      '{"Name":"Zoë","Count":7,"Bag":{"a":[1,null]}}\n{"Name":"","Count":"9007199254740993","Bag":null}\n{"Name":null,"Count":null,"Bag":"x"}\n',
    )
  })

  test('escapes what a terminal would obey, and parses to the same', async () => {
    const text = await printed('ndjson', [['\u001b[2J\u009b\u202e\u2028', 1, null]])
    expect(text).toBe('{"Name":"\\u001b[2J\\u009b\\u202e\\u2028","Count":1,"Bag":null}\n')
    expect(JSON.parse(text)).toMatchObject({ Name: '\u001b[2J\u009b\u202e\u2028' })
  })

  test('takes __proto__ for a name like any other', async () => {
    const terminal = memoryTerminal()
    await writeRows(terminal, [{ name: '__proto__', type: 'string' }], [['x']], { output: 'ndjson' })
    expect(terminal.out.text()).toBe('{"__proto__":"x"}\n')
  })
})

describe('CSV', () => {
  test('follows RFC 4180 and tells null from empty', async () => {
    expect(await printed('csv')).toBe(
      'Name,Count,Bag\r\nZoë,7,"{""a"":[1,null]}"\r\n"",9007199254740993,\r\n,,x\r\n',
    )
    expect(await printed('csv', [['a "b"\r\nc', 1, null]])).toBe('Name,Count,Bag\r\n"a ""b""\r\nc",1,\r\n')
  })

  test('disarms formulas where asked, and leaves numbers alone', async () => {
    const formulas = ['=1+1', '+1', '-1', '@x', '\t=1', ' =1', '＝1', 'a=1'].map((text) => [text, -5, null])
    const lines = (await printed('csv', formulas, { csvSafe: true })).split('\r\n').slice(1, -1)
    expect(lines).toEqual([
      "'=1+1,-5,",
      "'+1,-5,",
      "'-1,-5,",
      "'@x,-5,",
      "'\t=1,-5,",
      "' =1,-5,",
      "'＝1,-5,",
      'a=1,-5,',
    ])
  })

  test('shows control characters on a terminal only', async () => {
    expect(await printed('csv', [['\u001b[2J', 1, null]], { columns: 80 })).toContain('␛[2J')
    expect(await printed('csv', [['\u001b[2J', 1, null]])).toContain('\u001b[2J')
  })
})

describe('a table', () => {
  test('aligns by display width, numbers to the right, and is not cut without a terminal', async () => {
    const long = 'x'.repeat(300)
    expect(
      await printed('table', [
        ['漢字', 7, null],
        ['\u001b[31m', 1234, null],
        ['a', 1, long],
      ]),
    ).toBe(`Name   Count  Bag\n漢字       7\n␛[31m   1234\na          1  ${long}\n`)
  })

  test('fits a terminal by cutting its widest columns', async () => {
    const text = await printed('table', [['n'.repeat(50), 7, 'b'.repeat(50)]], { columns: 40 })
    expect(text).toBe(`Name             Count  Bag\n${'n'.repeat(14)}…      7  ${'b'.repeat(14)}…\n`)
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(40)
  })

  test('does not cut prose', async () => {
    const terminal = memoryTerminal({ columns: 30 })
    const prose = [
      { name: 'Code', type: 'string' },
      { name: 'Message', type: 'string', isProse: true },
    ]
    const message = 'what went wrong and what to do about it'
    await writeRows(terminal, prose, [['c'.repeat(30), message]], { output: 'table' })
    expect(terminal.out.text()).toContain(message)
    expect(terminal.out.text()).toContain('ccc…')
  })

  test('becomes blocks where there are too many columns, and tells how many empty ones it leaves out', async () => {
    const text = await printed(
      'table',
      [
        ['some name', 7, 'some bag'],
        ['n', null, ''],
      ],
      { columns: 14 },
    )
    expect(text).toBe(
      `${'── 1 '.padEnd(40, '─')}\nName   some name\nCount  7\nBag    some bag\n${'── 2 (2 empty columns left out) '.padEnd(40, '─')}\nName   n\n`,
    )
  })

  test('prints its heading for no rows', async () => {
    expect(await printed('table', [])).toBe('Name  Count  Bag\n')
  })

  test('gives room to narrow columns first', () => {
    expect(fitColumns([3, 50, 20], 100)).toEqual([3, 50, 20])
    expect(fitColumns([3, 50, 20], 57)).toEqual([3, 30, 20])
    expect(fitColumns([30, 30, 30], 20)).toBeUndefined()
  })
})

describe('a stream of rows', () => {
  test('is stopped by the signal', async () => {
    const stop = new AbortController()
    const terminal = memoryTerminal({ signal: stop.signal })
    const endless = (async function* () {
      for (let row = 0; ; row++) {
        if (row === 10) stop.abort('SIGINT')
        yield await Promise.resolve(['a', row, null])
      }
    })()
    await expect(writeRows(terminal, columns, endless, { output: 'ndjson' })).rejects.toBe('SIGINT')
  })

  test('is counted', async () => {
    expect(await writeRows(memoryTerminal(), columns, rows, { output: 'csv' })).toBe(3)
  })
})
