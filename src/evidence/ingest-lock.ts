import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'

const pollMs = 200
const sqliteBusy = 5

/**
 * Lets one process at a time ingest into a case, and waits for the one that does. The lock is SQLite's on an empty
 * file: the system drops it when its process ends, however it ends.
 */
export async function lockIngest(
  file: string,
  options: { readonly signal?: AbortSignal | undefined; readonly onWait?: (() => void) | undefined } = {},
): Promise<Disposable> {
  const database = new DatabaseSync(file, { timeout: 0 })
  for (let attempt = 0; ; attempt++) {
    try {
      options.signal?.throwIfAborted()
      if (tryBegin(database)) return { [Symbol.dispose]: () => database.close() }
      if (attempt === 0) options.onWait?.()
      await delay(pollMs, undefined, { ...(options.signal && { signal: options.signal }) })
    } catch (error) {
      database.close()
      throw error
    }
  }
}

function tryBegin(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy) return false
    throw error
  }
}
