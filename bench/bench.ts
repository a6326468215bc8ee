import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Starts one bench: `npm run bench -- NAME [options]`. README.md lists them. */
const name = process.argv.splice(2, 1)[0] ?? ''
const names = ['start', 'compile', 'query', 'ingest', 'ingest-size', 'hunt', 'cluster'].filter((item) =>
  existsSync(join(import.meta.dirname, `${item}.ts`)),
)
if (!names.includes(name)) throw new Error(`usage: npm run bench -- ${names.join('|')} [options]`)
await import(`./${name}.ts`)
