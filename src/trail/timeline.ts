import { recordName, type Values } from '../case/rows.ts'
import { events } from './events.ts'

/** What a timeline shows: all, or what bears on one entity, from a time to a time (exclusive). */
export interface TimelineRequest {
  /** An identity's id or name, an address, a resource, a token or a session. */
  readonly entity?: string
  readonly since?: Date
  readonly until?: Date
}

/** A question whose rows are the timeline, by time, and the values of its parameters. */
export interface TimelineQuestion {
  readonly kql: string
  readonly values: Values
}

/** Makes the question of a timeline; ask it as any other, so that rows are streamed. */
export function timelineQuestion({ entity, since, until }: TimelineRequest): TimelineQuestion {
  return {
    kql: timelineQuery,
    values: {
      entity: entity ?? '',
      since: (since ?? new Date(0)).toISOString(),
      until: (until ?? new Date('9999-01-01T00:00:00Z')).toISOString(),
    },
  }
}

const timelineQuery = `
declare query_parameters(entity: string, since: string, until: string);
${events}
union Events,
  (SecurityAlert | project TimeGenerated = coalesce(StartTime, TimeGenerated), SourceTable = 'SecurityAlert', Kind = 'alert', Who = '', WhoName = CompromisedEntity,
    Address = '', Client = ProductName, UserAgent = '', Token = '', Session = '', Reference = SystemAlertId, What = coalesce(DisplayName, AlertName),
    Target = ResourceId, Result = AlertSeverity, IsDone = true, Device = '', Place = '', Credential = '', Policies = Entities,
    Record = ${recordName("'SecurityAlert'")})
| where TimeGenerated >= todatetime(since) and TimeGenerated < todatetime(until)
| where isempty(entity) or Who =~ entity or WhoName =~ entity or Address =~ entity or Target =~ entity or Target endswith strcat('/', entity)
    or Token == entity or Session == entity or Reference =~ entity or (Kind == 'alert' and Policies has entity)
| project TimeGenerated, Kind, Who = iff(isempty(WhoName), Who, WhoName), Address, What, Target, Result, Client, UserAgent, Device, Place,
    Token, Session, SourceTable, Record
| sort by TimeGenerated asc, SourceTable asc, Record asc`
