import { describe, expect, test } from 'vitest'
import { shapes } from '../tables/tables.ts'
import { Batcher } from './batch.ts'
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
    expect(batcher.next(false)).toBeUndefined()
    expect(batcher.next(true)?.files).toHaveLength(2)
    expect(batcher.next(true)).toBeUndefined()
    for (let count = 0; count < 7; count += 1) batcher.add(file('three', 20))
    expect(batcher.next(false)?.files).toHaveLength(7)
    expect([...batcher.rest()].map(({ shapes }) => shapes[0]?.id)).toEqual(['one'])
  })

  test('what is not compared with other records goes in larger ones', () => {
    const batcher = new Batcher()
    for (const id of ['AzureActivity/diagnostic', 'FlowTuples/nsg', 'StorageBlobLogs/diagnostic']) {
      const shape = shapes.find((each) => each.id === id)
      for (let count = 0; count < 13; count += 1)
        batcher.add({ ...file(id, 20), shapes: shape ? [shape] : [] })
    }
    expect([...batcher.rest()].map(({ files }) => files.length)).toEqual([7, 7, 13, 6, 6])
  })

  test('of many small files no more than four thousand go together', () => {
    const batcher = new Batcher()
    for (let count = 0; count < 9000; count += 1) batcher.add(file('small', 0.001))
    expect([...batcher.rest()].map(({ files }) => files.length)).toEqual([4000, 4000, 1000])
  })
})

function file(shape: string, megabytes: number): PreparedFile {
  return {
    dayFirst: false,
    sizeBytes: megabytes * megabyte,
    shapes: [{ id: shape }],
  } as unknown as PreparedFile
}
