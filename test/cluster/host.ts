import { findLibrary } from '../../src/engine/library.ts'
import { loadLibrary, runEngine } from '../../src/engine/native.ts'

// A ClickHouse server of a test's cluster, in the folder that it is started in; it ends with its parent.

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
