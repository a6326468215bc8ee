import { stringify } from 'yaml'
import { expect } from 'vitest'
import { readSigma } from '../../src/hunt/sigma/read.ts'
import { eventsAsker } from './compare.ts'
import { eventsTable, placeholders, world } from './events-world.ts'
import { detects } from './interpreter.ts'
import { randomDetection, randomEvent, randomOf } from './random-rules.ts'

/** Random rules over sixty random events: the engine's answer to each must be the interpreter's. Gives the number of matches. */
export async function compareDetections(seed: number, rules: number): Promise<number> {
  const random = randomOf(seed)
  const events = Array.from({ length: 60 }, (_each, id) => randomEvent(random, id))
  await using asker = await eventsAsker(events)
  let matched = 0
  for (let number = 0; number < rules; number += 1) {
    const detection = randomDetection(random)
    const text = stringify({ title: `Rule ${number}`, logsource: { product: 'test' }, detection })
    const read = readSigma([{ path: 'random.yml', text }], {
      placeholders: (name) => placeholders[name as keyof typeof placeholders],
      findTables: () => [eventsTable],
    })
    expect(read.refused, text).toEqual([])
    const query = read.rules[0]?.query ?? ''
    const rows = await asker.ask(`${query}\n| project Id | sort by Id asc`)
    const found = rows.map(([id]) => Number(id))
    const expected = events.filter((event) => detects(detection, event, world)).map(({ Id }) => Number(Id))
    const odd = events.find(({ Id }) => found.includes(Number(Id)) !== expected.includes(Number(Id)))
    expect(found, `${text}\n${query}\n${JSON.stringify(odd)}`).toEqual(expected)
    matched += expected.length
  }
  return matched
}
