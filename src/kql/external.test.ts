import { expect, test } from 'vitest'
import { parseRecords, type RecordFormat } from './external.ts'

const read = (text: string, format: RecordFormat, skipsFirst = false) =>
  parseRecords(text, { format, names: ['a', 'b'], skipsFirst })

test('separated values keep quotes, separators and line ends within quotes; empty lines are no records', () => {
  expect(read('a,b\r\n\r\n1,"x ""y"", z\n2"\n,\n', 'csv', true)).toEqual([
    ['1', 'x "y", z\n2'],
    ['', ''],
  ])
  expect(read('1\tx\n2\n', 'tsv')).toEqual([['1', 'x'], ['2']])
  expect(read('"open', 'csv')).toBe('a quoted cell has no end')
})

test('text is a record a line, raw is one record', () => {
  expect(read('x\r\n\n"y\n', 'txt')).toEqual([['x'], ['"y']])
  expect(read('x\n\ny', 'raw')).toEqual([['x\n\ny']])
})

test.each([
  ['a line each', '{"a":1,"b":"x"}\n{"b":{"c":[1]}}\n'],
  ['an array', '[{"a":1,"b":"x"},{"b":{"c":[1]}}]'],
  ['over several lines', '{"a":1,\n"b":"x"}\n\n{"b":{"c":\n[1]}}'],
  ['one after the other', '{"a":1,"b":"x"}{"b":{"c":[1]}}'],
])('JSON records may stand %s', (_how, text) => {
  expect(read(text, 'json')).toEqual([
    ['1', 'x'],
    ['', '{"c":[1]}'],
  ])
})

test('JSON values keep their digits, and braces within texts are text', () => {
  expect(read('{"a":12345678901234567890,"b":[0.10]}', 'json')).toEqual([['12345678901234567890', '[0.10]']])
  expect(read('{"a":"}{\\"]"}\n{"a":"__proto__"}', 'json')).toEqual([
    ['}{"]', ''],
    ['__proto__', ''],
  ])
  expect(read('{"a":1} nonsense', 'json')).toBe('the text is not JSON')
  expect(read('{"a":1', 'json')).toBe('the text is not JSON')
})
