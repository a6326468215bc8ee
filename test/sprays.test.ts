import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askOf } from '../src/case/rows.ts'
import { followIdentity, type IdentityTrail } from '../src/trail/identity.ts'
import { makeWholeCase, removeFolder, temporaryFolder, type WholeCase } from './whole-case.ts'

const folder = temporaryFolder()
let whole: WholeCase
let trail: IdentityTrail

/** A wrong password for one of many users, minutes after nine. */
function attempt(minute: number, user: number, ip: string, agent: string): string {
  const time = new Date(Date.parse('2026-03-02T09:00:00Z') + minute * 60_000).toISOString()
  return JSON.stringify({
    time,
    resourceId: '/tenants/99999999-9999-4999-8999-999999999999/providers/Microsoft.aadiam',
    operationName: 'Sign-in activity',
    category: 'SignInLogs',
    properties: {
      id: `00000000-0000-4000-8000-${String(minute * 1000 + user).padStart(12, '0')}`,
      createdDateTime: time,
      userId: `11111111-1111-4111-8111-${String(user).padStart(12, '0')}`,
      userPrincipalName: `user${user}@contoso.example`,
      ipAddress: ip,
      userAgent: agent,
      appDisplayName: 'Azure PowerShell',
      status: { errorCode: 50126 },
    },
  })
}

const users = (count: number, from = 1): readonly number[] =>
  Array.from({ length: count }, (_, index) => from + index)

beforeAll(async () => {
  const tool = 'python-requests/2.32'
  const lines = [
    ...users(8).map((user) => attempt(user * 2, user, '203.0.113.1', tool)),
    // The same tool in turns with it, never at the first user.
    ...users(8, 11).map((user, index) => attempt(index * 2 + 1, user, '203.0.113.2', tool)),
    // Another tool at the same time; the same tool on few users; and half a day later.
    ...users(8, 21).map((user, index) => attempt(index * 2, user, '203.0.113.3', 'curl/8.5')),
    ...users(4, 31).map((user, index) => attempt(index * 2, user, '203.0.113.4', tool)),
    ...users(8, 41).map((user, index) => attempt(720 + index, user, '203.0.113.5', tool)),
  ]
  const path = join(folder, 'sign-ins.json')
  writeFileSync(path, `${lines.join('\n')}\n`)
  whole = await makeWholeCase(join(folder, 'case'))
  await whole.case.ingest([path], { dayFirst: false })
  trail = await followIdentity(askOf(whole.case), 'user1@contoso.example')
}, 120_000)

afterAll(async () => {
  await whole[Symbol.asyncDispose]()
  removeFolder(folder)
})

test('a spray holds what its tool tried at the same time from an address that never tried the identity', () => {
  expect(trail.sprays).toMatchObject([
    {
      addresses: ['203.0.113.1'],
      inferred: ['203.0.113.2'],
      identities: 16,
      first: expect.stringContaining('2026-03-02T09:01:00'),
      last: expect.stringContaining('2026-03-02T09:16:00'),
    },
  ])
  expect(trail.sprays[0]?.attempts).toHaveLength(16)
})
