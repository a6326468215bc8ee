import type { Token } from './identity.ts'
import type { Random } from './random.ts'
import type { AuditEvent, AuditTarget } from './sources/audit.ts'
import type { GraphEvent } from './sources/graph.ts'
import type { World } from './world.ts'

/** A change in the directory. */
export function changeDirectory(
  world: World,
  random: Random,
  change: Pick<AuditEvent, 'time' | 'activity' | 'category' | 'operationType' | 'actor' | 'address'> & {
    readonly service?: AuditEvent['service']
    readonly targets: readonly AuditTarget[]
    readonly mark?: string | undefined
    readonly late?: boolean
  },
): void {
  const { mark, late, ...fields } = change
  const correlationId = random.guid()
  const id = `Directory_${correlationId}_${random.hex(5).toUpperCase()}_${random.between(10_000_000, 99_999_999)}`
  world.recorder.audit(
    { ...fields, id, correlationId, service: change.service ?? 'Core Directory' },
    mark,
    late,
  )
}

/** A target of a directory change, with one property changed. */
export function auditTarget(
  target: Pick<AuditTarget, 'id' | 'displayName' | 'type' | 'userPrincipalName'>,
  property: string,
  oldValue: unknown,
  newValue: unknown,
): AuditTarget {
  return {
    ...target,
    modifiedProperties: [
      {
        displayName: property,
        oldValue: oldValue === null ? null : JSON.stringify(oldValue),
        newValue: JSON.stringify(newValue),
      },
      { displayName: 'Included Updated Properties', oldValue: null, newValue: JSON.stringify(property) },
    ],
  }
}

/** A call to Microsoft Graph. */
export function callGraph(
  world: World,
  random: Random,
  time: number,
  token: Token,
  path: string,
  options: {
    readonly method?: GraphEvent['method']
    readonly status?: number
    readonly scopes?: string
    readonly mark?: string | undefined
  } = {},
): void {
  const event = {
    time,
    requestId: random.guid(),
    clientRequestId: random.guid(),
    token,
    method: options.method ?? 'GET',
    path,
    status: options.status ?? 200,
    durationMs: random.between(20, 400),
    responseBytes: random.between(400, 9000),
    scopes: options.scopes ?? 'Directory.Read.All User.Read.All',
  }
  world.recorder.graph(event, options.mark)
}
