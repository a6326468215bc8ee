import type { SourceEntry } from './ledger.ts'
import type { PassedFile, PreparedFile } from './prepare.ts'

/** The ledger's line for a member that was met in a run. */
export function sourceEntry(
  file: PreparedFile | PassedFile,
  run: number,
  state: SourceEntry['state'],
  reason: string,
): SourceEntry {
  return {
    run,
    position: file.position,
    path: file.member.path,
    file: file.location.file,
    location: file.location.path,
    evidence: file.evidence,
    sizeBytes: file.sizeBytes,
    archive: file.member.archives[0]?.sha256 ?? '',
    state,
    reason,
  }
}
