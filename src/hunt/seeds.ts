import type { Alert, Entity } from './alert.ts'
import { levels, type Level } from './rule.ts'

/** What a value that alerts name is, and so what it can be looked for as. */
export const seedKinds = [
  'address',
  'account',
  'application',
  'host',
  'hash',
  'user agent',
  'credential',
  'domain',
  'url',
] as const

export type SeedKind = (typeof seedKinds)[number]

/** A value that alerts name, to be looked for elsewhere. */
export interface Seed {
  readonly kind: SeedKind
  readonly value: string
  /** The highest of the alerts that name it. */
  readonly level: Level
  readonly alerts: number
  /** Times of the first and the last record of these alerts, in ISO. */
  readonly first: string
  readonly last: string
}

/** Sentinel's entity types and the identifiers that name them; resources and groups are one's own. */
const identifiers: Readonly<Record<string, readonly [SeedKind, readonly string[]]>> = {
  ip: ['address', ['Address']],
  account: ['account', ['FullName', 'AadUserId', 'ObjectGuid', 'Sid', 'Name']],
  'cloud-application': ['application', ['AppId', 'Name']],
  host: ['host', ['HostName', 'FQDN', 'NetBiosName', 'AzureID']],
  filehash: ['hash', ['Value']],
  mailbox: ['account', ['MailboxPrimaryAddress', 'Upn']],
  dns: ['domain', ['DomainName']],
  url: ['url', ['Url']],
}

/** Details of alerts by their names; Sentinel has no entities for these. */
const details: readonly (readonly [RegExp, SeedKind])[] = [
  [/^user_?agents?$|^agents?$/i, 'user agent'],
  [/hash(es)?$|^signatures?$/i, 'hash'],
  [/^(key|credential)_?ids?$/i, 'credential'],
  [/^(app|application|client)_?ids?$/i, 'application'],
]

/** The values that alerts name, each once whatever its letter case: by kind, the highest level and the most alerts first. */
export function seedsOf(alerts: readonly Alert[]): readonly Seed[] {
  const seeds = new Map<string, Seed>()
  for (const alert of alerts) {
    const named = new Map(namedBy(alert).map((item) => [`${item.kind} ${item.value.toLowerCase()}`, item]))
    for (const [key, { kind, value }] of named) {
      const { level, start: first, end: last } = alert
      const known = seeds.get(key)
      seeds.set(key, known ? widened(known, alert, value) : { kind, value, level, alerts: 1, first, last })
    }
  }
  return [...seeds.values()].toSorted(
    (a, b) =>
      seedKinds.indexOf(a.kind) - seedKinds.indexOf(b.kind) ||
      levels.indexOf(b.level) - levels.indexOf(a.level) ||
      b.alerts - a.alerts ||
      (a.value < b.value ? -1 : 1),
  )
}

function widened(seed: Seed, { level, start, end }: Alert, value: string): Seed {
  return {
    kind: seed.kind,
    value: value < seed.value ? value : seed.value,
    level: levels.indexOf(level) > levels.indexOf(seed.level) ? level : seed.level,
    alerts: seed.alerts + 1,
    first: start < seed.first ? start : seed.first,
    last: end > seed.last ? end : seed.last,
  }
}

function namedBy({ entities, customDetails }: Alert): readonly Pick<Seed, 'kind' | 'value'>[] {
  const ofDetails = Object.entries(customDetails).flatMap(([name, values]) => {
    const kind = details.find(([form]) => form.test(name))?.[1]
    return kind === undefined ? [] : values.map((value) => ({ kind, value }))
  })
  return [...entities.flatMap(namedByEntity), ...ofDetails]
    .map(({ kind, value }) => ({ kind, value: value.trim() }))
    .filter(({ value }) => value !== '')
}

function namedByEntity(entity: Entity): readonly Pick<Seed, 'kind' | 'value'>[] {
  const [kind, names] = identifiers[entity.Type] ?? []
  if (kind === undefined || names === undefined) return []
  const { Name: name, UPNSuffix: suffix } = entity
  return names.flatMap((identifier) => {
    const value = entity[identifier]
    if (value === undefined) return []
    const isLocal = identifier === 'Name' && kind === 'account' && suffix !== undefined && suffix !== ''
    return [{ kind, value: isLocal ? `${name}@${suffix}` : value }]
  })
}
