import { expect, test } from 'vitest'
import { parseFunctionText } from './function-text.ts'

test.each([
  ['(n: int = 7) { T | take n }', '(n: int = 7)', ' T | take n '],
  [
    '// rows\nlet F = (t: string = ")") {\n  T | where a == "}" // }\n};\n',
    '(t: string = ")")',
    '\n  T | where a == "}" // }\n',
  ],
  [".create-or-alter function with (docstring='x') ['F'] (T: (a: long)) { T }", '(T: (a: long))', ' T '],
  ['.create function F() { print @"\\}" }', '()', ' print @"\\}" '],
])('a declaration has parameters and a body: %s', (text, parameters, body) => {
  expect(parseFunctionText(text)).toMatchObject({ parameters, body })
})

test.each([
  'T | take 1',
  'let a = (T | take 1); a',
  'let f = (x: long) { x }; print f(1)',
  '(T) | count',
  '(T',
  '("',
])('anything else is a query: %s', (text) => {
  expect(parseFunctionText(text)).toEqual({ parameters: '()', body: text, start: 0 })
})
