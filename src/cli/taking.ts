import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import type { CustodyObject } from '../case/custody-line.ts'
import type { IngestReport } from '../evidence/report.ts'
import { byteText, countText } from '../quantity.ts'
import { Progress } from './progress.ts'
import type { CaseOptions, Session } from './session.ts'
import type { Terminal } from './terminal.ts'

/** The options of the commands that take logs in. */
export type TakingOptions = CaseOptions & {
  readonly explain?: boolean
  readonly dayFirst?: 'yes' | 'no'
  readonly timeZone?: string
}

/**
 * Evidence passes through: what V8 would set aside for new objects grows to 130 MB, and before it is looked through, buffers
 * of as much again are not known to be free. Small, it costs no time.
 */
const smallYoungGeneration = '--semi-space-growth-factor=1'

/** Ingests evidence with a progress line, and names what was read for custody. */
export async function takeIn(
  terminal: Terminal,
  session: Session,
  paths: readonly string[],
  options: TakingOptions,
): Promise<IngestReport> {
  setFlagsFromString(smallYoungGeneration)
  using progress = new Progress(terminal.err)
  const started = performance.now()
  const report = await session.case.ingest(
    paths.map((path) => asTyped(path, terminal.surroundings.directory)),
    {
      signal: terminal.signal,
      onWait: () => progress.show('another command is taking logs in; waiting for it'),
      onProgress: ({ files, rows, bytes, path }) => {
        const seconds = Math.max((performance.now() - started) / 1000, 0.001)
        const speed = `${byteText(bytes)} at ${byteText(bytes / seconds)}/s`
        progress.show(`${countText(files)} files, ${countText(rows)} rows, ${speed}  ${path ?? ''}`)
      },
      ...(options.explain === true && { explain: true }),
      ...(options.dayFirst !== undefined && { dayFirst: options.dayFirst === 'yes' }),
      ...(options.timeZone !== undefined && { timeZone: options.timeZone }),
    },
  )
  for (const object of filesRead(report)) session.reads(object)
  return report
}

/** What a line of custody names one by one; beyond that it holds the digest of the list, which the ledger can give again. */
const mostNamedFiles = 20_000

function filesRead({ files }: IngestReport): readonly CustodyObject[] {
  if (files.length <= mostNamedFiles) return files.map(({ path, sha256 }) => ({ name: path, sha256 }))
  const list = createHash('sha256')
  for (const { path, sha256 } of files) list.update(`${sha256}  ${path}\n`)
  return [
    { name: `${files.length} files: lines of SHA-256, two spaces and path`, sha256: list.digest('hex') },
  ]
}

/** Reports name paths as they were typed, where that leads to the same file. */
function asTyped(path: string, directory: string): string {
  return directory === process.cwd() ? path : resolve(directory, path)
}
