import { checkScenario } from './scenario-checks.ts'

/** The long form, with three seeds, all rules and weeks in which nothing happens, is `scenarios.long.test.ts`. */
const short = { days: 8, scale: 0.05, allRules: false } as const

checkScenario('ransom', { ...short, seed: 1 })
checkScenario('application', { ...short, seed: 2 })
checkScenario('session', { ...short, seed: 3 })
checkScenario('old-key', { ...short, seed: 4 })
