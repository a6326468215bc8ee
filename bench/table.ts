/** Prints rows of text as a Markdown table; all but the first two columns to the right. */
export function printTable(rows: readonly Readonly<Record<string, string>>[]): void {
  const names = Object.keys(rows[0] ?? {})
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => (row[name] ?? '').length)))
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const pad = (text: string, index: number): string =>
    index < 2 ? text.padEnd(widths[index] ?? 0) : text.padStart(widths[index] ?? 0)
  console.log(line(names.map(pad)))
  console.log(
    line(widths.map((width, index) => '-'.repeat(width - (index < 2 ? 0 : 1)) + (index < 2 ? '' : ':'))),
  )
  for (const row of rows) console.log(line(names.map((name, index) => pad(row[name] ?? '', index))))
}
