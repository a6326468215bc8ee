import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AccessReport, reportAccess } from '../src/access/report.ts'
import type { Chain, Step } from '../src/access/story.ts'
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

      const chainsOfStory = (): readonly Chain[] =>
        report.chains.filter(({ steps }) =>
          steps.some((step) => recogniser.stepsOf(step).some((id) => id !== '')),
        )

      /** Links of a chain, by the steps of the story that they join. */
      const linksOf = ({ steps, links }: Chain): readonly (readonly [from: string, to: string])[] => {
        const ids = new Map(steps.map((step) => [step.id, stepOf(step)]))
        return links.map(({ from, to }) => [ids.get(from) ?? '', ids.get(to) ?? ''])
      }

      test('no link is false: each leads from one step of the story to another, over none that is left', () => {
        expect(chainsOfStory().length).toBeGreaterThan(0)
        const links = chainsOfStory().flatMap(linksOf)
        expect(links.filter(([from, to]) => !leadsTo(answers, recogniser, from, to))).toEqual([])
      })

      test('each link of the story is told, or what is missing is named beside the step that is left of it', () => {
        const { access, entry } = stories.exfiltration
        const wanted = answers.links.filter(
          ({ from, to }) =>
            (access.includes(from) || access.includes(to)) &&
            [from, to].every((id) => access.includes(id) || entry.includes(id)),
        )
        const told = new Set(
          chainsOfStory().flatMap((chain) => linksOf(chain).map(([from, to]) => `${from} > ${to}`)),
        )
        const ends = new Set(chainsOfStory().flatMap(({ steps }) => steps.map(stepOf)))
        const named = new Set(
          chainsOfStory().flatMap(({ steps, gaps }) => {
            const ids = new Map(steps.map((step) => [step.id, stepOf(step)]))
            return gaps
              .filter(({ missing }) => ablation.missing.some((name) => missing.includes(name)))
              .flatMap((gap) => gap.steps.map((id) => ids.get(id) ?? ''))
          }),
        )
        const lost = wanted.filter(
          ({ from, to }) => !told.has(`${from} > ${to}`) && (ends.has(from) || ends.has(to)),
        )
        expect(told.size + lost.length).toBeGreaterThanOrEqual(ablation.fewestLinks ?? 6)
        expect(lost.filter(({ from, to }) => !named.has(from) && !named.has(to))).toEqual([])
      })

      test('every step that the logs still hold is told, and what is missing is named', () => {
        const told = report.chains.flatMap(({ steps }) => steps)
        const kept = stories.exfiltration.access.filter(
          (id) => !ablation.lost.includes(id) && !recogniser.isGone(id),
        )
        expect(kept.length).toBeGreaterThan(2)
        for (const id of kept) {
          const { all, found } = recogniser.recall(told, id)
          expect(found, id).toBe(all)
        }
        const gaps = chainsOfStory().flatMap((chain) => chain.gaps)
        const unnamed = ablation.missing.filter((name) => !gaps.some(({ missing }) => missing.includes(name)))
        expect(unnamed).toEqual([])
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

/** Whether links of the story lead from one step to another, over nothing but steps whose records are gone. */
function leadsTo(answers: LabAnswers, recogniser: Recogniser, from: string, to: string): boolean {
  const reached = new Set([from])
  for (const id of reached)
    for (const link of answers.links)
      if (link.from === id && (link.to === to || recogniser.isGone(link.to))) reached.add(link.to)
  return from !== '' && from !== to && reached.has(to)
}
