import module from 'node:module'
import { Script } from 'node:vm'
import { assertNever } from '../error.ts'
import { compileText } from './compile-text.ts'
import type { CompilerMessage, CompilerReply } from './compiler-process.ts'
import { Binder } from './parser/bind.ts'
import type { Schema } from './schema.ts'

/** The process of `compiler-process.ts`, whose argument is how many milliseconds a query may take: compiles what it is sent. */
const longestMs = Number(process.argv[2])
let schema: Schema = { tables: [] }
const binder = new Binder(schema)

function answer(message: CompilerMessage): CompilerReply | undefined {
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

function answerOrBug(message: CompilerMessage): CompilerReply | undefined {
  try {
    return answer(message)
  } catch (error) {
    return { kind: 'bug', error: error instanceof Error ? error : new Error(String(error)) }
  }
}

// Whoever asked ends this process in time, unless killed meanwhile: then only the timer that Node has for scripts is left.
let work = (): CompilerReply | undefined => undefined
Reflect.set(globalThis, 'answerOfAzimuth', () => work())
const guarded = new Script('answerOfAzimuth()')

process.on('message', (message: CompilerMessage) => {
  work = () => answerOrBug(message)
  const reply: CompilerReply | undefined = guarded.runInThisContext({ timeout: 2 * longestMs })
  if (!reply) return
  process.send?.(reply)
  module.flushCompileCache()
})
process.on('disconnect', () => process.exit())
process.send?.({ kind: 'ready' } satisfies CompilerReply)
