import { expect, test } from 'vitest'
import { Nesting } from './nesting.ts'
import { DocumentRecordCounter } from './record-counters.ts'

test('brackets close in the order in which they were opened', () => {
  const nesting = new Nesting<'list' | 'object' | 'deep'>('list', 'deep')
  for (const kind of ['list', 'list', 'object', 'list'] as const) nesting.open(kind)
  nesting.become('object')
  expect([nesting.top, nesting.has('object'), nesting.has('deep')]).toEqual(['object', true, false])
  expect(Array.from({ length: 6 }, () => nesting.close())).toEqual([
    'object',
    'object',
    'list',
    'list',
    undefined,
    undefined,
  ])
  expect(nesting.isOutside).toBe(true)
})

test.each([
  ['of one kind', '['],
  ['in turn', '{"flowTuples":[{"a":['],
])('what lies deeper than any document is counted without a place for each: %s', (_, text) => {
  const counter = new DocumentRecordCounter(0)
  const chunk = Buffer.from(text.repeat(50_000))
  for (let count = 0; count < 20; count += 1) counter.push(chunk)
  counter.finish()
  expect(counter.records).toBe(text === '[' ? 0 : 1)
})

test('a record after brackets too deep to tell apart is counted', () => {
  const counter = new DocumentRecordCounter(0)
  const depth = 300_000
  counter.push(Buffer.from(`{"records":[${'{"a":['.repeat(depth)}${']}'.repeat(depth)},{"b":1}]}`))
  counter.finish()
  expect(counter.records).toBe(2)
})
