import { and, bound, call, integer, lambda, nothing, or, when, type SqlExpression } from '../../sql/node.ts'
import { arrayElements } from '../json-parts.ts'
import { toText } from '../convert.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import { operand, type Operand } from '../operand.ts'
import { isArray } from './dynamic.ts'
import { prefixOf } from './ip.ts'
import { unless } from './pattern.ts'

const dotted = '^(?:::)?[0-9]{1,3}(?:[.][0-9]{1,3}){3}$'

function hostOf(value: SqlExpression): SqlExpression {
  return call('arrayElement', call('splitByChar', '/', value), 1)
}

/** The address's 16 bytes, NULL where the text is none; IPv4 lies in `::ffff:0:0/96`. */
function bytesOf(host: SqlExpression): SqlExpression {
  return when(call('match', host, '^[0-9A-Fa-f:.]+$'), call('IPv6StringToNumOrNull', host), nothing)
}

/** Bits of the prefix; an IPv4 prefix counts behind the first 96. */
function suffixOf(value: SqlExpression): SqlExpression {
  const digits = call(
    'toInt64OrNull',
    call('substring', value, call('plus', call('length', hostOf(value)), 2)),
  )
  const isDotted = call('match', hostOf(value), dotted)
  const limit = when(isDotted, integer(32), integer(128))
  const isPrefix = and(call('match', value, '^[^/]*/[0-9]{1,3}$'), call('lessOrEquals', digits, limit))
  return call(
    'multiIf',
    call('not', call('match', value, '/')),
    integer(128),
    isPrefix,
    call('plus', digits, when(isDotted, integer(96), integer(0))),
    nothing,
  )
}

function masked(bytes: SqlExpression, bits: SqlExpression): SqlExpression {
  const isPrefix = and(
    call('greaterOrEquals', bits, 0),
    call('lessOrEquals', bits, 128),
    call('isNotNull', bytes),
  )
  const known = when(call('ifNull', isPrefix, 0), bits, integer(128))
  const range = call(
    'IPv6CIDRToRange',
    call('IPv6StringToNum', call('IPv6NumToString', call('ifNull', bytes, call('IPv6StringToNum', '::')))),
    call('toUInt8', call('assumeNotNull', known)),
  )
  return when(isPrefix, call('lower', call('hex', call('tupleElement', range, 1))), nothing)
}

function printed(digits: SqlExpression): SqlExpression {
  const groups = call('replaceRegexpAll', call('ifNull', digits, ''), '(.{4})', '\\1:')
  return call('substring', groups, 1, call('minus', call('toInt64', call('length', groups)), 1))
}

function parse(args: readonly Operand[], site: CallSite): SqlExpression {
  const prefix = prefixOf(args[1], 128, site)
  return bound(toText(argument(args, 0)), (source) => {
    const bits = call('least', suffixOf(source), prefix)
    const isKnown = and(call('isNotNull', suffixOf(source)), call('isNotNull', prefix))
    return printed(when(isKnown, masked(bytesOf(hostOf(source)), bits), nothing))
  })
}

/** `::a.b.c.d` counts as the IPv4 address that it is written with. */
function asMapped(value: SqlExpression): SqlExpression {
  return call('replaceRegexpOne', value, '^::([0-9]{1,3}[.])', '::ffff:\\1')
}

function compared(args: readonly Operand[], site: CallSite): SqlExpression {
  const prefix = prefixOf(args[2], 128, site)
  return bound(toText(argument(args, 0)), (left) =>
    bound(toText(argument(args, 1)), (right) => {
      const isKnown = and(
        call('isNotNull', suffixOf(left)),
        call('isNotNull', suffixOf(right)),
        call('isNotNull', prefix),
      )
      const bits = call('least', suffixOf(left), suffixOf(right), prefix)
      const cut = (value: SqlExpression): SqlExpression => masked(bytesOf(asMapped(hostOf(value))), bits)
      const order = call(
        'multiIf',
        call('less', cut(left), cut(right)),
        integer(-1),
        call('equals', cut(left), cut(right)),
        integer(0),
        integer(1),
      )
      const isValid = and(isKnown, call('isNotNull', cut(left)), call('isNotNull', cut(right)))
      return when(isValid, call('toInt64', order), nothing)
    }),
  )
}

