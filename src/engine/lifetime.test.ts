import { spawn, type ChildProcess } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { sql } from '../sql/template.ts'
import { openEngine } from './engine.ts'
import { inspectEngine } from './status.ts'

const commands: ChildProcess[] = []
let root = ''
let directory = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'azimuth engine '))
  directory = join(root, 'engine')
})

afterEach(async () => {
  for (const command of commands.splice(0)) command.kill('SIGKILL')
  const { running } = await inspectEngine(directory)
  if (running !== undefined) {
    process.kill(running.pid, 'SIGKILL')
    await endOf(running.pid)
  }
  rmSync(root, { recursive: true })
})

/** Another process that opens the engine, runs `script` and says what `say` is given; then holds its lease. */
function startCommand(script: string, lingerMs = 0): { said: Promise<string>; command: ChildProcess } {
  const source = `
    import { openEngine } from ${JSON.stringify(new URL('engine.ts', import.meta.url).href)}
    const engine = await openEngine({ directory: ${JSON.stringify(directory)}, lingerMs: ${lingerMs} })
    const sql = (text) => ({ kind: 'sql', text })
    const say = (text) => process.stdout.write(String(text))
    ${script}
    process.stdin.resume()`
  const command = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  commands.push(command)
  const said = new Promise<string>((resolve, reject) => {
    command.stdout.once('data', (data) => resolve(String(data)))
    command.once('exit', () => reject(new Error('the command said nothing')))
  })
  return { said, command }
}

async function endOf(pid: number): Promise<void> {
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), {
    timeout: 15_000,
    interval: 5,
  })
}

async function pidOf(folder = directory): Promise<number> {
  const { running } = await inspectEngine(folder)
  if (running === undefined) throw new Error('no engine is running')
  return running.pid
}

const sayProcess = `say(process.pid)`
const createTable = sql`CREATE TABLE logs.T (n UInt64) ORDER BY n`

test('two processes share one engine, and it outlives the one that started it', async () => {
  const first = startCommand(
    `await engine.owner.command(sql('CREATE TABLE logs.T (n UInt64) ORDER BY n')); ${sayProcess}`,
  )
  await first.said
  const pid = await pidOf()
  await using engine = await openEngine({ directory, lingerMs: 0 })
  first.command.kill('SIGKILL')
  await engine.owner.command(sql`INSERT INTO logs.T VALUES (7)`)
  expect(await engine.reader.rows(sql`SELECT n FROM logs.T`)).toEqual([{ n: '7' }])
  expect(await pidOf()).toBe(pid)
})

test('the engine ends when its last command is killed', async () => {
  const { said, command } = startCommand(sayProcess)
  await said
  command.kill('SIGKILL')
  await vi.waitFor(() => expect(existsSync(join(directory, 'running'))).toBe(false), {
    timeout: 15_000,
    interval: 5,
  })
  expect(await inspectEngine(directory)).toMatchObject({ running: undefined })
})

test('an engine can be looked at without being started', async () => {
  expect(await inspectEngine(directory)).toMatchObject({
    running: undefined,
    dataBytes: 0,
    problem: undefined,
  })
  expect(existsSync(directory)).toBe(false)
  await using engine = await openEngine({ directory, lingerMs: 0 })
  const { libraryPath, running, dataBytes } = await inspectEngine(directory)
  expect(libraryPath).toMatch(/libchdb\.so$/)
  expect(running?.version).toBe(engine.version)
  expect(dataBytes).toBeGreaterThan(0)
})

test('the engine waits for the next command before it ends', async () => {
  const first = await openEngine({ directory, lingerMs: 60_000 })
  const pid = await pidOf()
  await first[Symbol.asyncDispose]()
  await using second = await openEngine({ directory, lingerMs: 0 })
  expect(second.version).not.toBe('')
  expect(await pidOf()).toBe(pid)
})

test('commands that start at once end with one engine', async () => {
  const others = [1, 2].map(() =>
    startCommand(`say((await engine.owner.rows(sql("SELECT getServerPort('http_port') AS id")))[0].id)`),
  )
  await using engine = await openEngine({ directory, lingerMs: 0 })
  const [own] = await engine.owner.rows<{ id: number }>(sql`SELECT getServerPort('http_port') AS id`)
  expect(await Promise.all(others.map(({ said }) => said))).toEqual([String(own?.id), String(own?.id)])
})

test('what was written is there after the engine was killed, and the next statement starts it again', async () => {
  await using engine = await openEngine({ directory, lingerMs: 0 })
  await engine.owner.command(createTable)
  await engine.owner.command(sql`INSERT INTO logs.T VALUES (7)`)
  const pid = await pidOf()
  const query = engine.reader.rows(sql`SELECT sum(sipHash64(number)) FROM numbers(1000000000000)`, {
    onProgress: () => process.kill(pid, 'SIGKILL'),
  })
  await expect(query).rejects.toMatchObject({
    code: 'engine-crashed',
    message: expect.stringContaining('SIGKILL'),
  })
  expect(await engine.reader.rows(sql`SELECT n FROM logs.T`)).toEqual([{ n: '7' }])
  expect(await pidOf()).not.toBe(pid)
})

