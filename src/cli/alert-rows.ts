import type { Alert } from '../hunt/alert.ts'
import { entityText } from './hunt-json.ts'

/** The columns of a list of alerts. */
export const alertColumns = ['Id', 'Level', 'Start', 'End', 'Title', 'Entities', 'Records', 'Evidence'].map(
  (name) => ({
    name,
    type: name === 'Records' ? 'long' : 'string',
  }),
)

/** An alert as a row of a list. */
export function alertRow(alert: Alert): readonly unknown[] {
  const [first] = alert.evidence
  return [
    alert.id,
    alert.level,
    alert.start,
    alert.end,
    alert.title,
    alert.entities.map((entity) => entityText(entity)).join(', '),
    alert.count,
    first ? `${first.evidenceId}:${first.record}:${first.ordinal}` : '',
  ]
}
