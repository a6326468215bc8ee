import { spawn } from 'node:child_process'
import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { appendCustody, beginCustody, custodyFile, type CustodyEnd, type CustodyStart } from './custody.ts'
import { verifyCustody } from './custody-verify.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'custody-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

function record(command: string): CustodyStart & CustodyEnd {
  return {
    command,
    arguments: ['--case', 'Zürich', "SigninLogs | where UserPrincipalName == 'x'"],
    versions: { azimuth: '0.1.0' },
    started: new Date(0),
    outcome: 'done',
    outputs: [{ name: 'stdout', sha256: 'ab'.repeat(32), bytes: 12 }],
  }
}

describe('custody', () => {
  test('chains its entries and verifies', async () => {
    const first = await appendCustody(folder, record('ingest'))
    const second = await appendCustody(folder, record('query'))
    expect(first).toMatchObject({ seq: 1, previous: '0'.repeat(64) })
    expect(second).toMatchObject({ seq: 2, previous: first.hash })
    expect(await verifyCustody(folder)).toEqual({
      entries: 2,
      head: { seq: 2, hash: second.hash },
      findings: [],
    })
  })

  test('is empty and sound before the first command', async () => {
    expect(await verifyCustody(folder)).toEqual({ entries: 0, head: undefined, findings: [] })
  })

  test('finds every changed byte, and names its line', async () => {
    for (const command of ['ingest', 'query', 'show']) await appendCustody(folder, record(command))
    const sound = await readFile(custodyFile(folder))
    let line = 1
    for (let offset = 0; offset < sound.length; offset++) {
      const changed = Buffer.from(sound)
      changed[offset] = sound[offset] === 0x58 ? 0x59 : 0x58
      await writeFile(custodyFile(folder), changed)
      const { findings } = await verifyCustody(folder)
      expect(
        findings.filter((finding) => finding.severity === 'fault').map((finding) => finding.line),
      ).toContain(line)
      if (sound[offset] === 0x0a) line += 1
    }
  })

  test('blames only the entry that was changed', async () => {
    for (const command of ['ingest', 'query', 'show']) await appendCustody(folder, record(command))
    const text = await readFile(custodyFile(folder), 'latin1')
    await writeFile(custodyFile(folder), text.replace('"command":"query"', '"command":"quary"'))
    const { findings } = await verifyCustody(folder)
    expect(findings).toMatchObject([{ severity: 'fault', code: 'custody-changed', line: 2 }])
    expect(findings[0]?.message).toMatch(/^line 2 is not what was written \(entry 2 of \d{4}-/)
  })

  test('finds an entry that was taken out, from the middle or from the end', async () => {
    for (const command of ['ingest', 'query', 'show']) await appendCustody(folder, record(command))
    const lines = (await readFile(custodyFile(folder), 'latin1')).split('\n')
    await writeFile(custodyFile(folder), lines.toSpliced(1, 1).join('\n'))
    expect((await verifyCustody(folder)).findings).toMatchObject([{ code: 'custody-chain', line: 2 }])
    await writeFile(custodyFile(folder), lines.toSpliced(2, 1).join('\n'))
    expect((await verifyCustody(folder)).findings).toMatchObject([{ code: 'custody-shortened' }])
  })

  test('keeps and names the fragment of a killed command', async () => {
    await appendCustody(folder, record('ingest'))
    await appendFile(custodyFile(folder), '{"seq":2,"time":"2026-')
    expect((await verifyCustody(folder)).findings).toMatchObject([
      { severity: 'fault', code: 'custody-torn', line: 2 },
    ])
    const after = await appendCustody(folder, record('query'))
    expect(after).toMatchObject({ seq: 2, torn: { kind: 'fragment', bytes: 22 } })
    expect(await readFile(custodyFile(folder), 'latin1')).toContain('\n{"seq":2,"time":"2026-\n')
    expect((await verifyCustody(folder)).findings).toMatchObject([
      { severity: 'note', code: 'custody-torn', line: 2 },
    ])
  })

  test('continues after an entry that lost its line end', async () => {
    await appendCustody(folder, record('ingest'))
    await truncate(custodyFile(folder), (await readFile(custodyFile(folder))).length - 1)
    expect(await appendCustody(folder, record('query'))).toMatchObject({ seq: 2, torn: { kind: 'line-end' } })
    expect(await verifyCustody(folder)).toMatchObject({ entries: 2, findings: [] })
  })

  test('finds its end behind an entry larger than one read', async () => {
    const inputs = Array.from({ length: 3000 }, (_, index) => ({
      name: `file-${index}`,
      sha256: 'cd'.repeat(32),
    }))
    await appendCustody(folder, { ...record('ingest'), inputs })
    expect(await appendCustody(folder, record('query'))).toMatchObject({ seq: 2 })
    expect((await verifyCustody(folder)).findings).toEqual([])
  })

  test('writes no secrets', async () => {
    const entry = await appendCustody(folder, {
      ...record('ingest'),
      arguments: [
        '--engine',
        'https://me:hunter2@host:8443',
        '--password',
        'hunter2',
        '--token=hunter2',
        'https://a/c?sv=1&sig=hunter2&se=2',
      ],
    })
    expect(JSON.stringify(entry)).not.toContain('hunter2')
    expect(entry.arguments).toEqual([
      '--engine',
      'https://me:***@host:8443',
      '--password',
      '***',
      '--token=***',
      'https://a/c?sv=1&sig=***&se=2',
    ])
  })

  test('keeps one chain when several processes append at once', async () => {
    const script = `
      import { appendCustody } from ${JSON.stringify(join(import.meta.dirname, 'custody.ts'))}
      const record = { command: 'query', arguments: [], versions: {}, started: new Date(), outcome: 'done' }
      for (let i = 0; i < 10; i++) await appendCustody(${JSON.stringify(folder)}, record)`
    const codes = await Promise.all(
      [1, 2, 3].map(
        () =>
          new Promise((done) => {
            spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' }).on(
              'exit',
              done,
            )
          }),
      ),
    )
    expect(codes).toEqual([0, 0, 0])
    expect(await verifyCustody(folder)).toMatchObject({ entries: 30, findings: [] })
  })

  test('enters a command that was killed, once, with the next one', async () => {
    const script = `
      import { beginCustody } from ${JSON.stringify(join(import.meta.dirname, 'custody.ts'))}
      await beginCustody(${JSON.stringify(folder)}, { command: 'ingest', arguments: ['evidence'], versions: {}, started: new Date(0) })
      process.kill(process.pid, 'SIGKILL')`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
    await new Promise((done) => child.on('exit', done))
    const running = await beginCustody(folder, record('triage'))
    expect(await appendCustody(folder, record('query'))).toMatchObject({ seq: 2, outcome: 'done' })
    expect(await running(record('triage'))).toMatchObject({ seq: 3, command: 'triage', outcome: 'done' })
    const [first] = (await readFile(custodyFile(folder), 'utf8')).split('\n')
    const entry: unknown = JSON.parse(first ?? '')
    expect(entry).toMatchObject({ seq: 1, command: 'ingest', arguments: ['evidence'], outcome: 'killed' })
    expect(await verifyCustody(folder)).toMatchObject({ entries: 3, findings: [] })
  })

  test('takes over the lock of a process that is gone', async () => {
    const gone = spawn(process.execPath, ['-e', ''])
    await new Promise((done) => gone.on('exit', done))
    const { hostname } = await import('node:os')
    await writeFile(join(folder, 'custody.lock'), `${gone.pid} ${hostname()} x\n`)
    expect(await appendCustody(folder, record('query'))).toMatchObject({ seq: 1 })
  })
})
