import { callArm, callVault, later } from '../cloud-actions.ts'
import { callGraph } from '../directory-actions.ts'
import { signInPrincipal } from '../sign-in-actions.ts'
import { makeToken, type Token } from '../identity.ts'
import { nowhere } from '../people.ts'
import type { Random } from '../random.ts'
import { keyCredential, oauthCredential, requestStorage } from '../storage-actions.ts'
import type { Principal } from '../tenant.ts'
import { hourMs, isWorkday, minuteMs } from '../time.ts'
import type { Planner, World } from '../world.ts'

const listKeys = {
  operation: 'Microsoft.Storage/storageAccounts/listKeys/action',
  title: 'List Storage Account Keys',
}

/** What runs by itself: the pipeline, nightly reports and backup, the function and the machine with identities of their own. */
export function workloads(world: World, random: Random): Planner {
  const { principals } = world.tenant
  return (day) => {
    world.agenda.at(day + hourMs + random.below(20 * minuteMs), (time) => {
      backUp(world, random, time)
    })
    world.agenda.at(day + 2 * hourMs + random.between(5 * minuteMs, 40 * minuteMs), (time) => {
      report(world, random, time)
    })
    for (let hour = 0; hour < 24; hour += 3) {
      world.agenda.at(day + hour * hourMs + random.below(25 * minuteMs), (time) => {
        renewIdentity(world, random, principals.function, time)
      })
    }
    world.agenda.at(day + 7 * hourMs + random.below(59 * minuteMs), (time) => {
      renewIdentity(world, random, principals.machine, time)
    })
    for (const hour of [5, 13, 21]) {
      world.agenda.at(day + hour * hourMs + random.below(40 * minuteMs), (time) => {
        keepFunction(world, random, time)
      })
    }
    if (!isWorkday(day + 12 * hourMs, 0)) return
    for (let run = random.between(1, 3); run > 0; run -= 1) {
      world.agenda.at(day + random.between(8 * 60 * minuteMs, 17 * 60 * minuteMs), (time) => {
        deploy(world, random, time)
      })
    }
  }
}

/** Backup lists keys of the accounts it protects and reads with the second key. */
function backUp(world: World, random: Random, begin: number): void {
  const { tenant } = world
  const token = signInPrincipal(world, random, begin, tenant.principals.backup, 'arm', {
    agent: 'Microsoft Azure Backup/2026.1',
  })
  let time = begin
  for (const account of [tenant.accounts.documents, tenant.accounts.legacy]) {
    time = later(random, time, 5, 50)
    callArm(world, random, {
      time,
      token,
      role: 'Storage Account Backup Contributor',
      ...listKeys,
      resourceId: account.id,
    })
    const credential = keyCredential(account.keys[1])
    const shared = {
      account,
      ip: tenant.principals.backup.address?.ip ?? '',
      credential,
      agent: 'Azure-Backup/1.0 azsdk-net-Storage.Blobs/12.24.0',
    }
    for (const container of account.containers) {
      time = later(random, time, 2, 20)
      requestStorage(world, random, {
        ...shared,
        time,
        operation: 'ListBlobs',
        path: `/${container}`,
        query: 'restype=container&comp=list',
        responseBytes: random.between(4000, 90_000),
      })
      requestStorage(world, random, {
        ...shared,
        time: time + 900,
        operation: 'SnapshotBlob',
        path: `/${container}/index.json`,
        query: 'comp=snapshot',
      })
    }
  }
}

/** The nightly report reads documents with its own Entra identity. */
function report(world: World, random: Random, begin: number): void {
  const { tenant } = world
  const { reports } = tenant.principals
  const agent = 'azsdk-python-storage-blob/12.25.1 Python/3.12.9 (Linux-6.8.0-x86_64-with-glibc2.39)'
  const token = signInPrincipal(world, random, begin, reports, 'storage')
  const graphToken = signInPrincipal(world, random, begin + 4000, reports, 'graph')
  callGraph(world, random, begin + 9000, graphToken, '/users?$select=id,department&$top=999', {
    scopes: 'User.Read.All',
  })
  for (const account of [tenant.accounts.documents, tenant.accounts.archive]) {
    const credential = oauthCredential(random, token, tenant, account)
    const shared = { account, ip: reports.address?.ip ?? '', credential, agent }
    const container = account.containers[0] ?? ''
    let time = later(random, begin, 20, 60)
    requestStorage(world, random, {
      ...shared,
      time,
      operation: 'ListBlobs',
      path: `/${container}`,
      query: 'restype=container&comp=list&prefix=2026',
      responseBytes: 48_211,
    })
    for (let read = random.between(12, 30); read > 0; read -= 1) {
      time += random.between(200, 4000)
      requestStorage(world, random, {
        ...shared,
        time,
        operation: 'GetBlob',
        path: `/${container}/2026/report-${random.between(1, 400)}.csv`,
        responseBytes: random.between(3000, 400_000),
      })
    }
  }
}

