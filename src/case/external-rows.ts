import { createHash } from 'node:crypto'
import type { CaseEngine } from '../engine/case-engine.ts'
import { externalKey, parseRecords, type ExternalFile } from '../kql/external.ts'
import type { ExternalProblem, StoredRows } from '../kql/external.ts'
import type { CustodyObject } from './custody-line.ts'
import { readExternalFile } from './external-file.ts'
import { hasReference, storeRows } from './reference.ts'

/** Reads the files that a question names out of a folder into the case's reference tables. */
export function externalReader(
  opening: Promise<CaseEngine>,
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
    const engine = await opening
    if (!(await hasReference(engine, source))) {
      const rows = parseRecords(content.text, file)
      if (typeof rows === 'string') return { code: 'bad-argument', message: `${content.path}: ${rows}` }
      await storeRows(engine, source, rows)
    }
    onRead({ name: content.path, sha256, bytes: content.bytes.length })
    return { database: engine.owner.databases.reference, source }
  }
}
