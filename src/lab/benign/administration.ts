import { callArm, callVault, later } from '../cloud-actions.ts'
import { auditTarget, changeDirectory } from '../directory-actions.ts'
import { signInUser } from '../sign-in-actions.ts'
import { clients } from '../applications.ts'
import type { Token } from '../identity.ts'
import type { User } from '../people.ts'
import type { Random } from '../random.ts'
import type { StorageAccount } from '../tenant.ts'
import { usersOf } from '../tenant.ts'
import { hourMs, isWorkday, minuteMs } from '../time.ts'
import type { Planner, World } from '../world.ts'

const listKeys = {
  operation: 'Microsoft.Storage/storageAccounts/listKeys/action',
  title: 'List Storage Account Keys',
}

/** Administrators, engineers and the helpdesk at their desks: the portal, the command line, the directory. */
export function administration(world: World, random: Random): Planner {
  const operators = [...usersOf(world.tenant, 'administrator'), ...usersOf(world.tenant, 'engineer')]
  const clerks = usersOf(world.tenant, 'helpdesk')
  return (day) => {
    if (!isWorkday(day + 12 * hourMs, 0)) return
    for (const user of operators) {
      const begin =
        day + (9 - user.office.offsetHours) * hourMs + random.between(10 * minuteMs, 200 * minuteMs)
      world.agenda.at(begin, (time) => {
        workInPortal(world, random, user, time)
      })
    }
    for (const user of clerks) {
      for (let deed = random.between(2, 6); deed > 0; deed -= 1) {
        const at =
          day + (9 - user.office.offsetHours) * hourMs + random.between(10 * minuteMs, 480 * minuteMs)
        world.agenda.at(at, (time) => {
          helpSomeone(world, random, user, time, false)
        })
      }
    }
  }
}

/** Records of an hour's directory changes that reach the archive an hour late. */
export function lateHour(world: World, random: Random): Planner {
  const at = world.start + Math.floor((world.end - world.start) * 0.4)
  const hour = at - (at % (24 * hourMs)) + 10 * hourMs
  return (day) => {
    if (day !== hour - 10 * hourMs) return
    const [user] = usersOf(world.tenant, 'helpdesk')
    if (user === undefined) return
    for (let deed = 0; deed < 4; deed += 1) {
      world.agenda.at(hour + random.between(1 * minuteMs, 58 * minuteMs), (time) => {
        helpSomeone(world, random, user, time, true)
      })
    }
  }
}

function workInPortal(world: World, random: Random, user: User, begin: number): void {
  const commandLine = random.chance(0.3)
  const token = signInUser(world, random, {
    time: begin,
    user,
    application: commandLine ? random.pick([clients.cli, clients.powerShell]) : clients.portal,
    resource: 'arm',
    address: random.chance(0.8) ? user.office.address : user.home,
    clientApp: commandLine ? 'Mobile Apps and Desktop clients' : 'Browser',
    multiFactor: true,
  })
  let time = begin
  for (let deed = random.between(2, 5); deed > 0; deed -= 1) {
    time = later(random, time, 40, 900)
    world.agenda.at(time, (at) => {
      operate(world, random, token, user, at)
    })
  }
}

function operate(world: World, random: Random, token: Token, user: User, time: number): void {
  const { tenant } = world
  const role = user.duty === 'administrator' ? 'Owner' : 'Contributor'
  const machine = random.pick(Object.values(tenant.machines))
  const account: StorageAccount = random.pick([
    tenant.accounts.application,
    tenant.accounts.legacy,
    tenant.accounts.archive,
  ])
  const draw = random.below(7)
  if (draw <= 1) {
    callArm(world, random, { time, token, role, ...listKeys, resourceId: account.id })
    return
  }
  if (draw === 2) {
    callArm(world, random, {
      time,
      token,
      role,
      operation: 'Microsoft.Compute/virtualMachines/restart/action',
      title: 'Restart Virtual Machine',
      resourceId: machine.id,
      accepted: true,
      durationMs: random.between(8_000, 40_000),
    })
    return
  }
  if (draw === 3) {
    callArm(world, random, {
      time,
      token,
      role,
      operation: 'Microsoft.Resources/tags/write',
      title: 'Write Tag',
      resourceId: `${machine.id}/providers/Microsoft.Resources/tags/default`,
    })
    return
  }
  if (draw === 4) {
    callVault(world, random, time, token, 'VaultGet', '', { clientInfo: user.agent })
    return
  }
  if (draw === 5) {
    callArm(world, random, {
      time,
      token,
      role,
      operation: 'Microsoft.Insights/metricAlerts/write',
      title: 'Create or update metric alert',
      resourceId: `/subscriptions/${tenant.subscriptions[0]}/resourceGroups/rg-app-prod/providers/Microsoft.Insights/metricAlerts/cpu-${random.between(1, 9)}`,
      subStatus: 'Created',
    })
    return
  }
  callArm(world, random, {
    time,
    token,
    role: 'Reader',
    operation: 'Microsoft.Resources/deployments/write',
    title: 'Create Deployment',
    failed: true,
    resourceId: `/subscriptions/${tenant.subscriptions[0]}/resourceGroups/rg-data-prod/providers/Microsoft.Resources/deployments/manual-${random.between(100, 999)}`,
  })
}

function helpSomeone(world: World, random: Random, clerk: User, time: number, late: boolean): void {
  const subject = random.pick(world.tenant.users)
  const target = { id: subject.id, displayName: null, type: 'User', userPrincipalName: subject.upn } as const
  const shared = {
    time,
    actor: { kind: 'user', user: clerk },
    address: clerk.office.address.ip,
    late,
  } as const
  const draw = random.below(4)
  if (draw === 0) {
    changeDirectory(world, random, {
      ...shared,
      activity: 'Reset user password',
      category: 'UserManagement',
      operationType: 'Update',
      targets: [auditTarget(target, 'ForceChangePassword', [false], [true])],
    })
    return
  }
  if (draw === 1) {
    const group = {
      id: random.guid(),
      displayName: 'grp-operations',
      type: 'Group',
      userPrincipalName: null,
    } as const
    changeDirectory(world, random, {
      ...shared,
      activity: 'Add member to group',
      category: 'GroupManagement',
      operationType: 'Assign',
      targets: [
        auditTarget(target, 'Group.DisplayName', null, 'grp-operations'),
        { ...group, modifiedProperties: [] },
      ],
    })
    return
  }
  if (draw === 2) {
    changeDirectory(world, random, {
      ...shared,
      activity: 'User registered security info',
      category: 'UserManagement',
      operationType: 'Update',
      service: 'Authentication Methods',
      actor: { kind: 'user', user: subject },
      address: subject.office.address.ip,
      targets: [auditTarget(target, 'StrongAuthenticationMethod', [], [{ MethodType: 7, Default: true }])],
    })
    return
  }
  changeDirectory(world, random, {
    ...shared,
    activity: 'Update user',
    category: 'UserManagement',
    operationType: 'Update',
    targets: [auditTarget(target, 'JobTitle', ['Planner'], ['Senior planner'])],
  })
}
