import type { Token } from './identity.ts'
import type { Random } from './random.ts'
import type { ActivityEvent } from './sources/activity.ts'
import type { VaultEvent } from './sources/key-vault.ts'
import { secondMs } from './time.ts'
import type { World } from './world.ts'

export interface ArmCall {
  readonly time: number
  readonly token: Token | undefined
  readonly operation: string
  readonly title: string
  readonly resourceId: string
  readonly role?: string
  /** Written before the end, for calls that take long. */
  readonly accepted?: boolean
  readonly failed?: boolean
  readonly subStatus?: string
  readonly durationMs?: number
  readonly properties?: Readonly<Record<string, string>>
  readonly correlationId?: string
  readonly mark?: string | undefined
}

/** A call to Azure Resource Manager: its start and its end, and between them its acceptance if it is a long one. */
export function callArm(world: World, random: Random, call: ArmCall): string {
  const [, , subscription = '', , group = ''] = call.resourceId.split('/')
  const correlationId = call.correlationId ?? random.guid()
  const durationMs = call.durationMs ?? random.between(60, 900)
  const shared = {
    operation: call.operation,
    title: call.title,
    category: 'Administrative' as const,
    resourceId: call.resourceId,
    subscription,
    resourceGroup: group,
    correlationId,
    operationId: random.guid(),
    token: call.token,
    role: call.role ?? 'Contributor',
  }
  const emit = (
    time: number,
    status: ActivityEvent['status'],
    subStatus: string,
    duration: number,
    properties: Readonly<Record<string, string>>,
  ): void => {
    const level = status === 'Failure' ? 'Error' : 'Information'
    const event = {
      ...shared,
      time,
      status,
      subStatus,
      level,
      durationMs: duration,
      properties,
      eventDataId: random.guid(),
    } as const
    world.recorder.activity(event, call.mark)
  }
  emit(call.time, 'Start', '', 0, call.properties ?? {})
  if (call.accepted === true) {
    emit(call.time + Math.floor(durationMs / 3), 'Accept', 'Created', Math.floor(durationMs / 3), {
      statusCode: 'Created',
      serviceRequestId: random.guid(),
    })
  }
  const subStatus = call.subStatus ?? (call.failed === true ? 'Forbidden' : 'OK')
  const status = call.failed === true ? 'Failure' : 'Success'
  emit(call.time + durationMs, status, subStatus, durationMs, {
    statusCode: subStatus,
    serviceRequestId: random.guid(),
  })
  return correlationId
}

/** A Key Vault request; `challenged` puts the refused first request before it that every client makes. */
export function callVault(
  world: World,
  random: Random,
  time: number,
  token: Token,
  operation: VaultEvent['operation'],
  object: string,
  options: {
    readonly address?: string
    readonly clientInfo?: string
    readonly challenged?: boolean
    readonly statusCode?: 200 | 403
    readonly mark?: string | undefined
  } = {},
): void {
  const shared = {
    vault: world.tenant.vault,
    operation,
    address: options.address ?? token.address.ip,
    clientInfo: options.clientInfo ?? token.agent,
    object,
  }
  if (options.challenged === true) {
    world.recorder.vault({
      ...shared,
      time: time - random.between(40, 90),
      statusCode: 401,
      correlationId: random.guid(),
      durationMs: random.between(0, 3),
      token: undefined,
    })
  }
  const event = {
    ...shared,
    time,
    statusCode: options.statusCode ?? 200,
    correlationId: random.guid(),
    durationMs: random.between(8, 60),
    token,
  }
  world.recorder.vault(event, options.mark)
}

/** The time a little later than `time`. */
export function later(random: Random, time: number, fromSeconds: number, toSeconds: number): number {
  return time + random.between(fromSeconds * secondMs, toSeconds * secondMs)
}
