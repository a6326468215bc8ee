import { describe, expect, test } from 'vitest'
import { memorySink } from '../../test/memory-terminal.ts'
import { Progress } from './progress.ts'

describe('progress', () => {
  test('is one live line on a terminal, cut to its width and removed at the end', () => {
    const sink = memorySink({ columns: 20 })
    let nowMs = 0
    {
      using progress = new Progress(sink, () => nowMs)
      progress.show('one')
      nowMs = 50
      progress.show('too soon')
      nowMs = 200
      progress.show('a line that is longer than the terminal \u001b[2J')
    }
    expect(sink.text()).toBe('\r\u001b[Kone\r\u001b[Ka line that is lon…\r\u001b[K')
  })

  test('is a plain line every few seconds elsewhere', () => {
    const sink = memorySink()
    let nowMs = 0
    {
      using progress = new Progress(sink, () => nowMs)
      for (nowMs = 0; nowMs <= 12_000; nowMs += 1000) progress.show(`${nowMs / 1000} s`)
    }
    expect(sink.text()).toBe('5 s\n10 s\n')
  })
})
