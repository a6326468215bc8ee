import type { FingerprintFinding } from '../access/fingerprint.ts'
import { byteText, countText } from '../quantity.ts'
import type { Sink } from './terminal.ts'
import { textTable } from './text-table.ts'
import { secondText } from './time-text.ts'

const rotations = {
  evicted: 'not used since its slot was regenerated',
  'still used': 'still used after a key was regenerated: the other slot was, or the rotation failed',
  unproven: 'whether it was used since a key was regenerated is unproven: the log is too short after it',
} as const

/** What the logs say of a leaked credential. */
export function fingerprintText(sink: Sink, finding: FingerprintFinding): string {
  const { fingerprint, uses, verdict, why, rotation } = finding
  const head = `${sink.paint('bold', verdict)}  ${fingerprint.kind} ${fingerprint.hash}\n${why}\n`
  const turned = rotation === undefined ? '' : `${rotations[rotation.verdict]} (${rotation.time})\n`
  if (uses.length === 0) return head
  const rows = uses.map((use) => [
    use.account,
    use.means,
    use.caller,
    use.agent,
    secondText(use.first),
    secondText(use.last),
    countText(use.requests),
    countText(use.objects),
    byteText(use.bytes),
  ])
  const names = [
    'Account',
    'Means',
    'From',
    'With',
    'First (UTC)',
    'Last (UTC)',
    'Requests',
    'Objects',
    'Bytes out',
  ]
  return `${head}${turned}${textTable(sink, names, rows, { right: [6, 7, 8] })}`
}
