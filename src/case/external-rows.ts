import { createHash } from 'node:crypto'
import type { Connection } from '../engine/connection.ts'
import { externalKey, parseRecords, type ExternalFile } from '../kql/external.ts'
import type { ExternalProblem, StoredRows } from '../kql/external.ts'
import type { CustodyObject } from './custody-line.ts'
import { readExternalFile } from './external-file.ts'
import { hasReference, referenceDatabase, storeRows } from './reference.ts'

/** Reads the files that a question names out of a folder into the case's reference tables. */
export function externalReader(
  owner: () => Promise<Connection>,
  folder: string,
  onRead: (file: CustodyObject) => void = () => {},
): (file: ExternalFile) => Promise<StoredRows | ExternalProblem> {
  return async (file) => {
    const content = await readExternalFile(folder, file.address)
    if ('code' in content) return content
    const sha256 = createHash('sha256').update(content.bytes).digest('hex')
    const reading = createHash('sha256')
      .update(externalKey({ ...file, address: '' }))
      .digest('hex')
    const source = `external-${sha256}-${reading.slice(0, 16)}`
    if (!(await hasReference(await owner(), source))) {
      const rows = parseRecords(content.text, file)
      if (typeof rows === 'string') return { code: 'bad-argument', message: `${content.path}: ${rows}` }
      await storeRows(await owner(), source, rows)
    }
    onRead({ name: content.path, sha256, bytes: content.bytes.length })
    return { database: referenceDatabase, source }
  }
}
