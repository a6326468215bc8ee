import { createReadStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { createCaseFolder, readCaseFolder } from '../src/case/case-file.ts'
import { openCase } from '../src/case/case.ts'
import { hunt } from '../src/hunt/hunt.ts'
import type { RuleDocument } from '../src/hunt/rule.ts'
import { readSentinel } from '../src/hunt/sentinel.ts'
import { makeLab } from '../src/lab/lab.ts'

/**
 * Hunts with published queries in a lab's case: `npm run hunt-queries -- FILE.jsonl`. Each line `{id, query, bind_errors?}` is
 * taken as a hunting query. Prints how many ran and found rows, and why others did not run. Those that the official parser
 * refuses (`bind_errors`) are counted apart. Exits with 2 if a rule that ran was stopped.
 */
const lineSchema = z.object({
  id: z.string(),
  query: z.string(),
  bind_errors: z.array(z.unknown()).default([]),
})

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    days: { type: 'string', default: '7' },
    scale: { type: 'string', default: '0.2' },
    external: { type: 'string' },
    show: { type: 'string' },
  },
})
const [file] = positionals
if (file === undefined)
  throw new Error(
    'usage: npm run hunt-queries -- FILE.jsonl [--days N] [--scale N] [--external DIR] [--show hit|silent|refused|stopped]',
  )

const unsound = new Set<string>()
const documents: RuleDocument[] = []
for await (const line of createInterface({ input: createReadStream(file) })) {
  if (line.trim() === '') continue
  const { id, query, bind_errors: bindErrors } = lineSchema.parse(JSON.parse(line))
  if (bindErrors.length > 0) unsound.add(id)
  documents.push({ path: id, value: { name: id, query } })
}
const { rules, refused } = readSentinel(documents)

const directory = mkdtempSync(join(tmpdir(), 'azimuth-hunt-queries-'))
try {
  const lab = join(directory, 'lab')
  await makeLab(lab, {
    scenario: 'exfiltration',
    seed: 1,
    days: Number(values.days),
    scale: Number(values.scale),
  })
  const path = join(directory, 'case')
  await createCaseFolder(path)
  const folder = await readCaseFolder(path)
  if (folder === undefined) throw new Error(`no case in ${path}`)
  await using opened = await openCase({ folder })
  await opened.ingest([join(lab, 'evidence')], { dayFirst: false })
  const found = await hunt(opened, {
    rules,
    refused,
    keepsAlerts: false,
    ...(values.external !== undefined && { files: { external: values.external } }),
    onProgress: ({ done, total }) => {
      if (done % 50 === 0) console.error(`${done} of ${total}`)
    },
  })
  const all = [
    ...found.outcomes.map(({ rule, status, reason }) => ({ id: rule.path, status, reason: reason ?? '' })),
    ...found.refused.map(({ path: id, reason }) => ({ id, status: 'refused' as const, reason })),
  ]
  const reasons = Map.groupBy(
    all.filter(({ status }) => status === 'refused' || status === 'stopped'),
    ({ id, status, reason }) =>
      `${unsound.has(id) ? 'refused by the official parser too' : status}: ${kindOf(reason)}`,
  )
  for (const [reason, those] of [...reasons].toSorted(([, a], [, b]) => b.length - a.length))
    console.log(`${String(those.length).padStart(5)} ${reason}, such as: ${those[0]?.reason}`)
  for (const { id, status, reason } of all) if (status === values.show) console.log(`${id} ${reason}`)
  const count = (status: string): number => all.filter((each) => each.status === status).length
  const [hits, silent, stopped] = [count('hit'), count('silent'), count('stopped')]
  console.log(
    `${all.length} queries over ${found.events} records: ${hits + silent} ran, ${hits} of them found rows; ${count('refused')} refused, ${stopped} stopped; ${found.ms} ms`,
  )
  process.exitCode = stopped > 0 ? 2 : 0
} finally {
  rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 })
}

/** The code in a reason; all of one that has none. */
function kindOf(reason: string): string {
  return /\((\S+)\)(?:;.*)?$/s.exec(reason)?.[1] ?? reason
}
