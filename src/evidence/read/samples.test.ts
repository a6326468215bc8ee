import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { countRecords } from './count-records.ts'
import { readSpan } from './member.ts'
import { recogniseContent } from './recognise-content.ts'
import { readRecords } from './records.ts'
import { walkEvidence } from './walk.ts'

const samples = join(import.meta.dirname, '../../../../shared/samples')

describe.skipIf(!existsSync(samples))('published samples', () => {
  test('all have a verdict, and as many records as an independent count finds', async () => {
    for await (const entry of walkEvidence([samples])) {
      if (entry.kind === 'skipped') throw new Error(entry.path)
      const content = await recogniseContent(entry)
      const isLog = !/README|LICENSE|fixtures\.log$/u.test(entry.path)
      expect(content.problem === undefined, entry.path).toBe(isLog)
      if (content.problem) continue
      const records = (await Array.fromAsync(readRecords(entry, content))).flat()
      expect((await countRecords(entry, content)).records, entry.path).toBe(records.length)
      expect(
        records.filter((record) => record.kind === 'unreadable'),
        entry.path,
      ).toEqual([])
      for (const record of records) {
        if (record.kind === 'unreadable' || content.envelope === 'csv') continue
        const span = await readSpan(entry, record.offsetBytes, record.lengthBytes)
        expect(span.toString().replaceAll('\n', ' ')).toBe(Buffer.from(record.json).toString())
      }
      if (content.envelope === 'records') {
        const parsed: { records: unknown[] } = JSON.parse(readFileSync(entry.path, 'utf8'))
        expect(records.length, entry.path).toBe(parsed.records.length)
        const tuples = JSON.stringify(parsed).match(/"\d{10,13},[^"]+"/gu)?.length ?? 0
        expect((await countRecords(entry, content)).tuples, entry.path).toBe(tuples)
      }
    }
  })
})
