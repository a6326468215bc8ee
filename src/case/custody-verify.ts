import { readFile } from 'node:fs/promises'
import { isMissing } from './case-file.ts'
import { chainStart, digest, hashesOfLine, parseCustodyLine, type CustodyEntry } from './custody-line.ts'
import { custodyFile, custodyHeadFile } from './custody.ts'

/** A fault in the custody of a case. `line` is 1-based, `offset` counts bytes; a `note` was explained by a later entry. */
export type CustodyFinding = {
  readonly severity: 'fault' | 'note'
  readonly code: 'custody-changed' | 'custody-chain' | 'custody-torn' | 'custody-shortened'
  readonly line: number
  readonly offset: number
  readonly message: string
}

export type CustodyReport = {
  readonly entries: number
  readonly head: { readonly seq: number; readonly hash: string } | undefined
  readonly findings: readonly CustodyFinding[]
}

/**
 * Walks the chain of a case folder's custody. Finds each changed byte with its entry, missing and reordered entries,
 * torn lines, and entries cut off at the end. Whoever can rewrite the whole folder can forge the chain: keep the head elsewhere.
 */
export async function verifyCustody(folder: string): Promise<CustodyReport> {
  const text = await readLatin1(custodyFile(folder))
  const lines = text.split('\n')
  const rest = lines.pop() ?? ''
  const findings: CustodyFinding[] = []
  let previous: readonly string[] | undefined = [chainStart]
  let last: CustodyEntry | undefined
  let entries = 0
  let offset = 0
  lines.forEach((line, index) => {
    const place = { line: index + 1, offset }
    offset += line.length + 1
    const entry = parseCustodyLine(line)
    if (entry === undefined) {
      const explained = parseCustodyLine(lines[index + 1] ?? rest)?.torn
      if (explained?.kind === 'fragment' && explained.sha256 === digest(line)) {
        findings.push({
          ...place,
          severity: 'note',
          code: 'custody-torn',
          message: `a command was killed while it wrote line ${place.line}; the entry after it names the fragment`,
        })
        return
      }
      const hashes = hashesOfLine(line)
      findings.push({
        ...place,
        severity: 'fault',
        code: 'custody-changed',
        message: `line ${place.line} is not what was written${describe(line)}`,
      })
      previous = hashes === undefined ? undefined : [hashes.carried, hashes.computed]
      last = undefined
      entries += 1
      return
    }
    if (previous !== undefined && !previous.includes(entry.previous)) {
      findings.push({
        ...place,
        severity: 'fault',
        code: 'custody-chain',
        message: `entry ${entry.seq} does not follow the entry before it: entries are missing, added or reordered`,
      })
    } else if (last !== undefined && entry.seq !== last.seq + 1) {
      findings.push({
        ...place,
        severity: 'fault',
        code: 'custody-chain',
        message: `entry ${entry.seq} follows entry ${last.seq}`,
      })
    }
    previous = [entry.hash]
    last = entry
    entries += 1
  })
  if (rest !== '') {
    findings.push({
      severity: 'fault',
      code: 'custody-torn',
      line: lines.length + 1,
      offset,
      message: `line ${lines.length + 1} is not ended: a command was killed while it wrote, or the file was cut`,
    })
  }
  const final = parseCustodyLine(rest) ?? last
  const head = final === undefined ? undefined : { seq: final.seq, hash: final.hash }
  return { entries, head, findings: [...findings, ...(await compareHead(folder, text, entries))] }
}

/** The head is written after its entry, so it may lag behind a kill, but what it names must be in the file. */
async function compareHead(
  folder: string,
  text: string,
  entries: number,
): Promise<readonly CustodyFinding[]> {
  const noted = await readLatin1(custodyHeadFile(folder))
  const [seq = '', hash = ''] = noted.trimEnd().split(' ')
  if (noted === '' && entries <= 1) return []
  const wellFormed = /^\d+ [0-9a-f]{64}\n$/.test(noted)
  if (wellFormed && text.includes(`"hash":"${hash}"}`)) return []
  const message = wellFormed
    ? `the last entry noted, ${seq}, is not in the file: entries were removed from its end, or it was changed`
    : 'the note of the last entry (custody.head) is missing or changed'
  return [{ severity: 'fault', code: 'custody-shortened', line: entries, offset: text.length, message }]
}

async function readLatin1(file: string): Promise<string> {
  try {
    return await readFile(file, 'latin1')
  } catch (error) {
    if (isMissing(error)) return ''
    throw error
  }
}

function describe(line: string): string {
  const seq = /^\{"seq":(\d+),"time":"([^"]{0,40})"/.exec(line)
  return seq === null ? '' : ` (entry ${seq[1]} of ${seq[2]})`
}
