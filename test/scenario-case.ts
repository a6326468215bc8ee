import { join } from 'node:path'
import { type AccessReport, reportAccess } from '../src/access/report.ts'
import { askOf } from '../src/case/rows.ts'
import type { Alert } from '../src/hunt/alert.ts'
import { hunt } from '../src/hunt/hunt.ts'
import { readRules } from '../src/hunt/rules.ts'
import type { LabAnswers } from '../src/lab/answers.ts'
import { type LabOptions, makeLab, type Scenario } from '../src/lab/lab.ts'
import { recogniseAnswers, type Recogniser } from './investigation-answers.ts'
import { makeWholeCase, removeFolder, temporaryFolder, type WholeCase } from './whole-case.ts'

/** A scenario of the lab in a case, with what was made of it. */
export interface ScenarioCase extends AsyncDisposable {
  readonly answers: LabAnswers
  readonly whole: WholeCase
  readonly recogniser: Recogniser
  readonly report: AccessReport
  /** Alerts of the rules with these paths; of all that come with Azimuth where none are given. */
  alerts(paths?: readonly string[]): Promise<readonly Alert[]>
}

export async function makeScenarioCase(
  scenario: Scenario,
  options: Pick<LabOptions, 'seed' | 'days' | 'scale'>,
): Promise<ScenarioCase> {
  const folder = temporaryFolder()
  const answers = await makeLab(join(folder, 'lab'), { scenario, ...options })
  const whole = await makeWholeCase(join(folder, 'case'))
  await whole.case.ingest([join(folder, 'lab', 'evidence')], { dayFirst: false })
  return {
    answers,
    whole,
    recogniser: await recogniseAnswers(whole.case, answers),
    report: await reportAccess(askOf(whole.case)),
    async alerts(paths) {
      const { rules } = await readRules('built-in')
      const chosen = rules.filter(({ path }) => paths === undefined || paths.includes(path))
      const { outcomes } = await hunt(whole.case, { rules: chosen, keepsAlerts: false })
      const failed = outcomes.filter(({ status }) => status === 'refused' || status === 'stopped')
      if (failed.length > 0)
        throw new Error(failed.map(({ rule, reason }) => `${rule.path}: ${reason}`).join('; '))
      return outcomes.flatMap(({ alerts }) => alerts)
    },
    async [Symbol.asyncDispose]() {
      await whole[Symbol.asyncDispose]()
      removeFolder(folder)
    },
  }
}
