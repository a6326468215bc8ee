import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAsker, type Asker } from '../../../test/ask.ts'

let asker: Asker

beforeAll(async () => {
  asker = await openAsker({ tables: [] })
})

afterAll(async () => {
  await asker[Symbol.asyncDispose]()
})

const options = { now: 1_577_836_800_000_000_0n }

/** Null, empty, negative, out of range and not ASCII. */
const families: Readonly<Record<string, readonly (readonly [expression: string, value: unknown])[]>> = {
  datetimes: [
    ['endofyear(datetime(9999-12-31))', '9999-12-31T23:59:59.9999999Z'],
    ['startofmonth(datetime(0001-01-01), -1)', null],
    ['startofday(datetime(null), 1)', null],
    ['datetime_add("month", 1, datetime(9999-12-01))', null],
    ['datetime_add("year", -2019, datetime(2020-02-29))', '0001-02-28T00:00:00.0000000Z'],
    ['datetime_add("day", 9223372036854775807, datetime(2020-02-29))', null],
    ['make_datetime(2021, 2, 29)', null],
    ['make_datetime(2021, 1, 1, 23, 59, 59.9999999)', '2021-01-01T23:59:59.9999999Z'],
    ['make_timespan(1, 2, -3)', null],
    ['unixtime_seconds_todatetime(-1)', '1969-12-31T23:59:59.0000000Z'],
    ['unixtime_seconds_todatetime(999999999999999)', null],
    ['datetime_part("microsecond", datetime(2017-10-30 01:02:03.7654321))', 765_432],
    ['datetime_diff("nanosecond", datetime(2500-01-01), datetime(1000-01-01))', null],
    ['gettype(datetime_diff("week", datetime(2020-01-15), datetime(2020-01-01)))', 'real'],
    ['week_of_year(datetime(2016-01-01))', 53],
    ['bin_at(-5, 3, 1)', -5],
    ['format_datetime(datetime(null), "yyyy")', ''],
    ['format_datetime(datetime(2007-03-09 00:04:03), "dddd M yyyy y h hh tt")', '0909 3 2007 7 12 12 AM'],
    ['format_timespan(-1tick, "hh mm ss fffffff")', '-00 00 00 0000001'],
    ['format_timespan(time(-10675199.02:48:05.4775808), "d")', '-10675199'],
    ['datetime_local_to_utc(datetime(2022-03-27 02:00), "Europe/Brussels")', '2022-03-27T00:00:00.0000000Z'],
    ['datetime_utc_to_local(datetime(null), "Europe/Brussels")', null],
  ],
  patterns: [
    ['trim(@"\\s", "  é ")', ' é'],
    ['trim("a|ab", "abxab")', 'bx'],
    [
      'extract_all(@"(a)(b)?", dynamic([0, 1]), "ab a")',
      [
        ['ab', 'a'],
        ['a', 'a'],
      ],
    ],
    ['extract_all(@"(\\d)", "")', null],
    ['countof("aaaa", "aa")', 3],
    ['countof("ababa", "aba", "regex")', 1],
    ['countof("a\\nc", "a.c", "regex")', 0],
    ['indexof("aéc", "c", 1)', 2],
    ['indexof("abcdefg", "cde", -5)', 2],
    ['indexof_regex("abc", "a|ab", -1)', null],
    ['replace_regex("a.b", @"(a)\\.(b)", @"\\2-\\1")', 'b-a'],
    ['"a\\nb" matches regex "a.b"', false],
    ['"a\\nb" matches regex "(?s)a.b"', true],
    ['"１" matches regex @"^[\\d]$"', true],
    ['"é" matches regex @"^\\w$"', true],
    ['"\\u00a0" matches regex @"^\\s$"', true],
    ['"a]" matches regex @"^[]a]+$"', true],
  ],
  dynamics: [
    ['array_slice(dynamic(null), 0, 1)', null],
    ['array_slice(dynamic([1, 2, 3]), -10, 1)', [1, 2]],
    ['array_slice(dynamic([1, 2, 3]), 5, 10)', []],
    ['array_rotate_left(dynamic([]), 1)', []],
    ['array_sum(dynamic(["1", 2]))', null],
    ['array_sum(dynamic([]))', null],
    ['array_sort_asc(dynamic([2, "a", 1.5, true]))', [1.5, 2, 'a', true]],
    ['array_index_of(parse_json("[\\"a/b\\"]"), "a/b")', 0],
    ['set_intersect(dynamic([]), dynamic([1]))', []],
    ['set_has_element(dynamic([1, 2]), 2.0)', true],
    ['bag_merge(dynamic(null), dynamic(null))', null],
    ['bag_merge(dynamic({"a\\"b": "é/"}), dynamic({"b": null}))', { 'a"b': 'é/', b: null }],
    ['bag_has_key(dynamic({"a": {"b": 1}}), "$.a.x")', false],
    ['bag_set_key(dynamic({"a": 1}), "k", dynamic(null))', { a: 1, k: null }],
    ['repeat(1, 0)', []],
    ['repeat(1, -1)', null],
    ['range(5, 1, -2)', [5, 3, 1]],
    ['range(long(null), 3)', null],
  ],
  encodings: [
    ['base64_decode_tostring("U3RyaW5n0KHR0tGA0L7Rh9C60LA=")', ''],
    ['base64_decode_toarray("S3VzdG8")', null],
    ['base64_decode_toguid("abcd1231")', null],
    ['base64_encode_fromguid(guid(null))', ''],
    ['unicode_codepoints_from_string("")', []],
    ['zlib_decompress_from_base64_string("x0x0x0")', ''],
    ['hash_sha1(datetime(2020-01-01))', 'e903e533f4d636b4fc0dcf3cf81e7b7f330de776'],
    ['tohex(toint(-256), 8)', 'ffffff00'],
    ['tohex(long(null))', ''],
    ['binary_shift_left(1, -1)', null],
  ],
  numbers: [
    ['round(0.49999999999999994)', 0],
    ['round(1234.5678, -2)', 1200],
    ['round(real(null), 1)', null],
    ['sign(real(nan))', 0],
    ['min_of(real(nan), 1.0)', 'NaN'],
    ['decimal(0.1) * 0.1', '0.01'],
    ['todecimal(1) / todecimal(0)', null],
    ['tolong(9223372036854775808.0)', '9223372036854775807'],
    ['parse_version("1.2.x")', null],
    ['parse_version("1.2.3.4")', '1000000020000000300000004'],
    ['format_bytes(1023)', '1023 Bytes'],
    ['translate("abc", "x", "abcd")', 'xxxd'],
  ],
  addresses: [
    ['parse_ipv4("256.1.1.1")', null],
    ['parse_ipv4("1.1.1.1/33")', null],
    ['parse_ipv4("1.1.1.1/0")', 0],
    ['ipv4_is_match("x", "10.0.0.2")', null],
    ['ipv4_is_in_any_range("10.1.1.1", "x", "10.0.0.0/8")', true],
    ['ipv4_is_private("8.8.8.8")', false],
    ['format_ipv4("192.168.1.1/24", -1)', ''],
    ['format_ipv4(4294967296)', ''],
    ['ipv4_range_to_cidr_list("0.0.0.0", "255.255.255.255")', ['0.0.0.0/0']],
    ['has_ipv4("x 127.0.0.12", "127.0.0.1")', false],
    ['has_ipv4_prefix("127.0.0.256", "127.0.")', false],
    ['parse_ipv6("zz")', ''],
    ['ipv6_is_match("::192.168.1.1/30", "192.168.1.255/24")', true],
    ['geo_point_to_h3cell(300, 1, 8)', ''],
    ['geo_geohash_to_polygon("a")', null],
  ],
}

