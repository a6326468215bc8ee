import { bound, call, text, type SqlExpression } from '../../sql/node.ts'
import { quoteJson, toText } from '../convert.ts'
import { argument, constantText, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import { browserRules, deviceRules, systemRules, type AgentRule } from './user-agent-rules.ts'

const parts = ['MajorVersion', 'MinorVersion', 'Patch'] as const

/** A bag of texts. */
function bagOf(fields: readonly (readonly [name: string, value: SqlExpression])[]): SqlExpression {
  const printed = fields.flatMap(([name, value], index) => [
    text(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`),
    value.kind === 'string' ? text(JSON.stringify(value.value)) : quoteJson(value),
  ])
  return call('concat', ...printed, '}')
}

/** The first rule that the text matches decides; where none does, the last value stands. */
function firstOf(
  agent: SqlExpression,
  rules: readonly (readonly [pattern: string, value: SqlExpression])[],
  otherwise: SqlExpression,
): SqlExpression {
  return call(
    'multiIf',
    ...rules.flatMap(([pattern, value]) => [call('match', agent, pattern), value]),
    otherwise,
  )
}

function versioned(
  agent: SqlExpression,
  rules: readonly AgentRule[],
  names: readonly string[],
): SqlExpression {
  const none = bagOf([['Family', text('Other')], ...names.map((name) => [name, text('')] as const)])
  const values = rules.map(({ pattern, family, version }) => {
    const isFound = version === undefined && /\((?!\?)/.test(pattern)
    const value = (groups: SqlExpression | undefined): SqlExpression =>
      bagOf([
        ['Family', text(family)],
        ...names.map((name, index) => {
          const found = groups ? call('arrayElement', groups, index + 1) : text(version?.[index] ?? '')
          return [name, found] as const
        }),
      ])
    return [
      pattern,
      isFound ? bound(call('extractGroups', agent, pattern), (groups) => value(groups)) : value(undefined),
    ] as const
  })
  return firstOf(agent, values, none)
}

function device(agent: SqlExpression): SqlExpression {
  const described = (family: SqlExpression, brand: string, model: SqlExpression): SqlExpression =>
    bagOf([
      ['Family', family],
      ['Brand', text(brand)],
      ['Model', model],
    ])
  const rules = deviceRules.map(({ pattern, family, brand, model }) => {
    if (model !== undefined) return [pattern, described(text(family), brand, text(model))] as const
    // The model, and where its family is but a part of it, that part.
    const groups = pattern.match(/\((?!\?)/g)?.length ?? 0
    const value = bound(call('extractGroups', agent, pattern), (found) => {
      const [name, own] = [call('arrayElement', found, 1), call('arrayElement', found, groups)]
      return described(call('concat', family, own), brand, name)
    })
    return [pattern, value] as const
  })
  return firstOf(agent, rules, described(text('Other'), '', text('')))
}

const sections: Readonly<
  Record<string, readonly [key: string, of: (agent: SqlExpression) => SqlExpression]>
> = {
  browser: ['Browser', (agent) => versioned(agent, browserRules, parts)],
  os: ['OperatingSystem', (agent) => versioned(agent, systemRules, [...parts, 'PatchMinor'])],
  device: ['Device', device],
}

function wanted(args: readonly Operand[], site: CallSite): readonly string[] {
  const given = constantText(args, 1, site)
  const names: unknown = given.startsWith('[') ? JSON.parse(given) : [given]
  const list = Array.isArray(names) ? names.map(String) : []
  const known = Object.keys(sections)
  if (list.length > 0 && list.every((name) => known.includes(name)))
    return known.filter((name) => list.includes(name))
  return site.refuse('bad-argument', 'parse_user_agent looks for browser, os and device')
}

/** What user agents say of themselves. */
export const userAgentFunctions: readonly ScalarFunction[] = [
  {
    name: 'parse_user_agent',
    doc: 'The browser, operating system and device of a user agent, as a bag.',
    example: [
      'parse_user_agent("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0", "browser")',
      { Browser: { Family: 'Firefox', MajorVersion: '128', MinorVersion: '0', Patch: '' } },
    ],
    approximate: () =>
      'it knows common browsers, systems and devices only; what it does not know is Other, where Kusto may name it',
    type: 'dynamic',
    total: true,
    emit: (args, site) => {
      const names = wanted(args, site)
      return bound(toText(argument(args, 0)), (agent) => {
        const printed = names.flatMap((name, index) => {
          const section = sections[name]
          if (!section) throw new Error(`no section ${name}`)
          const [key, of] = section
          return [text(`${index === 0 ? '{' : ','}"${key}":`), of(agent)]
        })
        return call('concat', ...printed, '}')
      })
    },
  },
]
