import type { Anchor } from '../benign/look-alikes.ts'
import { callArm, callVault } from '../cloud-actions.ts'
import { auditTarget, callGraph, changeDirectory } from '../directory-actions.ts'
import type { Token } from '../identity.ts'
import { type Address, hostileAddresses } from '../people.ts'
import type { Random } from '../random.ts'
import { signInPrincipal } from '../sign-in-actions.ts'
import { keyCredential } from '../storage-actions.ts'
import { secondMs } from '../time.ts'
import type { World } from '../world.ts'
import { download, enumerate } from './bulk-read.ts'
import { downloaders, explorers, storyBegins, storyHour } from './choices.ts'
import { listKeys } from './storage-theft.ts'

const agent = 'python/3.12.8 (Linux-6.11-x86_64) AZURECLI/2.70.0'

/** A leaked secret of an application, a federated credential to stay, secrets, a machine's identity, and with it the data. */
export function application(world: World, random: Random): Anchor {
  const { tenant, recorder } = world
  const { book } = recorder
  const draw = random.fork('choices')
  const hour = storyHour(world)
  const [entrance, host, reader] = hostileAddresses(draw, 3)
  if (entrance === undefined || host === undefined || reader === undefined)
    throw new Error('too few addresses')
  const slot = draw.chance(0.5) ? 0 : 1
  const isVaultFirst = draw.chance(0.5)
  const begin = world.start + Math.floor((world.end - world.start) * (storyBegins + draw.unit() * 0.06))
  const { pipeline, machine } = tenant.principals
  Object.assign(book.choices, {
    application: pipeline.objectId,
    managedIdentity: machine.objectId,
    entranceAddress: entrance.ip,
    hostAddress: host.ip,
    readerAddress: reader.ip,
    keySlot: slot === 0 ? 'key1' : 'key2',
    order: isVaultFirst ? 'secrets run-command' : 'run-command secrets',
  })
  const pause = (most: number): number => random.between(Math.floor(hour * 0.1), Math.floor(hour * most))

  const federated = federate(world, random.fork('federation'), entrance, host, begin, pause(1))
  let time = federated.arm.issuedAt + pause(1)
  const acts = [
    (): void => {
      time = readSecrets(world, random.fork('secrets'), federated.vault, time)
    },
    (): void => {
      time = runCommand(world, random.fork('command'), federated.arm, time)
    },
  ]
  for (const act of isVaultFirst ? acts : acts.toReversed()) {
    act()
    time += pause(0.5)
  }
  const identity = takeIdentity(world, random.fork('identity'), host, time)
  time = identity.issuedAt + pause(0.3)
  const listed = time
  for (const account of [tenant.accounts.documents, tenant.accounts.application, tenant.accounts.legacy]) {
    listKeys(world, random, { arm: identity, armStep: 'identity-token' }, time, account)
    time += random.between(20, 300) * secondMs
  }
  const account = tenant.accounts.documents
  const key = account.keys[slot]
  book.credentials.push({
    account: account.name,
    kind: 'key',
    slot: key.slot,
    secret: key.secret,
    hash: key.hash,
  })
  const credential = keyCredential(key)
  const tools = { explorer: draw.pick(explorers), downloader: draw.pick(downloaders) }
  const thief = { account, ip: reader.ip, credential, ...tools }
  time = enumerate(world, random.fork('enumerate'), thief, time + pause(1))
  download(world, random.fork('download'), thief, time + pause(1))
  book.links.push(
    {
      from: 'list-keys',
      to: 'enumerate',
      by: 'account and key hash',
      value: key.hash,
      certainty: 'inferred',
    },
    {
      from: 'enumerate',
      to: 'download',
      by: 'AuthenticationHash',
      value: credential.tokenHash,
      certainty: 'observed',
    },
  )
  return { time: listed, hour, victimId: '', freeSlot: slot === 0 ? 1 : 0, readerAddress: reader.ip }
}

