import type { TableDefinition } from '../sql/table-definition.ts'
import { sql, type Sql } from '../sql/template.ts'

function ledgerTable(
  name: string,
  columns: Sql,
  orderBy: Sql,
  shardBy: Sql,
  replacing?: true,
): TableDefinition {
  return { database: 'ledger', name, columns, orderBy, shardBy, ...(replacing && { replacing }) }
}

const byEvidence = sql`sipHash64(evidence)`

/**
 * The ledger's tables, in a database of their own that the reader cannot see.
 * `Batches` holds one row a state that a batch reached; its state is the highest. What is settled by identity lies on
 * the shard of its rows.
 */
export const ledgerTables: readonly TableDefinition[] = [
  ledgerTable(
    'Batches',
    sql`batch UInt32, state UInt8, run UInt32, tables Array(LowCardinality(String)), at DateTime64(3, 'UTC')`,
    sql`(batch, state)`,
    sql`batch`,
  ),
  ledgerTable(
    'Evidence',
    sql`evidence String, sizeBytes UInt64, content String, unit LowCardinality(String), records UInt64,
      shapes Array(LowCardinality(String)), batch UInt32`,
    sql`(evidence, batch)`,
    byEvidence,
  ),
  ledgerTable(
    'Sources',
    sql`run UInt32, position UInt64, path String, file String, location String, evidence String, sizeBytes UInt64,
      archive String, state LowCardinality(String), reason String, at DateTime64(3, 'UTC')`,
    sql`(run, position)`,
    byEvidence,
  ),
  ledgerTable(
    'Quarantine',
    sql`evidence String, record UInt64, ordinal UInt32, records UInt32, reason LowCardinality(String), message String,
      text String, offsetBytes Nullable(UInt64), lengthBytes UInt64, shape LowCardinality(String), batch UInt32`,
    sql`(evidence, record, ordinal)`,
    byEvidence,
  ),
  ledgerTable(
    'Sightings',
    sql`table LowCardinality(String), identity UInt64, evidence String, record UInt64, ordinal UInt32, rank UInt16,
      records UInt32, rowHash UInt64, fields String, batch UInt32`,
    sql`(table, identity, evidence, record, ordinal)`,
    sql`identity`,
    true,
  ),
  ledgerTable(
    'FlowRecords',
    sql`identity UInt64, evidence String, record UInt64, tuples UInt32, firstTime DateTime64(7, 'UTC'),
      lastTime DateTime64(7, 'UTC'), batch UInt32`,
    sql`(firstTime, identity)`,
    sql`identity`,
  ),
  ledgerTable(
    'OpenColumns',
    sql`table LowCardinality(String), column String, type LowCardinality(String), batch UInt32`,
    sql`(table, column, type, batch)`,
    sql`sipHash64(table)`,
    true,
  ),
]

/** Tables whose rows belong to a batch and go with it when it is undone. */
export const batchedLedgerTables = [
  'Evidence',
  'Quarantine',
  'Sightings',
  'FlowRecords',
  'OpenColumns',
] as const
