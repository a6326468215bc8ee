import { callArm } from '../cloud-actions.ts'
import { connect } from '../benign/sessions.ts'
import type { Random } from '../random.ts'
import { minuteMs, secondMs } from '../time.ts'
import type { World } from '../world.ts'
import type { Choices } from './choices.ts'
import type { Foothold } from './foothold.ts'

/** A way onto a machine, then from machine to machine, then a beacon until the evidence ends. */
export function move(
  world: World,
  random: Random,
  choices: Choices,
  foothold: Foothold,
  begin: number,
): void {
  const { tenant, recorder } = world
  const { book } = recorder
  const { web, application, database } = tenant.machines
  const { hour } = choices
  let time = begin
  if (choices.host === 'open-port') {
    book.step('open-port', 'A rule of the network security group lets the attacker in', 'T1562.007', time)
    const body = {
      properties: {
        protocol: 'Tcp',
        sourceAddressPrefix: choices.entrance.ip,
        destinationPortRange: '3389',
        access: 'Allow',
        direction: 'Inbound',
        priority: 130,
      },
    }
    callArm(world, random, {
      time,
      token: foothold.arm,
      operation: 'Microsoft.Network/networkSecurityGroups/securityRules/write',
      title: 'Create or Update Security Rule',
      resourceId: `${web.log.groupId}/securityRules/AllowSupport`,
      accepted: true,
      subStatus: 'Created',
      durationMs: 4200,
      properties: { requestbody: JSON.stringify(body) },
      mark: 'open-port',
    })
    book.links.push({
      from: foothold.armStep,
      to: 'open-port',
      by: 'uti',
      value: foothold.arm.id,
      certainty: 'observed',
    })
  } else {
    book.step('run-command', 'A script is run on a virtual machine through the control plane', 'T1651', time)
    callArm(world, random, {
      time,
      token: foothold.arm,
      operation: 'Microsoft.Compute/virtualMachines/runCommand/action',
      title: 'Run Command on Virtual Machine',
      resourceId: web.id,
      accepted: true,
      durationMs: random.between(20_000, 60_000),
      mark: 'run-command',
    })
    book.links.push({
      from: foothold.armStep,
      to: 'run-command',
      by: 'uti',
      value: foothold.arm.id,
      certainty: 'observed',
    })
  }
  time += random.between(Math.floor(hour * 0.1), hour)
  book.step('lateral-movement', 'Remote desktop, SSH and WinRM from machine to machine', 'T1021', time)
  if (choices.host === 'open-port') {
    connect(
      world,
      random,
      {
        time,
        from: choices.entrance.ip,
        to: web,
        port: 3389,
        lastsMs: random.between(12, 50) * minuteMs,
        sentBytes: 1_900_230,
        receivedBytes: 22_400_118,
        ruleIn: 'UserRule_AllowSupport',
      },
      'lateral-movement',
    )
    book.links.push({
      from: 'open-port',
      to: 'lateral-movement',
      by: 'rule',
      value: 'AllowSupport',
      certainty: 'observed',
    })
  } else {
    book.links.push({
      from: 'run-command',
      to: 'lateral-movement',
      by: 'machine',
      value: web.name,
      certainty: 'inferred',
    })
  }
  const hops = random.shuffle([
    { from: web, to: application, port: 22 },
    { from: application, to: database, port: 3389 },
    { from: web, to: database, port: 5985 },
  ])
  for (const hop of hops) {
    time += random.between(2, 12) * minuteMs
    for (let attempt = random.between(0, 3); attempt > 0; attempt -= 1) {
      connect(
        world,
        random,
        { ...hop, time, lastsMs: random.between(900, 3000), sentBytes: 2100, receivedBytes: 2900 },
        'lateral-movement',
      )
      time += random.between(4, 20) * secondMs
    }
    connect(
      world,
      random,
      {
        ...hop,
        time,
        lastsMs: random.between(7, 28) * minuteMs,
        sentBytes: random.between(200_000, 4_000_000),
        receivedBytes: random.between(900_000, 30_000_000),
      },
      'lateral-movement',
    )
  }
  beacon(world, random, choices, time + random.between(5, 20) * minuteMs)
}

function beacon(world: World, random: Random, choices: Choices, begin: number): void {
  const { book } = world.recorder
  const { database, application } = world.tenant.machines
  const machine = random.pick([database, application])
  book.step('beacon', 'A machine calls the same address at near-regular times', 'T1071.001', begin)
  book.links.push({
    from: 'lateral-movement',
    to: 'beacon',
    by: 'machine',
    value: machine.ip,
    certainty: 'inferred',
  })
  const period = choices.beaconSeconds * secondMs
  const until = Math.min(world.end - 2 * minuteMs, begin + 400 * period)
  for (
    let time = begin;
    time < until;
    time += period + random.between(-Math.floor(period / 8), Math.floor(period / 8))
  ) {
    connect(
      world,
      random,
      {
        time,
        from: machine,
        to: choices.control,
        port: 443,
        lastsMs: random.between(900, 2600),
        sentBytes: random.between(610, 690),
        receivedBytes: random.between(420, 470),
      },
      'beacon',
    )
  }
}
