import { connect, createServer } from 'node:net'
import { findLibrary } from '../../src/engine/library.ts'
import { loadLibrary, runEngine } from '../../src/engine/native.ts'

// A ClickHouse server of a test's cluster, in the folder that it is started in; it ends with its parent.

const [door, native] = process.argv.slice(2).map(Number)
if (door === undefined || native === undefined) throw new Error('usage: host.ts DOOR NATIVE')

// libchdb ends its process over a connection that is reset (LocalServer's KillingErrorHandler), which a server of
// ClickHouse logs and survives. Nodes reset one whose answer they no longer need. So the others come in by this door,
// where a reset is a close.
createServer({ noDelay: true }, (peer) => {
  const engine = connect({ port: native, host: '127.0.0.1', noDelay: true })
  peer.pipe(engine)
  engine.pipe(peer)
  peer.on('close', () => engine.resume().end())
  engine.on('close', () => peer.destroySoon())
  for (const socket of [peer, engine]) socket.on('error', () => socket.destroy())
}).listen(door, '127.0.0.1')

process.stdin.resume()
process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL'))
loadLibrary(findLibrary())
const statements = [
  'SYSTEM START LISTEN HTTP',
  'SYSTEM START LISTEN TCP',
  `SELECT sleepEachRow(1) FROM system.numbers
   SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 3000000 FORMAT Null`,
]
await runEngine(['clickhouse', '--config-file=config.xml', '--query', statements.join(';')])
