import { displayWidth, fitWidth } from './display-width.ts'
import type { Sink } from './terminal.ts'
import { visible } from './visible.ts'

/** A problem in a query text; `span` counts UTF-16 units from the start of the text. */
export type Diagnostic = {
  readonly code: string
  readonly message: string
  readonly severity?: 'error' | 'warning'
  readonly span?: { readonly start: number; readonly length: number } | undefined
  readonly hint?: string | undefined
}

/** Prints a problem with the line it is in and the token underlined. */
export function diagnosticText(sink: Sink, text: string, diagnostic: Diagnostic): string {
  const { code, message, severity = 'error', span, hint } = diagnostic
  const colour = severity === 'error' ? 'red' : 'yellow'
  const lines = [
    `${sink.paint(['bold', colour], severity)} ${visible(message)} ${sink.paint('dim', `[${code}]`)}`,
  ]
  if (span !== undefined) lines.push(...underlined(sink, text, span))
  if (hint !== undefined) lines.push(`  ${sink.paint('cyan', 'next')} ${visible(hint)}`)
  return `${lines.join('\n')}\n`
}

function underlined(
  sink: Sink,
  text: string,
  span: { readonly start: number; readonly length: number },
): readonly string[] {
  const start = Math.min(Math.max(span.start, 0), text.length)
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const lineBreak = text.indexOf('\n', start)
  const lineEnd = lineBreak === -1 ? text.length : lineBreak
  const end = Math.min(start + Math.max(span.length, 0), lineEnd)
  const gutter = `  ${text.slice(0, lineStart).split('\n').length}:${start - lineStart + 1} `
  const room = sink.columns - gutter.length - 1
  const isLong = displayWidth(text.slice(lineStart, end)) > room
  const from = isLong ? Math.max(lineStart, start - 20) : lineStart
  const before = `${from > lineStart ? '…' : ''}${visible(text.slice(from, start))}`
  const token = visible(text.slice(start, end))
  const line = `${before}${token}${visible(text.slice(end, lineEnd))}`
  const marks = Math.max(1, Math.min(displayWidth(token), room - displayWidth(before)))
  return [
    `${sink.paint('dim', gutter)}${fitWidth(line, room)}`,
    `${' '.repeat(gutter.length + displayWidth(before))}${sink.paint('red', '^'.repeat(marks))}`,
  ]
}
