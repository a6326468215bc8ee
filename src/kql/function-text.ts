/** A function as a file writes it: parameters with their brackets, and the body without its braces. */
export interface FunctionText {
  readonly parameters: string
  readonly body: string
  /** Where the declaration, or the body where there is no other, begins in the file. */
  readonly start: number
}

const head =
  /^(?:\s|\/\/[^\n]*(?:\n|$))*(?:\.(?:create-or-alter|create|alter)\s+function\s+(?:with\s*\([^)]*\)\s*)?(?:ifnotexists\s+)?(?:\w+|\[(?:"[^"]*"|'[^']*')\])\s*|let\s+\w+\s*=\s*)?(?=\()/

/**
 * Reads a stored function's file: `(days: int = 7) { … }`, the same behind `let Name =` or `.create function Name`, or a
 * query, which is a function without parameters.
 */
export function parseFunctionText(text: string): FunctionText {
  const query = { parameters: '()', body: text, start: 0 }
  const start = head.exec(text)?.[0].length
  if (start === undefined) return query
  const afterParameters = closing(text, start)
  if (afterParameters === undefined) return query
  const brace = afterParameters + (/^\s*/.exec(text.slice(afterParameters))?.[0].length ?? 0)
  const end = text[brace] === '{' ? closing(text, brace) : undefined
  // What follows the braces would make it a query that begins with a function of its own.
  if (end === undefined || !/^(?:\s|;|\/\/[^\n]*(?:\n|$))*$/.test(text.slice(end))) return query
  return { parameters: text.slice(start, afterParameters), body: text.slice(brace + 1, end - 1), start }
}

const token =
  /@"(?:[^"]|"")*"|@'(?:[^']|'')*'|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|```[^]*?```|\/\/[^\n]*|[()[\]{}]/g

/** The place after the bracket that closes the one at a place; brackets in texts and comments do not count. */
function closing(text: string, start: number): number | undefined {
  let depth = 0
  for (const { 0: found, index } of text.slice(start).matchAll(token)) {
    if (/^[([{]$/.test(found)) depth += 1
    else if (/^[)\]}]$/.test(found)) depth -= 1
    else continue
    if (depth === 0) return start + index + 1
  }
  return undefined
}