describe('the edges of functions', () => {
  test.each(Object.entries(families))('%s', async (_family, cases) => {
    const query = `print ${cases.map(([expression], index) => `c${index} = ${expression}`).join(', ')}`
    const [row = []] = await asker.ask(query, options)
    const found = cases.map(([expression], index) => [expression, row[index]])
    expect(found).toEqual(cases.map(([expression, value]) => [expression, value]))
  })
})

test('addresses of rows are private or not as one by one: any part in any place, and what only resembles them', async () => {
  const parts = [
    ...Array.from({ length: 256 }, (_, part) => String(part)),
    '00',
    '01',
    '010',
    '256',
    '',
    '1a',
  ]
  const places = [(part: string) => [part, 16, 9, 100], (part: string) => [10, part, 255, 1]]
  const more = [(part: string) => [172, part, 0, 1], (part: string) => [192, 168, part, part]]
  const addresses = [...places, ...more].flatMap((place) => parts.map((part) => place(part).join('.')))
  const odd = ['0.0.0.0', '0.0.0.00', '', '10.0.0.0/9', '172.16.0.0/13', 'x', '10.1.1', '10.1.1.1 ', '::1']
  const texts = [...addresses, ...odd]
  const rows = await asker.ask(
    `datatable(a: string)[${texts.map((address) => JSON.stringify(address)).join(', ')}] | project a, p = ipv4_is_private(a)`,
    options,
  )
  expect(rows).toEqual(texts.map((address) => [address, isPrivate(address)]))
})

const plainPart = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const plainAddress = new RegExp(`^${plainPart}(?:\\.${plainPart}){3}(?:/\\d+)?$`)

function isPrivate(text: string): boolean | null {
  if (!plainAddress.test(text)) return null
  const [first = 0, second = 0] = text.split('.').map(Number)
  return first === 10 || (first === 172 && second >= 16 && second < 32) || (first === 192 && second === 168)
}

describe('what is not known fails', () => {
  test.each([
    'url_decode("a+b")',
    'indexof("abcdefg", "cde", 1, 1)',
    'set_union(dynamic([1]), dynamic(null))',
    'array_sort_desc(dynamic([1, "a"]))',
    '"fooé" matches regex @"\\bfoo\\b"',
    'parse_url("www.example.com")',
    'datetime_local_to_utc(datetime(2022-10-30 02:30), "Europe/Brussels")',
    'format_datetime(now(), "yyyy-MM-ddTHH")',
    'extract_all("a", "aaa")',
    '"ab" matches regex "a(?=b)"',
    'hash(1)',
  ])('%s', async (expression) => {
    await expect(asker.ask(`print ${expression}`, options)).rejects.toThrow()
  })
})
