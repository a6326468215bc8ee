import { expect, test } from 'vitest'
import { fingerprintOf } from './fingerprint.ts'

const signature = 'GKSQdZDX3amwUz9%2FOaQQCm2rAL6qRKMX8TWlkkOUjEw%3D'
const signatureHash = 'A18F42E1DA286DCFFB4874EF2A770E3C296E020E0F3894575EFBBECECA2F9C6D'
// The key that the storage emulator is known for.
const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='
const keyHash = 'CB4DE97F405A7E4686710DB86F345AC95ACB27C33192E82CAAFA9C197F2019E5'

test.each([
  ['a signature', signature, 'signature', signatureHash],
  ['a SAS', `?sv=2025-07-05&sp=rl&sig=${signature}`, 'signature', signatureHash],
  [
    'an address',
    `https://a.blob.core.windows.net/c/b?sp=r&sig=${signature}&se=2030-01-01\n`,
    'signature',
    signatureHash,
  ],
  [
    'a connection string with a SAS',
    `BlobEndpoint=https://a.blob.core.windows.net;SharedAccessSignature=sp=r&sig=${signature}`,
    'signature',
    signatureHash,
  ],
  ['a key', `${key}\n`, 'key', keyHash],
  [
    'a connection string',
    `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${key};EndpointSuffix=core.windows.net`,
    'key',
    keyHash,
  ],
])('%s is recognised by the hash that logs carry', (_name, secret, kind, hash) => {
  expect(fingerprintOf(secret)).toEqual({ kind, hash })
})

test.each(['', 'password', 'sig', `${key}x`])('%j is refused', (secret) => {
  expect(() => fingerprintOf(secret)).toThrow('no storage key')
})
