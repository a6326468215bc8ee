import { expect, test } from 'vitest'
import { renderTablesDoc } from './docs.ts'

test('docs/tables.md is what the declarations say (vitest -u writes it)', async () => {
  await expect(renderTablesDoc()).toMatchFileSnapshot('../../docs/tables.md')
})