/** Sign-in with the leaked secret, a federated credential that the application adds to itself, sign-in with that. */
function federate(
  world: World,
  random: Random,
  entrance: Address,
  host: Address,
  begin: number,
  pause: number,
): { readonly arm: Token; readonly vault: Token } {
  const { tenant, recorder } = world
  const { book } = recorder
  const { pipeline } = tenant.principals
  const leaked = { address: entrance, agent, mark: 'application-sign-in' }
  book.step(
    'application-sign-in',
    'The application signs in with its own secret from elsewhere',
    'T1078.004',
    begin,
  )
  const graph = signInPrincipal(world, random, begin, pipeline, 'graph', leaked)
  const addedAt = begin + random.between(60, 600) * secondMs
  book.step('federated-credential', 'The application trusts an issuer of the attacker', 'T1098.001', addedAt)
  const applicationId = random.guid()
  const path = `/applications/${applicationId}/federatedIdentityCredentials`
  callGraph(world, random, addedAt, graph, path, {
    method: 'POST',
    status: 201,
    scopes: 'Application.ReadWrite.OwnedBy',
    mark: 'federated-credential',
  })
  const credential = {
    Name: 'build',
    Issuer: `https://oidc-${random.hex(6)}.example`,
    Subject: 'system:build',
    Audiences: ['api://AzureADTokenExchange'],
  }
  const target = {
    id: applicationId,
    displayName: pipeline.name,
    type: 'Application',
    userPrincipalName: null,
  } as const
  changeDirectory(world, random, {
    time: addedAt + 700,
    activity: 'Update application',
    category: 'ApplicationManagement',
    operationType: 'Update',
    actor: { kind: 'principal', principal: pipeline },
    address: '',
    targets: [auditTarget(target, 'FederatedIdentityCredentials', [], [credential])],
    mark: 'federated-credential',
  })
  const signInAt = addedAt + 60 * secondMs + pause
  book.step(
    'federated-sign-in',
    'The application signs in with the federated credential',
    'T1550.001',
    signInAt,
  )
  const federatedCredentialId = random.guid()
  const own = { address: host, agent, federatedCredentialId, mark: 'federated-sign-in' }
  const arm = signInPrincipal(world, random, signInAt, pipeline, 'arm', own)
  const vault = signInPrincipal(world, random, signInAt + 30 * secondMs, pipeline, 'vault', own)
  book.links.push(
    {
      from: 'application-sign-in',
      to: 'federated-credential',
      by: 'SignInActivityId',
      value: graph.id,
      certainty: 'observed',
    },
    {
      from: 'federated-credential',
      to: 'federated-sign-in',
      by: 'ServicePrincipalId',
      value: pipeline.objectId,
      certainty: 'inferred',
    },
  )
  return { arm, vault }
}

function readSecrets(world: World, random: Random, token: Token, begin: number): number {
  const { book } = world.recorder
  book.step('secrets', 'All secrets of the vault are listed and read', 'T1555.006', begin)
  const clientInfo = 'AZURECLI/2.70.0 azsdk-python-keyvault-secrets/4.9.0'
  const listing = { clientInfo, challenged: true, mark: 'secrets' }
  callVault(world, random, begin, token, 'SecretList', 'secrets', listing)
  let time = begin
  for (const { name, version } of random.shuffle(world.tenant.vault.secrets)) {
    time += random.between(300, 4000)
    callVault(world, random, time, token, 'SecretGet', `secrets/${name}/${version}`, {
      clientInfo,
      mark: 'secrets',
    })
  }
  book.links.push({
    from: 'federated-sign-in',
    to: 'secrets',
    by: 'uti',
    value: token.id,
    certainty: 'observed',
  })
  return time
}

function runCommand(world: World, random: Random, token: Token, begin: number): number {
  const { book } = world.recorder
  book.step('run-command', 'A script is run on the machine that owns an identity', 'T1651', begin)
  callArm(world, random, {
    time: begin,
    token,
    operation: 'Microsoft.Compute/virtualMachines/runCommand/action',
    title: 'Run Command on Virtual Machine',
    resourceId: world.tenant.machines.application.id,
    accepted: true,
    durationMs: random.between(20_000, 60_000),
    mark: 'run-command',
  })
  book.links.push({
    from: 'federated-sign-in',
    to: 'run-command',
    by: 'uti',
    value: token.id,
    certainty: 'observed',
  })
  return begin + 60 * secondMs
}

/** The machine asks for a token as it always does; this one is then used from elsewhere. */
function takeIdentity(world: World, random: Random, host: Address, time: number): Token {
  const { book } = world.recorder
  const { machine } = world.tenant.principals
  book.step(
    'identity-token',
    "The machine's identity gets a token that leaves the machine",
    'T1552.005',
    time,
  )
  const token = signInPrincipal(world, random, time, machine, 'arm', {
    address: host,
    agent: 'curl/8.12.1',
    mark: 'identity-token',
  })
  book.links.push({
    from: 'run-command',
    to: 'identity-token',
    by: 'machine',
    value: machine.mirid ?? '',
    certainty: 'inferred',
  })
  return token
}
