import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readRules } from '../rules.ts'

const folder = mkdtempSync(join(tmpdir(), 'azimuth-sigma-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('rules of Sigma stand beside those of Sentinel, and watchlists fill their placeholders', async () => {
  writeFileSync(
    join(folder, 'sigma.yml'),
    `title: By an administrator
id: s1
logsource: { product: azure, service: activitylogs }
detection: { s: { Caller|expand: '%Admins%' }, condition: s }
---
title: A slip
logsource: { product: azure, service: activitylogs }
detection: { s: { Caller|startwith: x }, condition: s }
`,
  )
  writeFileSync(join(folder, 'sentinel.yml'), 'id: q1\nname: All\nseverity: Low\nquery: AzureActivity\n')
  const lists = async (name: string): Promise<readonly string[] | undefined> =>
    Promise.resolve(name === 'Admins' ? ['ann', 'bob*'] : undefined)
  const { rules, refused } = await readRules(folder, undefined, lists)
  expect(rules.map(({ id, format }) => [id, format])).toContainEqual(['s1', 'sigma'])
  expect(rules.find(({ id }) => id === 's1')?.query).toContain('["Caller"] startswith "bob"')
  expect(refused.find(({ path }) => path === 'sigma.yml')).toMatchObject({
    name: 'A slip',
    reason: expect.stringMatching(/^line 8, column \d+: there is no modifier startwith/),
  })
})
