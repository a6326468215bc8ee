import { describe, expect, test } from 'vitest'
import { checkAblations } from './ablation-checks.ts'
import { ablations } from './ablations.ts'
import { makeScenarioCase } from './scenario-case.ts'
import { checkScenario } from './scenario-checks.ts'

const seeds = [1, 2, 3] as const
const scenarios = ['exfiltration', 'ransom', 'application', 'session', 'old-key'] as const
const days = 8

for (const scenario of scenarios)
  for (const seed of seeds) checkScenario(scenario, { days, scale: 0.2, seed, allRules: true })

for (const seed of seeds) checkAblations(ablations, seed)

describe.each(seeds)('weeks in which nothing happens, at seed %i', (seed) => {
  test('give no alert at high and at most one at medium a day', async () => {
    await using made = await makeScenarioCase('quiet', { days: 14, scale: 0.5, seed })
    const alerts = await made.alerts()
    const high = alerts.filter(({ level }) => level === 'high')
    expect(high.map(({ path, start, title }) => `${path} ${start} ${title}`)).toEqual([])
    expect(alerts.filter(({ level }) => level === 'medium').length).toBeLessThanOrEqual(14)
    expect(made.report.chains.filter(({ level }) => level === 'high')).toEqual([])
    expect(made.report.accounts.find(({ account }) => account.includes('arch'))).toMatchObject({
      verdict: 'blind',
    })
  })
})