function isInRange(ip: SqlExpression, range: SqlExpression): SqlExpression {
  return bound(range, (net) => {
    const bits = suffixOf(net)
    const cut = (host: SqlExpression): SqlExpression => masked(bytesOf(asMapped(host)), bits)
    return when(call('isNotNull', bits), call('equals', cut(ip), cut(hostOf(net))), nothing)
  })
}

function inRanges(args: readonly Operand[], site: CallSite): SqlExpression {
  const lists = args.slice(1).map((value) => {
    if (value.type !== 'dynamic') return call('array', toText(value))
    const print = lambda(['e'], (element) => toText(operand(element, 'dynamic')))
    return call(
      'arrayMap',
      print,
      when(isArray(value.sql), arrayElements(value.sql), call('array', value.sql)),
    )
  })
  return bound(toText(argument(args, 0)), (ip) => {
    const results = call(
      'arrayMap',
      lambda(['r'], (range) => isInRange(ip, range)),
      call('arrayConcat', ...lists),
    )
    const isFound = call(
      'arrayExists',
      lambda(['x'], (result) => call('ifNull', result, 0)),
      results,
    )
    const isUnknown = call(
      'arrayExists',
      lambda(['x'], (result) => call('isNull', result)),
      results,
    )
    const isUnsure = or(
      call('match', ip, '/'),
      and(call('not', isFound), isUnknown, call('isNotNull', bytesOf(ip))),
    )
    const result = when(call('isNull', bytesOf(ip)), nothing, isFound)
    return unless(
      isUnsure,
      `${site.name}: an address with a prefix, or a range that is none`,
      result,
      nothing,
    )
  })
}

/** IPv6 addresses and networks; IPv4 ones stand among them. */
export const ipv6Functions: readonly ScalarFunction[] = [
  {
    name: 'parse_ipv6',
    doc: 'An address in its full form, cut to its prefix; empty where it is none.',
    example: ['parse_ipv6("192.168.255.255/24")', '0000:0000:0000:0000:0000:ffff:c0a8:ff00'],
    emit: (args, site) => parse(args.slice(0, 1), site),
  },
  {
    name: 'parse_ipv6_mask',
    doc: 'An address in its full form, cut to a prefix; empty where it is none.',
    example: ['parse_ipv6_mask("fe80::85d:e82c:9446:7994", 120)', 'fe80:0000:0000:0000:085d:e82c:9446:7900'],
    emit: parse,
  },
  {
    name: 'ipv6_compare',
    doc: 'Compares addresses by the shortest of their prefixes: -1, 0 or 1.',
    example: ['ipv6_compare("fe80::1", "fe80::2")', -1],
    emit: compared,
  },
  {
    name: 'ipv6_is_match',
    doc: 'Whether addresses are the same by the shortest of their prefixes.',
    example: ['ipv6_is_match("192.168.1.1", "::ffff:c0a8:0101")', true],
    emit: (args, site) => call('equals', compared(args, site), 0),
  },
  {
    name: 'ipv6_is_in_range',
    doc: 'Whether a network has an address.',
    example: [
      'ipv6_is_in_range("a5e:f127:8a9d:146d:e102:b5d3:c755:abcd", "a5e:f127:8a9d:146d:e102:b5d3:c755:0/112")',
      true,
    ],
    emit: inRanges,
  },
  {
    name: 'ipv6_is_in_any_range',
    doc: 'Whether one of several networks has an address.',
    example: ['ipv6_is_in_any_range("fe80::1", dynamic(["2001:db8::/32", "fe80::/10"]))', true],
    emit: inRanges,
  },
]
