import { sql, type Sql } from '../sql/template.ts'

/**
 * The ledger's tables, in a database of their own that the reader cannot see.
 * `Batches` holds one row a state that a batch reached; its state is the highest.
 */
export const ledgerTables: readonly Sql[] = [
  sql`CREATE DATABASE IF NOT EXISTS ledger`,
  sql`CREATE DATABASE IF NOT EXISTS logs`,
  sql`CREATE TABLE IF NOT EXISTS ledger.Batches (
    batch UInt32, state UInt8, run UInt32, tables Array(LowCardinality(String)), at DateTime64(3, 'UTC')
  ) ENGINE = MergeTree ORDER BY (batch, state)`,
  sql`CREATE TABLE IF NOT EXISTS ledger.Evidence (
    evidence String, sizeBytes UInt64, content String, unit LowCardinality(String), records UInt64, shapes Array(LowCardinality(String)), batch UInt32
  ) ENGINE = MergeTree ORDER BY (evidence, batch)`,
  sql`CREATE TABLE IF NOT EXISTS ledger.Sources (
    run UInt32, position UInt64, path String, file String, location String, evidence String, sizeBytes UInt64, archive String,
    state LowCardinality(String), reason String, at DateTime64(3, 'UTC')
  ) ENGINE = MergeTree ORDER BY (run, position)`,
  sql`CREATE TABLE IF NOT EXISTS ledger.Quarantine (
    evidence String, record UInt64, ordinal UInt32, records UInt32, reason LowCardinality(String), message String, text String, offsetBytes Nullable(UInt64), lengthBytes UInt64,
    shape LowCardinality(String), batch UInt32
  ) ENGINE = MergeTree ORDER BY (evidence, record, ordinal)`,
  sql`CREATE TABLE IF NOT EXISTS ledger.Sightings (
    table LowCardinality(String), identity UInt64, evidence String, record UInt64, ordinal UInt32, rank UInt16,
    records UInt32, rowHash UInt64, fields String, batch UInt32
  ) ENGINE = ReplacingMergeTree ORDER BY (table, identity, evidence, record, ordinal)`,
  sql`CREATE TABLE IF NOT EXISTS ledger.FlowRecords (
    identity UInt64, evidence String, record UInt64, tuples UInt32, firstTime DateTime64(7, 'UTC'), lastTime DateTime64(7, 'UTC'), batch UInt32
  ) ENGINE = MergeTree ORDER BY (firstTime, identity)`,
  sql`CREATE TABLE IF NOT EXISTS ledger.OpenColumns (
    table LowCardinality(String), column String, type LowCardinality(String), batch UInt32
  ) ENGINE = ReplacingMergeTree ORDER BY (table, column, type, batch)`,
]

/** Tables whose rows belong to a batch and go with it when it is undone. */
export const batchedLedgerTables = [
  'Evidence',
  'Quarantine',
  'Sightings',
  'FlowRecords',
  'OpenColumns',
] as const
