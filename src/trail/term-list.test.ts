import { expect, test } from 'vitest'
import { readTermLine, termLine } from './term-list.ts'

test.each([
  '203.0.113.9',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) "x"',
  'müller@contoso.example',
  '# no comment',
  '"quoted"',
  ' spaced ',
  'two\nlines # and a comment',
  'bell\u0007 \u001b[2J\u202e \u2028 \ufeff \u{e0001} \ud800',
  'C:\\temp\\new',
])('%j comes back from a list of terms as it was, on one line that a terminal may print', (term) => {
  const line = termLine(term)
  expect(readTermLine(line)).toBe(term)
  expect(line).toMatch(/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u)
  expect(line).not.toMatch(/^#/)
})

test('a line may be a comment, nothing, or only look like a quoted term', () => {
  expect(
    ['# a comment', '  ', '"a" or "b"', '"\\x"', '  10.0.0.1\t'].map((line) => readTermLine(line)),
  ).toEqual([undefined, undefined, '"a" or "b"', '"\\x"', '10.0.0.1'])
})
