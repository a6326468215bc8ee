import { closeSync, fstatSync, lstatSync, openSync, readdirSync, readSync, type Stats } from 'node:fs'
import { sep } from 'node:path'
import { workerData } from 'node:worker_threads'
import { openFlags } from './bytes.ts'
import { lookAhead as limits, type LookAheadData } from './look-ahead.ts'

const { root, maxFolderDepth, counts } = workerData as LookAheadData
const begin = Buffer.allocUnsafeSlow(limits.bytesOfFile)
let seen = 0

visit(Buffer.from(root), 0)

/** In the order of the walk. What cannot be read here is met again there, and told of. */
function visit(path: Buffer, depth: number): void {
  const found = quietly(() => lstatSync(path))
  if (found?.isDirectory() && depth < maxFolderDepth) {
    const names = quietly(() => readdirSync(path, { encoding: 'buffer' })) ?? []
    for (const name of names.toSorted((one, other) => Buffer.compare(one, other)))
      visit(Buffer.concat([path, Buffer.from(sep), name]), depth + 1)
  } else if (found?.isFile()) visitFile(path, found)
}

function visitFile(path: Buffer, { size, dev, ino }: Stats): void {
  seen += 1
  const passed = Atomics.load(counts, 0)
  // Where the walk is already, it has read the file itself.
  if (seen <= passed) return
  if (seen > passed + limits.files) Atomics.wait(counts, 0, passed)
  if (size > limits.bytesOfFile) return
  quietly(() => {
    const descriptor = openSync(path, openFlags)
    try {
      const opened = fstatSync(descriptor)
      if (!opened.isFile() || opened.dev !== dev || opened.ino !== ino) return
      readSync(descriptor, begin, 0, size, 0)
      Atomics.add(counts, 1, 1)
    } finally {
      closeSync(descriptor)
    }
  })
}

function quietly<Value>(work: () => Value): Value | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
