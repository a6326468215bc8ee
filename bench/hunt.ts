import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeLab } from '../src/lab/lab.ts'
import { measure } from './processes.ts'
import { printTable } from './table.ts'

/**
 * What all built-in rules cost over thirty days of the lab: the coarse form and the whole one. At scale 1, 10 million
 * events, which are made and taken in once.
 */
const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})

interface Answer {
  readonly totals: {
    readonly events: number
    readonly alerts: number
    readonly rules: { readonly stopped: number }
  }
}

const days = 30
/** Of the lab, so that scale 1 comes to 10 million events. */
const density = 126
const root = join(import.meta.dirname, '..')
const work = join(root, '.cache', 'bench', `hunt-${values.scale}`)
const command = join(root, 'dist', 'cli', 'azimuth.js')
if (!existsSync(command)) throw new Error('the command is not built: npm run build')
const place = join(work, 'case')
const environment = { ...process.env, HOME: work, XDG_DATA_HOME: work }

if (!existsSync(join(work, 'done'))) {
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true })
  const lab = join(work, 'lab')
  await makeLab(lab, { scenario: 'exfiltration', seed: 1, days, scale: density * Number(values.scale) })
  await azimuth('ingest', join(lab, 'evidence'))
  rmSync(lab, { recursive: true })
  mkdirSync(join(work, 'done'))
}
const results = [
  { form: 'coarse', ...(await azimuth('hunt', '--fast')) },
  { form: 'whole', ...(await azimuth('hunt')) },
]
const lines = results.map(({ form, stdout, elapsedMs, processorMs, peakBytes }) => {
  const { totals } = JSON.parse(stdout) as Answer
  return {
    form,
    events: String(totals.events),
    alerts: String(totals.alerts),
    'rules stopped': String(totals.rules.stopped),
    seconds: (elapsedMs / 1000).toFixed(1),
    'CPU s': (processorMs / 1000).toFixed(1),
    'peak MB': (peakBytes / 1e6).toFixed(0),
  }
})
if (values.json) console.log(JSON.stringify(lines, undefined, 2))
else printTable(lines)

/** Exit code 2 says that there are alerts. */
async function azimuth(...words: readonly string[]) {
  return await measure(
    [process.execPath, command, ...words, '--case', place, '--output', 'json'],
    environment,
    [0, 2],
  )
}
