import { describe, expect, test } from 'vitest'
import { displayWidth, fitWidth, padWidth } from './display-width.ts'
import { visible, visibleLines } from './visible.ts'

describe('text of unknown origin', () => {
  test.each([
    ['plain, größer, 漢字, 👩‍🚀'.replace('\u200d', ''), 'plain, größer, 漢字, 👩🚀'],
    ['\u001b[31mred\u001b[0m', '␛[31mred␛[0m'],
    ['\u001b]0;title\u0007', '␛]0;title␇'],
    ['a\r\nb\tc\u0000', 'a␍␊b␉c␀'],
    ['\u007f\u009b2J', '␡<U+009B>2J'],
    ['user\u202egpj.exe', 'user<U+202E>gpj.exe'],
    ['zero\u200bwidth\ufeff', 'zero<U+200B>width<U+FEFF>'],
    ['tag\u{e0041}', 'tag<U+E0041>'],
    ['\ud800', '<U+D800>'],
    ['a\u2028b\u3164', 'a<U+2028>b<U+3164>'],
  ])('%j is shown as %s', (text, shown) => {
    expect(visible(text)).toBe(shown)
  })

  test('keeps the line ends of several lines', () => {
    expect(visibleLines('a\u001b\nb')).toBe('a␛\nb')
  })
})

describe('display width', () => {
  test.each([
    ['', 0],
    ['abc', 3],
    ['größe', 5],
    ['gro\u0308ße', 5],
    ['漢字', 4],
    ['ﾊﾝｶｸ', 4],
    ['ＡＢ', 4],
    ['👍🏽', 2],
    ['❤️', 2],
    ['한국', 4],
    ['␛[31m', 5],
  ])('of %j is %i', (text, width) => {
    expect(displayWidth(text)).toBe(width)
  })

  test('cuts and fills by it', () => {
    expect(fitWidth('漢字漢字', 5)).toBe('漢字…')
    expect(fitWidth('漢字漢字', 4)).toBe('漢…')
    expect(fitWidth('abcd', 4)).toBe('abcd')
    expect(fitWidth('abcd', 0)).toBe('')
    expect(padWidth('漢', 4, 'right')).toBe('漢  ')
    expect(padWidth('7', 3, 'left')).toBe('  7')
  })
})
