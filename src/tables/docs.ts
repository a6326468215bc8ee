import { assertNever } from '../error.ts'
import { openTypes } from './open-types.ts'
import { tables } from './tables.ts'
import type { Column, KeyPart, KqlType, Table } from './types.ts'

/** `docs/tables.md`: every table, what it holds, the layouts it is read from, its columns. */
export function renderTablesDoc(): string {
  const blocks = [
    '# Tables',
    'Generated from the declarations in `src/tables/`; do not edit.',
    'Names and types are those of Log Analytics. `string` columns are never null; a `dynamic` column holds JSON.',
    provenance,
    '## In short',
    rows([
      ['Table', 'What it holds'],
      ...tables.map((table) => [link(table.name), table.doc]),
      [
        link('Other tables'),
        'Any other export of Log Analytics, under its own name and with its own columns.',
      ],
    ]),
    ...tables.flatMap((table) => describe(table)),
    '## Other tables',
    otherTables,
    list(Object.entries(openTypes).map(([name, types]) => `**${name}**: ${typed(types)}`)),
  ]
  return blocks.join('\n\n') + '\n'
}

const provenance = `Every row knows its evidence. A query sees \`_EvidenceId\` (SHA-256 of the file), \`_EvidenceRecord\` (the record's
number in it) and \`_EvidenceOrdinal\` (the element's number in the record, 0 where a record is one row) if its text names one of them.`

const otherTables = `A row of an export names its table in \`Type\`. These are known by the types of their columns, of others the types are
those of the values:`

function describe(table: Table): string[] {
  const visible = table.columns.filter((column) => column.internal !== true)
  return [
    `## ${table.name}`,
    table.doc,
    'Read from:',
    list(table.shapes.map((shape) => `\`${shape.name}\`: ${shape.doc}`)),
    identity(table),
    rows([
      ['Column', 'Type', 'What it says', 'Filled from'],
      ...visible.map((column) => [column.name, column.type, column.doc, sources(table, column)]),
    ]),
    ...(table.open === undefined ? [] : [`Columns that many workspaces have: ${typed(table.open.types)}.`]),
  ]
}

function identity(table: Table): string {
  switch (table.identity.kind) {
    case 'keyed':
      return `One row an event, told by ${table.identity.key.map((part) => keyWord(part)).join(', ')}.`
    case 'unkeyed':
      return 'Records have no key: equal records count as often as the export that has most of them.'
    case 'record':
      return 'A tuple is told by its record (log, MAC address, time and content) and its place in it.'
    default:
      return assertNever(table.identity)
  }
}

function keyWord(part: KeyPart): string {
  const unit = {
    exact: '',
    lower: '',
    status: '',
    hour: ' (hour)',
    millisecond: ' (millisecond)',
    second: ' (second)',
  }[part.as]
  return `\`${part.column}\`${unit}`
}

function sources(table: Table, column: Column): string {
  const names = Object.keys(column.from).filter((name) => table.shapes.some((shape) => shape.name === name))
  if (names.length === 0) return 'flow tuples'
  return names.length === table.shapes.length ? 'all' : names.join(', ')
}

function link(heading: string): string {
  return `[${heading}](#${heading.toLowerCase().replaceAll(' ', '-')})`
}

function typed(types: Readonly<Record<string, KqlType>>): string {
  return Object.entries(types)
    .map(([column, type]) => `${column} ${type}`)
    .join(', ')
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n')
}

function rows([head = [], ...body]: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
