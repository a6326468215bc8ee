import type { Progress } from './processes.ts'
import type { Column, ResultLine } from './rows.ts'

export interface RunSummary {
  readonly queryId: string
  readonly writtenRows: number
  readonly readRows: number
  readonly readBytes: number
  readonly elapsedMs: number
}

/** A result whose rows arrive as they are read; leaving the loop early ends the query. */
export interface RowStream {
  readonly columns: readonly Column[]
  readonly rows: AsyncIterable<readonly unknown[]>
  /** Resolves after the last row. */
  summary(): Promise<RunSummary>
}

/** Reads up to the columns, and leaves the rows to be read. */
export async function openRows(
  batches: AsyncGenerator<readonly ResultLine[]>,
  queryId: string,
  onProgress: ((progress: Progress) => void) | undefined,
): Promise<RowStream> {
  const end = Promise.withResolvers<RunSummary>()
  end.promise.catch(() => {})
  let progress: Progress = { readRows: 0, readBytes: 0, totalRows: 0, elapsedMs: 0 }
  let columns: readonly Column[] = []

  function* takeRows(batch: readonly ResultLine[]): Generator<readonly unknown[]> {
    for (const line of batch) {
      if (line.row !== undefined) yield line.row
      else if (line.meta !== undefined) columns = line.meta
      else if (line.progress !== undefined) {
        progress = readProgress(line.progress)
        onProgress?.(progress)
      }
    }
  }

  async function* readRows(first: readonly (readonly unknown[])[]): AsyncGenerator<readonly unknown[]> {
    try {
      yield* first
      for await (const batch of batches) yield* takeRows(batch)
      const { readRows: rows, readBytes, elapsedMs } = progress
      end.resolve({ queryId, writtenRows: 0, readRows: rows, readBytes, elapsedMs })
    } catch (error) {
      end.reject(error)
      throw error
    } finally {
      await batches.return(undefined)
      end.reject(new Error('the result was not read to its end'))
    }
  }

  let first: (readonly unknown[])[] = []
  for (let step = await batches.next(); step.done !== true; step = await batches.next()) {
    first = [...takeRows(step.value)]
    if (columns.length > 0) break
  }
  return { columns, rows: readRows(first), summary: () => end.promise }
}

function readProgress(progress: Readonly<Record<string, string>>): Progress {
  return {
    readRows: Number(progress['read_rows'] ?? 0),
    readBytes: Number(progress['read_bytes'] ?? 0),
    totalRows: Number(progress['total_rows_to_read'] ?? 0),
    elapsedMs: Number(progress['elapsed_ns'] ?? 0) / 1e6,
  }
}
