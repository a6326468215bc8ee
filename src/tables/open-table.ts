import { all, any, has, hasKey, is, not } from './condition.ts'
import { bagColumn, byHour, byTime, table } from './declare.ts'
import { openTypes } from './open-types.ts'
import { standardColumns } from './standard.ts'
import type { Column, Table } from './types.ts'
import { bag } from './value.ts'

const baseNames = ['TimeGenerated', 'TenantId', 'Type', '_ResourceId', '_SubscriptionId']

const openBag = bag('columns', [...baseNames, '$table'])

function isBase(column: Column): boolean {
  return baseNames.includes(column.name)
}

/** Names that a table which we do not declare may bear. */
export const openTableName = /^[A-Za-z_]\w{0,127}$/

/**
 * The table of a Log Analytics export that no declaration of ours is about: its columns lie in `_Bag`, typed where the
 * table is known.
 */
export function openTable(name: string): Table {
  if (!openTableName.test(name)) throw new Error(`not a table name: ${name}`)
  return table({
    name,
    doc: 'A table exported from Log Analytics, with its own columns.',
    columns: [...standardColumns(name, {}).filter(isBase), bagColumn({ logAnalytics: openBag })],
    shapes: [
      {
        name: 'logAnalytics',
        doc: `${name} exported from Log Analytics`,
        form: 'logAnalytics',
        csv: true,
        richness: 50,
        when: all(
          hasKey('TimeGenerated'),
          any(is(['Type'], name), all(not(has('Type')), is(['$table'], name))),
        ),
      },
    ],
    sortKey: [byHour, byTime],
    identity: { kind: 'unkeyed' },
    open: { types: openTypes[name] ?? {} },
  })
}
