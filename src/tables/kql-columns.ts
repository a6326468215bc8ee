import { provenanceColumns } from './create.ts'
import type { KqlType, Table } from './types.ts'

/** A column as a query sees it: `ColumnSchema` of the room that reads KQL. */
export interface KqlColumn {
  readonly name: string
  readonly type: KqlType
  readonly hidden?: boolean
  readonly terms?: true
}

/** The columns of a table as queries see them: Log Analytics' own, then the hidden ones that name the evidence. */
export function kqlColumns(table: Table): KqlColumn[] {
  const visible = table.columns
    .filter((column) => column.internal !== true)
    .map(({ name, type }): KqlColumn => ({
      name,
      type,
      ...(table.search?.[name] === 'terms' && { terms: true }),
    }))
  const evidence = provenanceColumns
    .filter(([name]) => name.startsWith('_Evidence'))
    .map(([name]): KqlColumn => ({ name, type: name === '_EvidenceId' ? 'string' : 'long', hidden: true }))
  return [...visible, ...evidence]
}
