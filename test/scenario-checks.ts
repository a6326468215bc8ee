import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Chain } from '../src/access/story.ts'
import { askOf } from '../src/case/rows.ts'
import type { Alert } from '../src/hunt/alert.ts'
import type { LabOptions, Scenario } from '../src/lab/lab.ts'
import { countText } from '../src/quantity.ts'
import { followIdentity, type IdentityTrail } from '../src/trail/identity.ts'
import type { Held } from './investigation-answers.ts'
import { makeScenarioCase, type ScenarioCase } from './scenario-case.ts'
import { stories } from './stories.ts'

const minutes = 60_000
/** Techniques by which credentials are had and by which data leaves: what shows them must alert at high. */
const gravest = /^(?:T1110|T1528|T1530|T1537|T1552|T1555|T1557|T1621)/

/** Links that a trail shows by putting both ends into one session. */
const sessionLinks = new Set(['SessionId', 'uti', 'SignInActivityId', 'UniqueTokenId'])

export interface CheckOptions extends Pick<LabOptions, 'seed' | 'days' | 'scale'> {
  /** Whether all rules hunt, or those alone that the story names. */
  readonly allRules: boolean
}

/** Tests that a scenario is found whole: alerts, the chain, the trails; and nothing else. */
export function checkScenario(scenario: Exclude<Scenario, 'quiet'>, options: CheckOptions): void {
  const story = stories[scenario]
  describe(`${scenario} at seed ${options.seed}`, () => {
    let made: ScenarioCase
    let chain: Chain
    let alerts: readonly Alert[]

    beforeAll(async () => {
      made = await makeScenarioCase(scenario, options)
      const [first] = made.report.chains
      if (first === undefined) throw new Error('no chain was found')
      chain = first
      alerts = await made.alerts(options.allRules ? undefined : Object.values(story.alerts).flat())
    }, 60 * minutes)
    afterAll(async () => {
      await made[Symbol.asyncDispose]()
    })

    test('every step is alerted by the rule that is there for it', () => {
      const deeds = made.answers.steps.filter(
        ({ technique, records }) => technique !== '' && records.length > 0,
      )
      const silent = deeds.filter(
        ({ id }) =>
          !alerts.some((alert) => [story.alerts[id]].flat().includes(alert.path) && isAbout(made, alert, id)),
      )
      expect(deeds.length).toBeGreaterThan(2)
      expect(silent.map(({ id }) => id)).toEqual([])
    })

    test('credentials that are had and data that leaves are alerted at high', () => {
      const grave = made.answers.steps.filter(
        ({ technique, records }) => gravest.test(technique) && records.length > 0,
      )
      const missed = grave.filter(
        ({ id }) => !alerts.some((alert) => alert.level === 'high' && isAbout(made, alert, id)),
      )
      expect(grave.length).toBeGreaterThan(0)
      expect(missed.map(({ id }) => id)).toEqual([])
    })

    test('the gravest chain is high and no other is', () => {
      expect(made.report.chains.filter(({ level }) => level === 'high')).toEqual([chain])
    })

    test('the chain holds every record of its steps and none of anything else', () => {
      for (const id of story.access) {
        const { all, found } = made.recogniser.recall(chain.steps, id)
        expect(found, id).toBe(all)
      }
      const told = chain.steps.map((step) => ({ title: step.title, ids: made.recogniser.stepsOf(step) }))
      const known = new Set([...story.access, ...story.entry])
      expect(told.filter(({ ids }) => ids.length !== 1 || !known.has(ids[0] ?? ''))).toEqual([])
    })

    test('its links are those of the story, as certain as they can be', () => {
      const ids = new Map(
        chain.steps.map((step) => [step.id, made.recogniser.stepsOf(step)[0] ?? step.title]),
      )
      const told = chain.links.map(
        ({ from, to, certainty }) => `${ids.get(from) ?? from} > ${ids.get(to) ?? to}: ${certainty}`,
      )
      const wanted = made.answers.links
        .filter(({ from, to }) => story.access.includes(to) || story.access.includes(from))
        .filter(({ from, to }) =>
          [from, to].every((id) => story.access.includes(id) || story.entry.includes(id)),
        )
        .map(({ from, to, certainty }) => `${from} > ${to}: ${certainty}`)
      expect([...new Set(told)].toSorted()).toEqual([...new Set(wanted)].toSorted())
    })

    test('the account without a read log is blind, with the bound that metrics give', () => {
      const archive = made.report.accounts.find(({ account }) => account.includes('arch'))
      expect(archive).toMatchObject({ verdict: 'blind' })
      expect(archive?.measuredReads).toBeGreaterThan(0)
      expect(archive?.why).toContain(`${countText(archive?.measuredReads ?? 0)} reads`)
    })

    if (scenario === 'old-key')
      test('where the credential came from is missing, and said to be', () => {
        expect(chain.gaps.map(({ missing }) => missing)).toContain('where the credential came from')
        expect(chain.steps.filter(({ kind }) => kind === 'credential' || kind === 'sign-in')).toEqual([])
      })

    describe.each(Object.entries(story.trails))('the trail of the %s', (choice, steps) => {
      let trail: IdentityTrail
      beforeAll(async () => {
        trail = await followIdentity(askOf(made.whole.case), made.answers.choices[choice] ?? '')
      }, 10 * minutes)

      test('holds every record of its steps', () => {
        const deeds = deedsOf(trail)
        expect(deeds.length).toBeGreaterThan(0)
        for (const id of steps) {
          const { all, found } = made.recogniser.recall(deeds, id)
          expect(found, id).toBe(all)
        }
      })

      test('has no try in a spray that is not of the story', () => {
        const tried = trail.sprays.flatMap(({ attempts }) => attempts)
        expect(tried.filter((deed) => made.recogniser.stepsOf(deed).join() !== 'spray')).toEqual([])
      })

      test('has no session in which records of the story are among others', () => {
        const mixed = sessionsOf(trail).filter((session) => {
          const ids = session.deeds.flatMap((deed) => made.recogniser.stepsOf(deed))
          return ids.some((id) => id !== '') && ids.some((id) => id === '')
        })
        expect(mixed.map(({ id, deeds }) => [id, deeds.map(({ what }) => what)])).toEqual([])
        const held = new Set(deedsOf(trail).flatMap((deed) => made.recogniser.stepsOf(deed)))
        if (steps.length === 0) expect([...held].filter((id) => id !== '')).toEqual([])
      })

      test('has in one session what the same tokens did', () => {
        const linked = made.answers.links.filter(
          ({ from, to, by }) => sessionLinks.has(by) && steps.includes(from) && steps.includes(to),
        )
        const sessions = sessionsOf(trail).map(
          (session) => new Set(session.deeds.flatMap((deed) => made.recogniser.stepsOf(deed))),
        )
        expect(linked.length > 0 || steps.length === 0).toBe(true)
        expect(
          linked.filter(({ from, to }) => !sessions.some((ids) => ids.has(from) && ids.has(to))),
        ).toEqual([])
      })
    })
  })
}

/** Whether an alert rests on a record of a step. */
function isAbout(made: ScenarioCase, alert: Alert, id: string): boolean {
  return made.recogniser.stepsOf({ records: alert.evidence }).includes(id)
}

function sessionsOf(trail: IdentityTrail): IdentityTrail['sessions'] {
  return [...trail.sessions, ...trail.followed.flatMap(({ sessions }) => sessions)]
}

function deedsOf(trail: IdentityTrail): readonly Held[] {
  return [
    ...sessionsOf(trail).flatMap((session) => session.deeds),
    ...trail.sprays.flatMap(({ attempts }) => attempts),
    ...trail.others,
  ]
}
