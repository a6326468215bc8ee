import type { Compiler } from '../kql/compile.ts'
import { spanOf, type Diagnostic } from '../kql/diagnostic.ts'
import { parseFunctionText } from '../kql/function-text.ts'
import type { Schema } from '../kql/schema.ts'
import { requireFunction, storeFunction } from './stored-functions.ts'

/** Keeps a function in a case where its text is sound; else gives the problems, placed in the text. */
export async function addFunction(
  loadCompiler: () => Promise<Compiler>,
  schema: Schema,
  caseFolder: string,
  name: string,
  text: string,
): Promise<readonly Diagnostic[]> {
  requireFunction(
    name,
    text,
    schema.tables.map((table) => table.name),
  )
  const compiler = await loadCompiler()
  // Without what it replaces, so that a function cannot come to call itself.
  compiler.setSchema({
    ...schema,
    functions: (schema.functions ?? []).filter((other) => other.name !== name),
  })
  const { parameters, body, start } = parseFunctionText(text)
  // Without parameters the body is a query and can be compiled whole; of another only the official binder's word is had.
  const isQuery = parameters.replaceAll(/[()\s]/g, '') === ''
  const [before, after] = isQuery ? ['', ''] : [`let ${name} = ${parameters} {`, '\n};\nprint 1']
  const compiled = await compiler.compile(`${before}${body}${after}`, { compileOnly: true })
  const shift = text.indexOf(body, start) - before.length
  const problems = compiled.diagnostics
    .filter(({ severity }) => severity === 'error')
    .map((problem) => ({ ...problem, span: moved(text, problem.span, shift) }))
  if (problems.length === 0) await storeFunction(caseFolder, name, text)
  return problems
}

function moved(text: string, span: Diagnostic['span'], shift: number): Diagnostic['span'] {
  const start = span.start + shift
  return spanOf(text, { start, end: start + span.length })
}