/** The platform lists the keys of the function's account; its own sign-ins are in no log of the tenant. */
function keepFunction(world: World, random: Random, time: number): void {
  const { tenant } = world
  const { appService } = tenant.principals
  const token = makeToken(random, {
    actor: { kind: 'principal', principal: appService },
    application: { id: appService.appId, name: appService.name },
    resource: tenant.resources.arm,
    address: appService.address ?? nowhere,
    issuedAt: time - 600_000,
    agent: '',
  })
  callArm(world, random, { time, token, ...listKeys, resourceId: tenant.accounts.application.id })
}

/** A managed identity gets tokens and reads its secrets for the next hours. */
function renewIdentity(world: World, random: Random, principal: Principal, time: number): void {
  const { secrets } = world.tenant.vault
  const token = signInPrincipal(world, random, time, principal, 'vault')
  signInPrincipal(world, random, time + 1200, principal, 'storage')
  const wanted = principal === world.tenant.principals.function ? secrets.slice(0, 2) : secrets.slice(2, 3)
  for (const [index, secret] of wanted.entries()) {
    callVault(
      world,
      random,
      time + 2000 + index * 700,
      token,
      'SecretGet',
      `secrets/${secret.name}/${secret.version}`,
      {
        address: principal.mirid?.includes('virtualMachines') === true ? '10.20.2.4' : '192.0.2.80',
        clientInfo: 'azsdk-net-Security.KeyVault.Secrets/4.7.0',
        challenged: index === 0,
      },
    )
  }
}

/** A deployment: the template, the function's keys and settings, its diagnostic setting, a few secrets. */
function deploy(world: World, random: Random, begin: number): void {
  const { tenant } = world
  const { pipeline } = tenant.principals
  const token: Token = signInPrincipal(world, random, begin, pipeline, 'arm', {
    agent: 'terraform-provider-azurerm/4.18',
  })
  const vaultToken = signInPrincipal(world, random, begin + 2000, pipeline, 'vault', {
    agent: 'terraform-provider-azurerm/4.18',
  })
  const group = `/subscriptions/${tenant.subscriptions[0]}/resourceGroups/rg-app-prod`
  const deployment = `${group}/providers/Microsoft.Resources/deployments/release-${random.between(1000, 9999)}`
  const site = `${group}/providers/Microsoft.Web/sites/func-meridian-orders`
  const account = tenant.accounts.application
  let time = begin
  const next = (): number => (time = later(random, time, 4, 70))
  callArm(world, random, {
    time: next(),
    token,
    operation: 'Microsoft.Resources/deployments/validate/action',
    title: 'Validate Deployment',
    resourceId: deployment,
  })
  callArm(world, random, {
    time: next(),
    token,
    operation: 'Microsoft.Resources/deployments/write',
    title: 'Create Deployment',
    resourceId: deployment,
    accepted: true,
    subStatus: 'Created',
    durationMs: random.between(20_000, 120_000),
  })
  callArm(world, random, { time: next(), token, ...listKeys, resourceId: account.id })
  callArm(world, random, {
    time: next(),
    token,
    operation: 'Microsoft.Web/sites/config/list/action',
    title: 'List Web App Security Settings.',
    resourceId: `${site}/config/appsettings`,
  })
  callArm(world, random, {
    time: next(),
    token,
    operation: 'Microsoft.Insights/diagnosticSettings/write',
    title: 'Create or update resource diagnostic setting',
    resourceId: `${account.id}/blobServices/default/providers/Microsoft.Insights/diagnosticSettings/to-archive`,
  })
  for (const secret of tenant.vault.secrets.slice(0, random.between(1, 4))) {
    callVault(world, random, next(), vaultToken, 'SecretGet', `secrets/${secret.name}/${secret.version}`, {
      clientInfo: 'Go/go1.24 azsdk-go-azsecrets/v1.3.1',
    })
  }
}
