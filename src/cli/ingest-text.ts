import type { FileReport, IngestReport } from '../evidence/report.ts'
import { textTable } from './text-table.ts'
import { countText } from '../quantity.ts'
import type { Sink } from './terminal.ts'
import { visible } from './visible.ts'

/** The closing block of an ingest: tables, then the files that were not read whole, each with its reason. */
export function ingestText(sink: Sink, report: IngestReport, options: { readonly explain: boolean }): string {
  const { files, totals } = report
  const blocks = [tablesBlock(sink, files), oddBlock(sink, files), checksumsText(sink, report)]
  if (options.explain) blocks.unshift(explainBlock(sink, files))
  const sum = [
    `${countText(files.length)} files`,
    `${countText(totals.records)} records`,
    `${countText(totals.rows)} rows`,
    `${countText(totals.duplicates)} duplicates`,
    `${countText(totals.quarantined)} in quarantine`,
  ]
  return [...blocks, `${sum.join(', ')}\n`].filter((block) => block !== '').join('\n')
}

function tablesBlock(sink: Sink, files: readonly FileReport[]): string {
  const rows = new Map<string, { rows: number; files: number }>()
  for (const file of files) {
    for (const [table, count] of Object.entries(file.tables)) {
      const sum = rows.get(table) ?? { rows: 0, files: 0 }
      rows.set(table, { rows: sum.rows + count, files: sum.files + 1 })
    }
  }
  if (rows.size === 0) return ''
  const lines = [...rows]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([table, sum]) => [table, countText(sum.rows), countText(sum.files)])
  return textTable(sink, ['Table', 'Rows', 'Files'], lines, { right: [1, 2] })
}

function oddBlock(sink: Sink, files: readonly FileReport[]): string {
  const odd = files.filter((file) => file.verdict !== 'parsed')
  if (odd.length === 0) return ''
  const lines = odd.map((file) => [file.verdict, file.path, file.reason ?? ''])
  return textTable(sink, ['Verdict', 'File', 'Reason'], lines, { prose: 2 })
}

/** What lists of checksums beside the evidence said: how many files agree, and each one that does not. */
export function checksumsText(sink: Sink, { checksums }: IngestReport): string {
  if (checksums.length === 0) return ''
  const failed = checksums.filter((check) => !check.ok)
  const head = `checksums beside the evidence: ${countText(checksums.length - failed.length)} agree, ${countText(failed.length)} do not\n`
  if (failed.length === 0) return head
  const lines = failed.map(({ manifest, path, algorithm, actual, problem }) => [
    path,
    manifest,
    problem?.message ?? `its ${algorithm} is ${actual ?? 'unknown'}`,
  ])
  return sink.paint('red', head) + textTable(sink, ['File', 'List', 'Finding'], lines, { prose: 2 })
}

function explainBlock(sink: Sink, files: readonly FileReport[]): string {
  return files
    .map(
      (file) =>
        `${visible(file.path)}\n  ${sink.paint('cyan', file.verdict)} ${visible(file.shape ?? '')}${file.why === undefined ? '' : `\n  ${visible(file.why)}`}\n`,
    )
    .join('')
}
