import type { Application, ResourceName } from './applications.ts'
import { makeToken, type Token } from './identity.ts'
import type { Address, User } from './people.ts'
import type { Random } from './random.ts'
import type { ActivityEvent } from './sources/activity.ts'
import type { AuditEvent, AuditTarget } from './sources/audit.ts'
import type { GraphEvent } from './sources/graph.ts'
import type { VaultEvent } from './sources/key-vault.ts'
import type { SignInEvent } from './sources/sign-in.ts'
import type { Principal } from './tenant.ts'
import { secondMs } from './time.ts'
import type { World } from './world.ts'

export interface UserSignIn {
  readonly time: number
  readonly user: User
  readonly application: Application
  readonly resource: ResourceName
  readonly address: Address
  readonly agent?: string
  readonly kind?: 'interactive' | 'non-interactive'
  readonly errorCode?: number
  readonly clientApp?: SignInEvent['clientApp']
  readonly protocol?: SignInEvent['protocol']
  readonly multiFactor?: boolean
  readonly risk?: SignInEvent['risk']
  readonly sessionId?: string
  readonly correlationId?: string
  readonly mark?: string | undefined
}

/** A user signs in, or a client of theirs renews a token. */
export function signInUser(world: World, random: Random, signIn: UserSignIn): Token {
  const kind = signIn.kind ?? 'interactive'
  const token = makeToken(
    random,
    {
      actor: { kind: 'user', user: signIn.user },
      application: signIn.application,
      resource: world.tenant.resources[signIn.resource],
      address: signIn.address,
      issuedAt: signIn.time,
      agent: signIn.agent ?? signIn.user.agent,
    },
    signIn.sessionId,
  )
  world.recorder.signIn(
    {
      kind,
      time: signIn.time,
      delayMs: random.between(41_000, 170_000),
      token,
      correlationId: signIn.correlationId ?? random.guid(),
      errorCode: signIn.errorCode ?? 0,
      clientApp: signIn.clientApp ?? (kind === 'interactive' ? 'Browser' : 'Mobile Apps and Desktop clients'),
      protocol: signIn.protocol ?? 'none',
      multiFactor: signIn.multiFactor ?? false,
      risk: signIn.risk ?? 'none',
    },
    signIn.mark,
  )
  return token
}

/** An application or a managed identity gets a token. */
export function signInPrincipal(
  world: World,
  random: Random,
  time: number,
  principal: Principal,
  resource: ResourceName,
  options: {
    readonly address?: Address
    readonly agent?: string
    readonly keyId?: string
    readonly mark?: string | undefined
  } = {},
): Token {
  const address = options.address ?? principal.address ?? machineAddress
  const token = makeToken(random, {
    actor: { kind: 'principal', principal },
    application: { id: principal.appId, name: principal.name },
    resource: world.tenant.resources[resource],
    address,
    issuedAt: time,
    agent: options.agent ?? 'python/3.12.9 azsdk-python-identity/1.21.0',
    ...(options.keyId === undefined ? {} : { keyId: options.keyId }),
  })
  world.recorder.signIn(
    {
      kind: principal.kind === 'managed-identity' ? 'managed-identity' : 'service-principal',
      time,
      delayMs: random.between(60_000, 170_000),
      token,
      correlationId: random.guid(),
      errorCode: 0,
      clientApp: 'Mobile Apps and Desktop clients',
      protocol: 'none',
      multiFactor: false,
      risk: 'none',
    },
    options.mark,
  )
  return token
}

const machineAddress: Address = {
  ip: '10.20.2.4',
  city: '',
  state: '',
  country: '',
  latitude: 0,
  longitude: 0,
  asn: 0,
}

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

/** The time a little later than `time`. */
export function later(random: Random, time: number, fromSeconds: number, toSeconds: number): number {
  return time + random.between(fromSeconds * secondMs, toSeconds * secondMs)
}