test('an insert whose engine is killed fails with that, not with its data', async () => {
  await using engine = await openEngine({ directory, lingerMs: 0 })
  await engine.owner.command(sql`CREATE TABLE logs.Lines (line String) ORDER BY line`)
  const pid = await pidOf()
  const body = async function* (): AsyncGenerator<Uint8Array> {
    for (let count = 0; ; count += 1) {
      if (count === 100) process.kill(pid, 'SIGKILL')
      yield Buffer.from('a line\n'.repeat(1000))
    }
  }
  const statement = sql`INSERT INTO logs.Lines SELECT line FROM input('line String') FORMAT LineAsString`
  await expect(engine.owner.insert(statement, body())).rejects.toMatchObject({ code: 'engine-crashed' })
  expect(await engine.owner.rows(sql`SELECT 1 AS one`)).toEqual([{ one: 1 }])
})

test('a crash is named by its signal, also to a command that did not start the engine', async () => {
  await startCommand(sayProcess).said
  await using engine = await openEngine({ directory, lingerMs: 0 })
  const pid = await pidOf()
  const query = engine.reader.rows(sql`SELECT sum(sipHash64(number)) FROM numbers(1000000000000)`, {
    onProgress: () => process.kill(pid, 'SIGSEGV'),
  })
  await expect(query).rejects.toMatchObject({
    code: 'engine-crashed',
    message: expect.stringContaining('Segmentation fault'),
  })
})

test('an engine that cannot start is named with its last words', async () => {
  mkdirSync(directory)
  writeFileSync(join(directory, 'stage'), 'a file where a folder should be')
  await expect(openEngine({ directory, lingerMs: 0 })).rejects.toMatchObject({
    code: 'engine-start',
    message: expect.stringContaining('EEXIST'),
  })
})

test('an engine whose data another process holds is named with its last words', async () => {
  await using engine = await openEngine({ directory, lingerMs: 0 })
  const copy = join(root, 'copy')
  mkdirSync(copy)
  symlinkSync(join(directory, 'data'), join(copy, 'data'))
  await expect(openEngine({ directory: copy, lingerMs: 0 })).rejects.toMatchObject({
    code: 'engine-start',
    message: expect.stringContaining('Cannot lock file'),
  })
  expect(await engine.reader.rows(sql`SELECT 1 AS one`)).toEqual([{ one: 1 }])
})

test('a port that now belongs to a stranger is not trusted', async () => {
  const heard: string[] = []
  const stranger = createServer((socket) => {
    socket.on('data', (data) => {
      heard.push(String(data))
      socket.write(`${'0'.repeat(64)} ${'0'.repeat(64)}\n`)
    })
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
  const address = stranger.address()
  const port = typeof address === 'object' ? address?.port : undefined
  mkdirSync(directory)
  const key = 'ab'.repeat(32)
  writeFileSync(join(directory, 'running'), `${port} ${key}\n`)
  await using engine = await openEngine({ directory, lingerMs: 0 })
  expect(await engine.reader.rows(sql`SELECT 1 AS one`)).toEqual([{ one: 1 }])
  expect(heard).toHaveLength(1)
  expect(heard.join('')).not.toContain(key)
  stranger.close()
})

test.each(['', 'nonsense', '99999999 abc', '1 '])(
  'a damaged state file (%j) does not matter',
  async (text) => {
    mkdirSync(directory)
    writeFileSync(join(directory, 'running'), text)
    await using engine = await openEngine({ directory, lingerMs: 0 })
    expect(engine.version).toMatch(/^\d+\.\d+/)
  },
)

test('a long path with spaces, quotes and XML characters is a path like any other', async () => {
  directory = join(root, `a & b <c> "d" 'e' \\ ü ${'x'.repeat(180)}`, 'y'.repeat(200), 'engine')
  await using engine = await openEngine({ directory, lingerMs: 0 })
  writeFileSync(join(engine.stageDirectory, 'one.txt'), 'a line\n')
  const rows = await engine.owner.rows(sql`SELECT line FROM file('one.txt', 'LineAsString', 'line String')`)
  expect(rows).toEqual([{ line: 'a line' }])
})

test('nobody else can read the folder, and the command line tells no secret', async () => {
  await using engine = await openEngine({ directory, lingerMs: 0 })
  expect(engine.stageDirectory).toBe(join(directory, 'stage'))
  expect(statSync(directory).mode & 0o777).toBe(0o700)
  for (const name of ['config.xml', 'users.xml', 'running', 'engine.log']) {
    expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600)
  }
  const key = /<X-Azimuth-Key>(.*)<\/X-Azimuth-Key>/.exec(
    readFileSync(join(directory, 'config.xml'), 'utf8'),
  )?.[1]
  if (process.platform === 'linux') {
    expect(readFileSync(`/proc/${await pidOf()}/cmdline`, 'utf8')).not.toContain(key)
  }
})

test('opening can be aborted', async () => {
  const signal = AbortSignal.abort(new Error('stop'))
  await expect(openEngine({ directory, lingerMs: 0, signal })).rejects.toThrow('stop')
})
