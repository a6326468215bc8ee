import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AccessReport, reportAccess } from '../src/access/report.ts'
import type { Step } from '../src/access/story.ts'
import { askOf } from '../src/case/rows.ts'
import type { LabAnswers } from '../src/lab/answers.ts'
import { makeLab } from '../src/lab/lab.ts'
import { ablate, type Ablation } from './ablations.ts'
import { recogniseAnswers, type Recogniser } from './investigation-answers.ts'
import { stories } from './stories.ts'
import { makeWholeCase, removeFolder, temporaryFolder, type WholeCase } from './whole-case.ts'

const minutes = 60_000

/** Tests that with parts of the logs gone nothing false is told, and what is missing is said to be. */
export function checkAblations(chosen: readonly Ablation[], seed: number): void {
  describe(`the exfiltration at seed ${seed} with parts of its logs gone`, () => {
    const folder = temporaryFolder()
    let answers: LabAnswers

    beforeAll(async () => {
      answers = await makeLab(join(folder, 'lab'), { scenario: 'exfiltration', seed, days: 8, scale: 0.05 })
    }, 10 * minutes)
    afterAll(() => removeFolder(folder))

    describe.each(chosen)('$name', (ablation) => {
      const own = join(folder, ablation.name.replaceAll(' ', '-'))
      let whole: WholeCase
      let report: AccessReport
      let recogniser: Recogniser

      beforeAll(async () => {
        const evidence = join(own, 'evidence')
        cpSync(join(folder, 'lab', 'evidence'), evidence, { recursive: true })
        if (ablate(evidence, answers, ablation) === 0) throw new Error('nothing was taken away')
        whole = await makeWholeCase(join(own, 'case'))
        await whole.case.ingest([evidence], { dayFirst: false })
        report = await reportAccess(askOf(whole.case))
        recogniser = await recogniseAnswers(whole.case, answers)
      }, 20 * minutes)
      afterAll(async () => {
        await whole[Symbol.asyncDispose]()
        removeFolder(own)
      })

      /** The step of the story that a step tells of; reads that only metrics count by when and where they were. */
      const stepOf = (step: Step): string => {
        const [id = ''] = recogniser.stepsOf(step)
        if (id !== '' || step.kind !== 'blind-read' || !step.account.includes('docs')) return id
        const end = new Date(Date.parse(step.last) + 60 * minutes).toISOString()
        const lost = answers.steps.find(
          ({ id: name, time }) => name === 'download' && time >= step.first && time < end,
        )
        return lost !== undefined && ablation.lost.includes(lost.id) ? lost.id : ''
      }

      test('no link is false: each joins two steps that the story joins', () => {
        const chains = report.chains.filter(({ steps }) =>
          steps.some((step) => recogniser.stepsOf(step).some((id) => id !== '')),
        )
        expect(chains.length).toBeGreaterThan(0)
        for (const { steps, links } of chains) {
          const ids = new Map(steps.map((step) => [step.id, stepOf(step)]))
          const wrong = links
            .map(({ from, to }) => [ids.get(from) ?? '', ids.get(to) ?? ''] as const)
            .filter(([from, to]) => !areJoined(answers, from, to))
          expect(wrong).toEqual([])
        }
      })

      test('every step that the logs still hold is told, and what is missing is named', () => {
        const told = report.chains.flatMap(({ steps }) => steps)
        const kept = stories.exfiltration.access.filter((id) => !ablation.lost.includes(id))
        for (const id of kept) {
          const { all, found } = recogniser.recall(told, id)
          expect(found, id).toBe(all)
        }
        const gaps = report.chains
          .filter(({ steps }) => steps.some((step) => recogniser.stepsOf(step).some((id) => id !== '')))
          .flatMap((chain) => chain.gaps)
        expect(
          gaps.map(({ missing }) => missing).filter((name) => name.includes(ablation.missing)),
        ).not.toEqual([])
        for (const gap of gaps) expect(gap.why).not.toBe('')
      })

      test('the account without a read log stays blind, and none whose reads are gone is called logged', () => {
        const verdictOf = (part: string): string | undefined =>
          report.accounts.find(({ account }) => account.includes(part))?.verdict
        expect(verdictOf('arch')).toBe('blind')
        const isTold = ['enumerate', 'download'].every((id) => !ablation.lost.includes(id))
        if (!isTold) expect(verdictOf('docs')).not.toBe('logged')
      })
    })
  })
}

/** Whether the links of the story join two steps, whichever of the steps between them are lost. */
function areJoined(answers: LabAnswers, from: string, to: string): boolean {
  const reached = new Set([from])
  for (let size = 0; size < reached.size;) {
    size = reached.size
    for (const link of answers.links)
      if (reached.has(link.from) || reached.has(link.to)) reached.add(link.from).add(link.to)
  }
  return from !== '' && from !== to && reached.has(to)
}
