import type { KqlType } from '../../src/kql/types.ts'
import { datetimeText, jsonOf, textOf, timespanText } from './interpreter/text.ts'
import type { Value } from './interpreter/value.ts'
import type { Random } from './random.ts'

export const texts: readonly string[] = [
  '',
  'a',
  'A',
  'abc',
  'ABC',
  'Abc',
  ' abc ',
  'alpha_beta',
  'alpha beta',
  'a-b',
  'a,b,,c',
  'x=1;y=two',
  'x=7;y=',
  'key=value',
  '12',
  '-7',
  '007',
  '3.5',
  '1e3',
  '0x1F',
  'true',
  'False',
  'null',
  'NaN',
  '2020-02-29',
  '2020-01-01T10:11:12.1234567Z',
  '01:02:03',
  '1.02:03:04',
  'café',
  'CAFÉ',
  'naïve',
  'мир',
  'МИР',
  'Привет мир',
  '日本語',
  'ÀÉÎ',
  '😀',
  'a😀b',
  'tab\there',
  'two\nlines',
  "it's",
  'say "x"',
  'back\\slash',
  '%',
  '_',
  'a%b',
  '10.0.0.1',
  '10.1.2.3/8',
  '192.168.1.255',
  'fe80::1',
  '{"a":1,"b":[1,2]}',
  '[1,"x",null]',
  '{"a":{"b":"c"}}',
  '{bad',
  'aaa',
  'abab',
  'ababab',
  'foo bar foo',
  '74be27de-1e4e-49d9-b579-fe0b331d3642',
  'S3VzdG8=',
  'a.b.c',
  '(x)',
  'https://u@h.io:8080/p/q?k=v&k2=#f',
  '1.2.3',
  '1.10',
  'C:\\temp\\file.txt',
  '/var/log/x.gz',
]

const highest = 3_155_378_975_999_999_999n
const epoch = 621_355_968_000_000_000n

/** A dynamic made of JSON; reals are multiples of a quarter, some of them whole. */
export function anyDynamic(random: Random, depth = 2): Value {
  const kind = random.below(depth > 0 ? 9 : 6)
  if (kind === 0) return null
  if (kind === 1) return random.chance(0.5)
  if (kind === 2) return BigInt(random.between(-5, 20))
  if (kind === 3) return random.between(-20, 20) + random.pick([0, 0.25, 0.5, 0.75])
  if (kind < 6) return random.pick(['a', 'b', 'abc', '', 'é', '7', 'мир', 'x"y', '2020-01-01'])
  if (kind === 6) return Array.from({ length: random.below(4) }, () => anyDynamic(random, depth - 1))
  return anyBag(random, depth)
}

export function anyBag(random: Random, depth = 2): Value {
  const keys = random.shuffled(['a', 'b', 'c', 'k 1', 'é']).slice(0, random.below(4))
  return new Map(keys.map((key) => [key, anyDynamic(random, depth - 1)]))
}

export function numberArray(random: Random): Value {
  const kind = random.below(4)
  return Array.from({ length: random.below(6) }, () => {
    if (kind === 3 && random.chance(0.3)) return null
    return kind === 2 ? random.between(-40, 40) / 8 : BigInt(random.between(-9, 9))
  })
}

export function textArray(random: Random): Value {
  return Array.from({ length: random.below(5) }, () =>
    random.pick(['a', 'b', 'B', 'abc', '', 'é', 'мир', '12']),
  )
}

const makers: Readonly<Record<Exclude<KqlType, 'decimal'>, (random: Random) => Value>> = {
  bool: (random) => random.chance(0.5),
  int: (random) =>
    random.chance(0.8)
      ? BigInt(random.between(-10, 30))
      : random.pick([2_147_483_647n, -2_147_483_648n, 65_536n]),
  long: (random) => {
    if (random.chance(0.8)) return BigInt(random.between(-10, 30))
    return random.pick([
      9_223_372_036_854_775_807n,
      -9_223_372_036_854_775_807n,
      9_007_199_254_740_993n,
      4_294_967_296n,
      -1_000_000n,
    ])
  },
  real: (random) => {
    if (random.chance(0.8)) return random.between(-80, 240) / 8
    return random.pick([NaN, Infinity, -Infinity, 0, 1024.5, -4096, 1e15])
  },
  string: (random) => random.pick(texts),
  datetime: (random) => {
    if (random.chance(0.1)) return random.pick([0n, highest, epoch, epoch - 1n])
    const day = BigInt(random.between(737_000, 738_000)) * 864_000_000_000n
    return random.chance(0.4)
      ? day
      : day + BigInt(random.below(864_000)) * 1_000_000n + BigInt(random.below(2) * 1234567)
  },
  timespan: (random) => {
    if (random.chance(0.3))
      return random.pick([0n, 1n, -1n, 864_000_000_000n, 36_000_000_000n, -36_000_000_001n, 10_000_000n])
    return BigInt(random.between(-200_000, 900_000)) * 10_000_000n + BigInt(random.below(2) * 1_234_567)
  },
  guid: (random) => `74be27de-1e4e-49d9-b579-fe0b331d364${random.below(4)}`,
  dynamic: (random) => anyDynamic(random),
}

export function anyValue(type: Exclude<KqlType, 'decimal'>, random: Random): Value {
  return makers[type](random)
}

/** A value as a literal of a query. */
export function literal(value: Value, type: KqlType): string {
  if (type === 'string') return quoted(textOf(value, type))
  if (value === null) return `${type}(null)`
  if (type === 'dynamic') return `dynamic(${jsonOf(value)})`
  if (type === 'datetime' && typeof value === 'bigint') return `datetime(${datetimeText(value).slice(0, -1)})`
  if (type === 'timespan' && typeof value === 'bigint') return `time(${timespanText(value)})`
  if (type === 'real' && typeof value === 'number') {
    if (!Number.isFinite(value)) return `real(${Number.isNaN(value) ? 'nan' : value > 0 ? '+inf' : '-inf'})`
    return value < 0
      ? `real(${value})`
      : Number.isInteger(value) && value < 1e15
        ? `${value}.0`
        : `real(${value})`
  }
  if (type === 'bool') return value === true ? 'true' : 'false'
  return type === 'long' && typeof value === 'bigint' && value >= 0n
    ? textOf(value, type)
    : `${type}(${textOf(value, type)})`
}

export function quoted(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
  return `"${escaped}"`
}
