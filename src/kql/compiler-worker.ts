import module from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import { assertNever } from '../error.ts'
import type { Schema } from './schema.ts'
import type { ThreadMessage, ThreadReply, ThreadStart } from './compiler-thread.ts'

/** The thread of `compiler-thread.ts`: loads the compiler, then compiles what it is sent. */
const port = parentPort
if (!port) throw new Error('the compiler works in a thread')
// Only compiler-thread.ts starts this file.
const start = workerData as ThreadStart
if (start.compiledCode !== undefined) module.enableCompileCache(start.compiledCode)

const [{ Binder }, { compileText }] = await Promise.all([
  import('./parser/bind.ts'),
  import('./compile-text.ts'),
])
let schema: Schema = { tables: [] }
const binder = new Binder(schema)

function answer(message: ThreadMessage): ThreadReply | undefined {
  switch (message.kind) {
    case 'schema':
      schema = message.schema
      binder.setSchema(schema)
      return undefined
    case 'statements':
      return { kind: 'statements', places: binder.statements(message.text) }
    case 'compile':
      return compileText(binder, schema, message)
    default:
      return assertNever(message)
  }
}

function answerOrBug(message: ThreadMessage): ThreadReply | undefined {
  try {
    return answer(message)
  } catch (error) {
    return { kind: 'bug', error: error instanceof Error ? error : new Error(String(error)) }
  }
}

port.on('message', (message: ThreadMessage) => {
  const reply = answerOrBug(message)
  if (!reply) return
  port.postMessage(reply)
  module.flushCompileCache()
})
port.postMessage({ kind: 'ready' } satisfies ThreadReply)
