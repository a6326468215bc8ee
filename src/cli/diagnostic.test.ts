import { describe, expect, test } from 'vitest'
import { memorySink } from '../../test/memory-terminal.ts'
import { diagnosticText } from './diagnostic.ts'

const problem = { code: 'KS142', message: "The name 'Nope' does not refer to any known column" }

describe('a problem in a query', () => {
  test('underlines the token in its line and says what to do next', () => {
    const text = 'SigninLogs\n| where Nope == 1\n| take 5'
    const span = { start: text.indexOf('Nope'), length: 4 }
    expect(
      diagnosticText(memorySink(), text, { ...problem, span, hint: 'azimuth tables lists columns' }),
    ).toBe(
      [
        "error The name 'Nope' does not refer to any known column [KS142]",
        '  2:9 | where Nope == 1',
        '              ^^^^',
        '  next azimuth tables lists columns',
        '',
      ].join('\n'),
    )
  })

  test('marks the place after the end, and wide or hidden characters by what is shown', () => {
    expect(diagnosticText(memorySink(), 'T |', { ...problem, span: { start: 3, length: 0 } })).toContain(
      '  1:4 T |\n         ^\n',
    )
    const text = "where x == '漢\u202e' | Nope"
    const shown = diagnosticText(memorySink(), text, {
      ...problem,
      span: { start: text.indexOf('Nope'), length: 4 },
    })
    expect(shown).toContain(`  1:19 where x == '漢<U+202E>' | Nope\n${' '.repeat(33)}^^^^\n`)
  })

  test('shows a long line from a little before the token', () => {
    const text = `${'x'.repeat(500)} Nope ${'y'.repeat(500)}`
    const shown = diagnosticText(memorySink({ columns: 60 }), text, {
      ...problem,
      span: { start: 501, length: 4 },
    })
    const [, line = '', marks = ''] = shown.split('\n')
    expect(line).toMatch(/^ {2}1:502 …x{19} Nope y+…$/)
    expect(line.indexOf('Nope')).toBe(marks.indexOf('^^^^'))
    expect(line.length).toBeLessThanOrEqual(60)
  })

  test('takes a span beyond the text', () => {
    expect(diagnosticText(memorySink(), 'T', { ...problem, span: { start: 99, length: 5 } })).toContain(
      '1:2 T\n',
    )
  })
})
