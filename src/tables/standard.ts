import { column, repeated } from './declare.ts'
import { all, any, has, hasKey, not, oneOf, type Condition } from './condition.ts'
import type { Column } from './types.ts'
import { at, caseTenantId, constant, first, lower, segment, type Value } from './value.ts'

/** What Azure's resource-log envelope says, whatever the category. */
export const envelope = {
  time: first(
    at('time'),
    at('timeStamp'),
    at('properties', 'createdDateTime'),
    at('properties', 'activityDateTime'),
    at('EventTimeString'),
    at('createdDateTime'),
    at('activityDateTime'),
  ),
  tenantId: first(at('tenantId'), at('properties', 'tenantId')),
  level: first(at('level'), at('Level')),
} as const

/** Where a shape finds what every table has. */
export interface StandardSources {
  readonly time: Value
  readonly resourceId?: Value
  readonly sourceSystem?: string
}

/** The columns that every Log Analytics table has. */
export function standardColumns(name: string, shapes: Readonly<Record<string, StandardSources>>): Column[] {
  const from = (pick: (sources: StandardSources) => Value | undefined): Record<string, Value> => {
    const values: Record<string, Value> = {}
    for (const [shape, sources] of Object.entries(shapes)) {
      const value = pick(sources)
      if (value !== undefined) values[shape] = value
    }
    return values
  }
  const resource = (wrap: (value: Value) => Value): Record<string, Value> =>
    from((sources) => (sources.resourceId === undefined ? undefined : wrap(sources.resourceId)))
  return [
    repeated(
      'TenantId',
      'string',
      'Workspace the row was exported from; for other evidence a GUID of the case.',
      {
        ...from(() => caseTenantId),
        logAnalytics: first(at('TenantId'), caseTenantId),
      },
    ),
    column('TimeGenerated', 'datetime', 'When the event happened, by its source, in UTC.', {
      ...from((sources) => sources.time),
    }),
    repeated('Type', 'string', 'Name of this table.', {
      ...from(() => constant(name)),
      logAnalytics: constant(name),
    }),
    repeated('SourceSystem', 'string', 'What collected the event.', {
      ...from((sources) => constant(sources.sourceSystem ?? 'Azure')),
    }),
    repeated('_ResourceId', 'string', 'Resource that the event is about, in lower case.', {
      ...resource((value) => lower(value)),
      logAnalytics: lower(first(at('_ResourceId'), at('ResourceId'))),
    }),
    repeated('_SubscriptionId', 'string', 'Subscription of that resource, in lower case.', {
      ...resource((value) => lower(segment(value, 'subscriptions'))),
      logAnalytics: lower(
        first(
          at('_SubscriptionId'),
          at('SubscriptionId'),
          segment(first(at('_ResourceId'), at('ResourceId')), 'subscriptions'),
        ),
      ),
    }),
    column('_BilledSize', 'real', 'Size that the workspace billed for the row, in bytes.'),
    repeated('_IsBillable', 'string', 'Whether the workspace billed for the row.'),
  ]
}

/** A record in Azure's resource-log envelope: not an export of a table, not another layout of the Activity Log. */
export const isEnvelope: Condition = all(
  not(hasKey('TimeGenerated')),
  not(hasKey('TimeGenerated [UTC]')),
  not(hasKey('eventTimestamp')),
  not(hasKey('EventTimestamp')),
  not(hasKey('event_timestamp')),
  any(has('resourceId'), has('operationName')),
)

/** An envelope of one of these categories, in lower case. */
export function isCategory(...categories: readonly string[]): Condition {
  return all(oneOf(['category'], ...categories), isEnvelope)
}

/** A row exported from Log Analytics, told by its `Type` or, where that was left out, by columns of its own. */
export function isExport(name: string, signature: Condition): Condition {
  const word = name.toLowerCase()
  return all(
    hasKey('TimeGenerated'),
    any(
      oneOf(['Type'], word),
      all(not(has('Type')), oneOf(['$table'], word)),
      all(not(has('Type')), not(has('$table')), signature),
    ),
  )
}
