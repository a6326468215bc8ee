import { openAsker, type Asker } from '../ask.ts'
import type { Schema } from '../../src/kql/schema.ts'
import { sql } from '../../src/sql/template.ts'
import { eventsTable } from './events-world.ts'
import type { Event } from './interpreter.ts'

const schema: Schema = {
  tables: [
    {
      name: 'Events',
      database: 'logs',
      source: 'Events',
      columns: eventsTable.columns.map((column) => ({ ...column })),
    },
  ],
}

/** An engine that holds these events. */
export async function eventsAsker(events: readonly Event[]): Promise<Asker> {
  const asker = await openAsker(schema)
  await asker.command(sql`CREATE TABLE logs.Events (Id Nullable(Int64), TimeGenerated DateTime64(7, 'UTC'), Caller String,
    City String, Address String, Size Nullable(Int64), At Nullable(DateTime64(7, 'UTC')), DeviceDetail String,
    TargetResources String, AuthenticationDetails String, Extra String) ENGINE = MergeTree ORDER BY TimeGenerated`)
  const lines = events.map((event) => JSON.stringify(stored(event))).join('\n')
  await asker.command(sql`INSERT INTO logs.Events SELECT
      JSONExtract(line, 'Id', 'Nullable(Int64)'), parseDateTime64BestEffort(JSONExtractString(line, 'TimeGenerated'), 7, 'UTC'),
      JSONExtractString(line, 'Caller'), JSONExtractString(line, 'City'), JSONExtractString(line, 'Address'),
      JSONExtract(line, 'Size', 'Nullable(Int64)'), parseDateTime64BestEffortOrNull(JSONExtractString(line, 'At'), 7, 'UTC'),
      JSONExtractString(line, 'DeviceDetail'), JSONExtractString(line, 'TargetResources'),
      JSONExtractString(line, 'AuthenticationDetails'), JSONExtractString(line, 'Extra')
    FROM (SELECT arrayJoin(splitByChar('\n', ${lines})) AS line)`)
  return asker
}

/** Dynamic columns as JSON text. */
function stored(event: Event): Event {
  return Object.fromEntries(
    Object.entries(event).map(([key, value]) => [
      key,
      typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
    ]),
  )
}
