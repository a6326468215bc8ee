import type { Cell } from '../kql/cells.ts'
import type { Column } from '../kql/plan.ts'
import type { Entity } from './alert.ts'
import type { EntityMapping, Rule } from './rule.ts'

/** Sentinel's entity types as they stand in alerts, by the names that rules use. */
const alertTypes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    account: 'account',
    azureresource: 'azure-resource',
    cloudapplication: 'cloud-application',
    dns: 'dns',
    file: 'file',
    filehash: 'filehash',
    host: 'host',
    ip: 'ip',
    iotdevice: 'iotdevice',
    mailbox: 'mailbox',
    mailcluster: 'mailCluster',
    mailmessage: 'mailMessage',
    malware: 'malware',
    process: 'process',
    registrykey: 'registry-key',
    registryvalue: 'registry-value',
    securitygroup: 'security-group',
    submissionmail: 'SubmissionMail',
    url: 'url',
  }),
)

const mostEntities = 50
const longestValue = 1000

/** The entities of a row: one for each mapping whose columns have values, and for each value of a list. */
export function entitiesOf(
  rule: Rule,
  columns: readonly Column[],
  cells: readonly Cell[],
): readonly Entity[] {
  const found = rule.entities.flatMap((mapping) => entitiesFor(mapping, columns, cells))
  const distinct = new Map(found.map((entity) => [JSON.stringify(entity), entity]))
  return [...distinct.values()].slice(0, mostEntities)
}

function entitiesFor(
  mapping: EntityMapping,
  columns: readonly Column[],
  cells: readonly Cell[],
): readonly Entity[] {
  const type = alertTypes.get(mapping.type.toLowerCase()) ?? mapping.type.slice(0, 100)
  const fields = mapping.fields.map(({ identifier, column }) => ({
    identifier: identifier.slice(0, 100),
    values: textsOf(cellOf(columns, cells, column)),
  }))
  const many = fields.length === 1 ? (fields[0]?.values.length ?? 0) : 1
  return Array.from({ length: many }, (_, index) => {
    const named = fields.flatMap(({ identifier, values }) => {
      const value = values[index]
      return value === undefined || value === '' ? [] : [[identifier, value.slice(0, longestValue)] as const]
    })
    return { Type: type, ...Object.fromEntries(named) }
  }).filter((entity) => Object.keys(entity).length > 1)
}

/** The value of a column; nothing where the result has none of that name. */
export function cellOf(columns: readonly Column[], cells: readonly Cell[], name: string): Cell {
  const index = columns.findIndex((column) => column.name === name)
  return index < 0 ? null : (cells[index] ?? null)
}

/** A value as texts: one, or those of a list. */
export function textsOf(cell: Cell): readonly string[] {
  if (cell === null) return []
  if (Array.isArray(cell)) return cell.map((item) => textOf(item)).slice(0, mostEntities)
  return [textOf(cell)]
}

/** A value as text: JSON where it has a structure. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : `${value as string | number | boolean}`
}
