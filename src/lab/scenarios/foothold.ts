import { callArm } from '../cloud-actions.ts'
import { auditTarget, changeDirectory } from '../directory-actions.ts'
import type { Token } from '../identity.ts'
import type { Random } from '../random.ts'
import { signInPrincipal } from '../sign-in-actions.ts'
import type { Principal } from '../tenant.ts'
import { secondMs } from '../time.ts'
import type { World } from '../world.ts'
import type { Choices } from './choices.ts'

/** What the attacker holds after the entry. */
export interface Foothold {
  /** For Azure Resource Manager: the victim's, or the application's. */
  readonly arm: Token
  readonly storage: Token
  readonly vault: Token
  /** Step that gave the control-plane token. */
  readonly armStep: string
  readonly time: number
}

/** Owner, Contributor, Storage Account Contributor. */
const roles = [
  '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
  'b24988ac-6180-42a0-ab88-20f7382dd24c',
  '17d1049b-9a84-46fb-8f53-869881c3d3ab',
]

export function assignRole(
  world: World,
  random: Random,
  time: number,
  token: Token,
  principalId: string,
  principalType: string,
): void {
  const { tenant, recorder } = world
  recorder.book.step(
    'role-assignment',
    'A role that may list keys and read secrets is assigned',
    'T1098.003',
    time,
  )
  const scope = `/subscriptions/${tenant.subscriptions[0]}`
  const assignment = random.guid()
  const body = {
    Id: assignment,
    Properties: {
      PrincipalId: principalId,
      PrincipalType: principalType,
      RoleDefinitionId: `${scope}/providers/Microsoft.Authorization/roleDefinitions/${random.pick(roles)}`,
      Scope: scope,
    },
  }
  callArm(world, random, {
    time,
    token,
    role: 'User Access Administrator',
    operation: 'Microsoft.Authorization/roleAssignments/write',
    title: 'Create role assignment',
    resourceId: `${scope}/providers/Microsoft.Authorization/roleAssignments/${assignment}`,
    subStatus: 'Created',
    properties: { requestbody: JSON.stringify(body) },
    mark: 'role-assignment',
  })
}

/** A new secret on a known application, its sign-in, and the role given to it. */
export function takeApplication(
  world: World,
  random: Random,
  choices: Choices,
  held: { readonly arm: Token; readonly storage: Token; readonly vault: Token; readonly time: number },
): Foothold {
  const { book } = world.recorder
  const { reports } = world.tenant.principals
  const { entrance, victim } = choices
  book.step(
    'credential',
    'A secret is added to an application that already has access',
    'T1098.001',
    held.time,
  )
  const keyId = random.guid()
  const target = {
    id: random.guid(),
    displayName: reports.name,
    type: 'Application',
    userPrincipalName: null,
  } as const
  changeDirectory(world, random, {
    time: held.time,
    activity: 'Update application – Certificates and secrets management ',
    category: 'ApplicationManagement',
    operationType: 'Update',
    actor: { kind: 'user', user: victim },
    address: entrance.ip,
    mark: 'credential',
    targets: [
      auditTarget(
        target,
        'KeyDescription',
        [],
        [`[KeyIdentifier=${keyId},KeyType=Password,KeyUsage=Verify,DisplayName=sync]`],
      ),
    ],
  })
  book.links.push({
    from: 'sign-in',
    to: 'credential',
    by: 'UserId',
    value: victim.id,
    certainty: 'observed',
  })
  const roleAt = held.time + random.between(60, 900) * secondMs
  assignRole(world, random, roleAt, held.arm, reports.objectId, 'ServicePrincipal')
  book.links.push({
    from: 'tokens',
    to: 'role-assignment',
    by: 'uti',
    value: held.arm.id,
    certainty: 'observed',
  })
  const signInAt = roleAt + random.between(300, 1200) * secondMs
  book.step(
    'application-sign-in',
    "The application signs in from the attacker's address",
    'T1078.004',
    signInAt,
  )
  const from = (resource: 'arm' | 'vault', at: number, principal: Principal = reports): Token =>
    signInPrincipal(world, random, at, principal, resource, {
      address: entrance,
      agent: 'python/3.12.8 AZURECLI/2.70.0',
      keyId,
      mark: 'application-sign-in',
    })
  const arm = from('arm', signInAt)
  const vault = from('vault', signInAt + 30 * secondMs)
  book.links.push(
    {
      from: 'credential',
      to: 'application-sign-in',
      by: 'ServicePrincipalCredentialKeyId',
      value: keyId,
      certainty: 'observed',
    },
    {
      from: 'role-assignment',
      to: 'application-sign-in',
      by: 'ServicePrincipalId',
      value: reports.objectId,
      certainty: 'observed',
    },
  )
  return { arm, storage: held.storage, vault, armStep: 'application-sign-in', time: signInAt + 60 * secondMs }
}
