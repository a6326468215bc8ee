import { expect, test } from 'vitest'
import { renderKqlDoc } from './docs.ts'

test('docs/kql.md is what the tables say (vitest -u writes it)', async () => {
  await expect(renderKqlDoc()).toMatchFileSnapshot('../../docs/kql.md')
})
