import type { AnswerTable } from '../case/ask.ts'
import { jsonText } from './json-cell.ts'
import { writeRows, type OutputOptions, type QueryFormat } from './output.ts'
import { writeChart } from './output-chart.ts'
import type { Terminal } from './terminal.ts'
import { visible } from './visible.ts'

type TablesOptions = Omit<OutputOptions, 'output' | 'table'> & { readonly output: QueryFormat }

/**
 * Writes the tables of an answer that has several, and returns how many rows there were. JSON is an array of
 * `{table, name, columns, rows}`, NDJSON has `{table, name, row}` a line; in CSV each table has a heading of its own, and
 * an empty line stands between two.
 */
export async function writeTables(
  terminal: Terminal,
  tables: AsyncIterable<AnswerTable>,
  options: TablesOptions,
): Promise<number> {
  const { out } = terminal
  let number = 0
  let count = 0
  for await (const table of tables) {
    number += 1
    await out.write(headingOf(number, table, terminal, options.output))
    count += await writeTable(terminal, number, table, options)
    if (options.output === 'json') await out.write('}')
  }
  if (options.output === 'json') await out.write('\n]\n')
  return count
}

async function writeTable(
  terminal: Terminal,
  number: number,
  answer: AnswerTable,
  { output, ...options }: TablesOptions,
): Promise<number> {
  if (output === 'chart') return await writeChart(terminal, answer)
  const table = { number, name: answer.name }
  return await writeRows(terminal, answer.columns, answer.rows, { ...options, output, table })
}

/** What stands before a table. */
function headingOf(number: number, table: AnswerTable, { out }: Terminal, output: QueryFormat): string {
  const { name, columns } = table
  const isFirst = number === 1
  switch (output) {
    case 'json': {
      const types = columns.map((column) => ({ name: column.name, type: column.type }))
      const begin = jsonText({ table: number, name: name ?? null, columns: types }).slice(0, -1)
      return `${isFirst ? '[' : ','}\n${begin},"rows":`
    }
    case 'csv':
      return isFirst ? '' : '\r\n'
    case 'ndjson':
      return ''
    default: {
      const title = name === undefined ? `Table ${number}` : `Table ${number}: ${visible(name)}`
      return `${isFirst ? '' : '\n'}${out.paint('dim', title)}\n`
    }
  }
}
