import { describe, expect, test } from 'vitest'
import { shapes } from '../tables/tables.ts'
import { Batcher, type Batch } from './batch.ts'
import type { PreparedFile } from './prepare.ts'

const megabyte = 2 ** 20

describe('batches', () => {
  test('an idle engine is given the largest that is worth a statement, a busy one only what is full', () => {
    const batcher = new Batcher()
    for (const [shape, megabytes] of [
      ['one', 20],
      ['two', 30],
      ['two', 30],
    ] as const)
      batcher.add(file(shape, megabytes))
    expect(batcher.next(0)).toBeUndefined()
    expect(batcher.next(1)?.files).toHaveLength(2)
    expect(batcher.next(2)).toBeUndefined()
    for (let count = 0; count < 7; count += 1) batcher.add(file('three', 20))
    expect(batcher.next(0)?.files).toHaveLength(7)
    expect([...batcher.rest(2)].map(({ shapes }) => shapes[0]?.id)).toEqual(['one'])
  })

  test('places that are free at once get alike much of what is most of all, unless it takes memory', () => {
    const batcher = new Batcher()
    for (let count = 0; count < 18; count += 1) batcher.add(of('StorageBlobLogs/diagnostic', 20))
    batcher.add(file('two', 20))
    expect(batcher.next(2)?.files).toHaveLength(9)
    expect(batcher.next(1)?.files).toHaveLength(9)
    for (let count = 0; count < 31; count += 1) batcher.add(of('StorageBlobLogs/diagnostic', 20))
    expect(sizesOf(batcher.rest(2))).toEqual([11, 11, 9, 1])
    for (let count = 0; count < 18; count += 1) batcher.add(of('FlowTuples/nsg', 20))
    expect(sizesOf(batcher.rest(2))).toEqual([7, 7, 4])
  })

  test('what takes less memory goes in larger ones', () => {
    const batcher = new Batcher()
    for (const id of ['AzureActivity/diagnostic', 'FlowTuples/nsg', 'StorageBlobLogs/diagnostic'])
      for (let count = 0; count < 12; count += 1) batcher.add(of(id, 20))
    expect(sizesOf(batcher.rest(2))).toEqual([4, 4, 4, 7, 5, 6, 6])
  })

  test('files of no known shape are bounded like others', () => {
    const batcher = new Batcher()
    for (let count = 0; count < 30; count += 1) batcher.add(of('none', 20))
    expect(batcher.next(0)?.shapes).toEqual([])
    expect(sizesOf(batcher.rest(2))).toEqual([9, 8])
  })

  test('of many small files no more than four thousand go together', () => {
    const batcher = new Batcher()
    for (let count = 0; count < 9000; count += 1) batcher.add(file('small', 0.001))
    expect(sizesOf(batcher.rest(2))).toEqual([4000, 4000, 1000])
  })
})

function of(id: string, megabytes: number): PreparedFile {
  const shape = shapes.find((each) => each.id === id)
  return { ...file(id, megabytes), shapes: shape ? [shape] : [] }
}

function sizesOf(batches: Iterable<Batch>): number[] {
  return Array.from(batches, ({ files }) => files.length)
}

function file(shape: string, megabytes: number): PreparedFile {
  return {
    dayFirst: false,
    sizeBytes: megabytes * megabyte,
    shapes: [{ id: shape, unit: 'tuple' }],
  } as unknown as PreparedFile
}
