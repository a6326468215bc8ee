import { callArm } from '../cloud-actions.ts'
import type { Random } from '../random.ts'
import type { StorageCredential } from '../sources/storage.ts'
import { keyCredential, makeSas, oauthCredential, requestStorage, type SasTerms } from '../storage-actions.ts'
import { dayMs, isoExactZ } from '../time.ts'
import type { World } from '../world.ts'
import type { Choices } from './choices.ts'
import type { Foothold } from './foothold.ts'
import { noteKey } from './keys.ts'

/** What the reads are authorised with, made by the means that the seed drew. */
export function makeMeans(
  world: World,
  random: Random,
  choices: Choices,
  foothold: Foothold,
  time: number,
): StorageCredential {
  const { tenant, recorder } = world
  const { book } = recorder
  const account = tenant.accounts.documents
  const key = account.keys[choices.slot]
  noteKey(book, account, key)
  if (choices.means === 'account-key') {
    const credential = keyCredential(key)
    book.links.push({
      from: 'list-keys',
      to: 'enumerate',
      by: 'account and key hash',
      value: key.hash,
      certainty: 'inferred',
    })
    return credential
  }
  const terms: SasTerms = {
    kind:
      choices.means === 'account-sas-by-arm'
        ? 'account'
        : choices.means === 'service-sas-offline'
          ? 'service'
          : 'user-delegation',
    permissions: choices.means === 'account-sas-by-arm' ? 'rwl' : 'rl',
    from: time,
    to: time + random.between(2, 30) * dayMs,
    scope: 'c',
    signer: { objectId: choices.victim.id, tenantId: tenant.id },
  }
  const { signer, ...unsigned } = terms
  const sas = makeSas(
    random,
    key,
    choices.means === 'user-delegation-sas' && signer !== undefined ? { ...unsigned, signer } : unsigned,
  )
  const kind = choices.means === 'user-delegation-sas' ? 'user-delegation-sas' : 'sas'
  book.credentials.push({
    account: account.name,
    kind,
    slot: kind === 'sas' ? key.slot : '',
    secret: sas.signature,
    hash: sas.hash,
  })
  const title = 'A shared access signature is made'
  if (choices.means === 'service-sas-offline') {
    book.step(
      'sas',
      title,
      'T1098',
      time,
      "Signing happens on the attacker's machine and leaves no record; the first use shows the key that signed.",
    )
    book.links.push({
      from: 'list-keys',
      to: 'enumerate',
      by: 'account and key hash',
      value: key.hash,
      certainty: 'inferred',
    })
    return sas.credential
  }
  book.step('sas', title, 'T1098', time)
  if (choices.means === 'account-sas-by-arm') {
    const body = {
      signedServices: 'b',
      signedResourceTypes: 'sco',
      signedPermission: 'rwl',
      signedExpiry: isoExactZ(terms.to),
      keyToSign: key.slot,
    }
    callArm(world, random, {
      time,
      token: foothold.arm,
      role: 'Storage Account Contributor',
      operation: 'Microsoft.Storage/storageAccounts/listAccountSas/action',
      title: 'Get Account SAS Token',
      resourceId: account.id,
      properties: { requestbody: JSON.stringify(body) },
      mark: 'sas',
    })
    book.links.push({
      from: foothold.armStep,
      to: 'sas',
      by: 'uti',
      value: foothold.arm.id,
      certainty: 'observed',
    })
  } else {
    const credential = oauthCredential(
      random,
      foothold.storage,
      tenant,
      account,
      'Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action',
    )
    requestStorage(
      world,
      random,
      {
        time,
        account,
        operation: 'GetUserDelegationKey',
        category: 'StorageRead',
        path: '/',
        query: 'restype=service&comp=userdelegationkey',
        ip: choices.entrance.ip,
        credential,
        agent: choices.explorer,
        responseBytes: 591,
      },
      'sas',
    )
    book.links.push({
      from: 'tokens',
      to: 'sas',
      by: 'AuthenticationHash',
      value: foothold.storage.hash,
      certainty: 'inferred',
    })
  }
  book.links.push({
    from: 'sas',
    to: 'enumerate',
    by: 'account, signer and time',
    value: sas.hash,
    certainty: 'inferred',
  })
  return sas.credential
}
