import { fields } from './events-world.ts'
import type { Detection, Event } from './interpreter.ts'

/** Numbers that look random and are the same for the same seed. */
export type Random = () => number

export function randomOf(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

const letters = [
  'a',
  'b',
  'A',
  'B',
  'c',
  'é',
  'É',
  '-',
  '/',
  '\u2013',
  '.',
  ' ',
  '*',
  '?',
  '\\',
  '"',
  "'",
  '%',
  '\n',
  '1',
  '|',
  '`',
  '$',
]

function text(random: Random, most: number, alphabet: readonly string[] = letters): string {
  return Array.from({ length: Math.floor(random() * (most + 1)) }, () => pick(random, alphabet)).join('')
}

/** Of two texts, one is of few letters, so that rules and events meet. */
function word(random: Random): string {
  if (random() < 0.1) return pick(random, ['YQ==', 'YWI=', 'YQBiAA==', 'xYWJjeA==', '12', '7.5', 'Ab'])
  return random() < 0.6 ? text(random, 3, ['a', 'b', 'A', 'B']) : text(random, 4)
}

function maybe<Value>(random: Random, value: Value): Value | null {
  return random() < 0.2 ? null : value
}

function time(random: Random): string {
  return new Date(
    Date.UTC(
      2024,
      Math.floor(random() * 3),
      1 + Math.floor(random() * 28),
      Math.floor(random() * 24),
      Math.floor(random() * 3),
    ),
  ).toISOString()
}

export function randomEvent(random: Random, id: number): Event {
  const property = (): unknown => ({
    displayName: word(random),
    newValue: random() < 0.5 ? JSON.stringify(word(random)) : word(random),
  })
  const listOf = (make: () => unknown): unknown[] => Array.from({ length: Math.floor(random() * 3) }, make)
  return {
    Id: id,
    TimeGenerated: time(random),
    Caller: word(random),
    City: word(random),
    Address: pick(random, [
      '10.0.0.1',
      '10.1.2.3:443',
      '192.168.1.1',
      '::ffff:10.0.0.9',
      'x',
      '',
      '300.1.1.1',
    ]),
    Size: maybe(random, Math.floor(random() * 15) - 2),
    At: maybe(random, time(random)),
    DeviceDetail: maybe(random, { trustType: word(random), browser: maybe(random, word(random)) }),
    TargetResources: maybe(
      random,
      listOf(() => ({ displayName: word(random), modifiedProperties: maybe(random, listOf(property)) })),
    ),
    AuthenticationDetails:
      random() < 0.2
        ? ''
        : JSON.stringify(listOf(() => ({ authenticationMethod: word(random), succeeded: true }))),
    Extra: maybe(
      random,
      random() < 0.5
        ? { Some: { key: word(random) }, list: listOf(() => word(random)) }
        : {
            some: listOf(() => ({ KEY: random() < 0.5 ? word(random) : 12 })),
            nowhere: { key: word(random) },
          },
    ),
  }
}

const conditions = [
  ...['s1', 'not s1', 's1 and s2', 's1 or not s2 and s3', '(s1 or s2) and not s3', 'all of s*', '1 of s*'],
  ...[
    'not (s1 and (s2 or not s3))',
    '1 of them',
    'all of them',
    's1 and not 1 of s*2',
    'NOT s1 AND any of them',
  ],
  ...['not not s1', 's1 or s2 or s3 and not all of *3'],
]

/** A detection that names `s1`, `s2`, `s3` and `_s4`. */
export function randomDetection(random: Random): Detection {
  const condition = pick(random, conditions)
  return {
    s1: search(random),
    s2: search(random),
    s3: search(random),
    _s4: search(random),
    condition: random() < 0.1 ? [condition, pick(random, conditions)] : condition,
  }
}

function search(random: Random): unknown {
  const kind = random()
  if (kind < 0.1) return Array.from({ length: 1 + Math.floor(random() * 2) }, () => keyword(random))
  if (kind < 0.15) return { '|all': [keyword(random), keyword(random)] }
  if (kind < 0.3) return [map(random), map(random)]
  return map(random)
}

/** Without what JSON writes in another way, so that the text of an event is the same to both sides. */
function keyword(random: Random): string {
  return text(random, 2, ['a', 'b', 'A', '*', '?', '.']) + pick(random, ['a', 'b', '-', '1'])
}

function map(random: Random): Readonly<Record<string, unknown>> {
  const items = Array.from({ length: random() < 0.7 ? 1 : 2 }, () => item(random))
  return Object.fromEntries(items)
}

function item(random: Random): readonly [string, unknown] {
  const field = pick(random, fields)
  const list = (make: () => unknown): unknown => {
    if (random() < 0.5) return make()
    return Array.from({ length: 1 + Math.floor(random() * 3) }, make)
  }
  const place = pick(random, ['', '', '|contains', '|startswith', '|endswith'])
  const extra = pick(random, ['', '', '', '|cased', '|neq', '|all', '|windash'])
  const kind = Math.floor(random() * 16)
  switch (kind) {
    case 0:
      return [`${field}|exists`, random() < 0.5]
    case 1:
      return [field, pick(random, [null, ''])]
    case 2:
      return [
        `${field}|re${pick(random, ['', '|i', '|s', '|m|i'])}`,
        pick(random, ['^a', 'b$', '^[ab]+$', 'a.b', '(a|b){2}', '\\.', '^.?$', '[^a]', '"', '^$']),
      ]
    case 3:
      return [
        `Address|cidr`,
        list(() => pick(random, ['10.0.0.0/8', '192.168.1.1/32', '0.0.0.0/0', '10.0.0.0/31'])),
      ]
    case 4:
      return [
        `${pick(random, ['Size', 'Caller', 'extra.some.key'])}|${pick(random, ['lt', 'lte', 'gt', 'gte'])}`,
        Math.floor(random() * 12),
      ]
    case 5:
      return [
        `At|${pick(random, ['minute', 'hour', 'day', 'month', 'year'])}${pick(random, ['', '|gte', '|lt'])}`,
        pick(random, [1, 2, 12, 20, 2024]),
      ]
    case 6:
      return [
        `${pick(random, ['Caller', 'TargetResources.displayName', 'who'])}|fieldref${place}`,
        pick(random, ['City', 'Caller', 'DeviceDetail.browser']),
      ]
    case 7:
      return [
        `${field}|expand${place}`,
        list(() => pick(random, ['%Admins%', 'x%Our-Places%', '%Admins%%Our-Places%', 'ab', '%'])),
      ]
    case 8:
      return [
        `${field}|${pick(random, ['base64', 'base64offset', 'wide|base64', 'utf16be|base64offset', 'utf16|base64'])}${pick(random, ['', '|contains'])}`,
        pick(random, ['ab', 'abc', 'Ab', 'bab']),
      ]
    case 9:
      return [pick(random, ['Size', 'extra.some.key']), list(() => Math.floor(random() * 14) - 2)]
    default:
      return [
        `${field}${place}${extra}`,
        list(() => word(random) + (random() < 0.3 ? pick(random, ['*', '?', '\\*']) : '')),
      ]
  }
}
