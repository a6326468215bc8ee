// `npm start`: triages the lab's small evidence; `npm start -- PATH…` triages PATHs, as seen from where npm was called.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

function azimuth(words, cwd) {
  const done = spawnSync(process.execPath, [join(root, 'dist', 'cli', 'azimuth.js'), ...words], {
    cwd,
    stdio: 'inherit',
  })
  if (done.status !== 0) process.exit(done.status ?? 130)
}

const words = process.argv.slice(2)
if (words.length > 0) {
  azimuth(['triage', ...words], process.env.INIT_CWD ?? process.cwd())
} else {
  if (!existsSync(join(root, 'lab', 'answers.json'))) azimuth(['lab', 'lab', '--days', '7'], root)
  azimuth(['triage', join('lab', 'evidence'), '--case', 'lab'], root)
}
