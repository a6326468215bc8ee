import type { Rule, Trigger } from './rule.ts'

/** Whether a run with so many rows is an alert. */
export function isTriggered({ operator, threshold }: Trigger, rows: number): boolean {
  switch (operator) {
    case 'gt':
      return rows > threshold
    case 'lt':
      return rows < threshold
    case 'eq':
      return rows === threshold
    case 'ne':
      return rows !== threshold
    default:
      return operator
  }
}

/** How many alerts a run with so many rows gives. */
export function alertsOf({ trigger, grouping }: Rule, rows: number): number {
  if (!isTriggered(trigger, rows)) return 0
  return grouping === 'run' ? 1 : rows
}
