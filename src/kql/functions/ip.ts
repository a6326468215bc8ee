// Long because addresses, networks and ranges are read by the same few expressions.
import {
  and,
  array,
  bound,
  call,
  integer,
  lambda,
  not,
  nothing,
  or,
  text,
  when,
  type SqlExpression,
} from '../../sql/node.ts'
import { arrayElements } from '../json-parts.ts'
import { convert, quoteJson, toText } from '../convert.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import { operand, type Operand } from '../operand.ts'
import { rarely } from '../rarely.ts'
import { arrayOf } from './array.ts'
import { isArray } from './dynamic.ts'
import { unless } from './pattern.ts'

const octet = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
const address = `^${octet}(?:[.]${octet}){3}$`

/** An address as a number, NULL where the text is none. */
function numberOf(value: SqlExpression): SqlExpression {
  return when(isAddress(value), call('toInt64', call('IPv4StringToNumOrDefault', value)), nothing)
}

/** Four numbers as they are printed: the engine reads leading zeros too. */
function isAddress(value: SqlExpression): SqlExpression {
  return call('equals', call('IPv4NumToString', call('IPv4StringToNumOrDefault', value)), value)
}

function beforeSlash(value: SqlExpression): SqlExpression {
  return call('arrayElement', call('splitByChar', '/', value), 1)
}

/** The prefix of `a.b.c.d/n`, 32 without one, NULL where it is none. */
function suffixOf(value: SqlExpression): SqlExpression {
  const digits = call('substring', value, call('plus', call('length', beforeSlash(value)), 2))
  const isPrefix = call('match', value, '^[^/]*/(?:3[0-2]|[12]?[0-9])$')
  return call(
    'multiIf',
    not(call('match', value, '/')),
    integer(32),
    isPrefix,
    call('toInt64OrNull', digits),
    nothing,
  )
}

/** Cuts an address to its first bits; NULL for a number of bits that no address has. */
function masked(number: SqlExpression, bits: SqlExpression): SqlExpression {
  const isPrefix = and(call('greaterOrEquals', bits, 0), call('lessOrEquals', bits, 32))
  const size = call('bitShiftLeft', call('toInt64', 1), call('minus', 32, when(isPrefix, bits, integer(32))))
  return when(isPrefix, call('multiply', call('intDiv', number, size), size), nothing)
}

function parsed(value: SqlExpression): SqlExpression {
  return bound(value, (source) => masked(numberOf(beforeSlash(source)), suffixOf(source)))
}

/** The fewest bits that are asked for; NULL where one is. */
function fewest(...bits: readonly SqlExpression[]): SqlExpression {
  return when(or(integer(0), ...bits.map((count) => call('isNull', count))), nothing, call('least', ...bits))
}

/** A prefix argument: a literal must be one, a computed value that is none is NULL. */
export function prefixOf(value: Operand | undefined, limit: number, site: CallSite): SqlExpression {
  if (!value) return integer(limit)
  const literal = value.literal?.value
  if (typeof literal === 'string' && site.name !== 'format_ipv4' && site.name !== 'format_ipv4_mask') {
    if (BigInt(literal) < 0n || BigInt(literal) > BigInt(limit)) {
      return site.refuse('bad-argument', `the prefix of ${site.name} is a number from 0 to ${limit}`)
    }
  }
  const bits = convert(value, 'long')
  return when(and(call('greaterOrEquals', bits, 0), call('lessOrEquals', bits, limit)), bits, nothing)
}

/** Two addresses, each cut to the shortest prefix; a part that is no address makes it NULL. */
function compared(args: readonly Operand[], site: CallSite): SqlExpression {
  const prefix = prefixOf(args[2], 32, site)
  return bound(toText(argument(args, 0)), (left) =>
    bound(toText(argument(args, 1)), (right) => {
      const isKnown = and(
        call('isNotNull', numberOf(beforeSlash(left))),
        call('isNotNull', numberOf(beforeSlash(right))),
        call('isNotNull', suffixOf(left)),
        call('isNotNull', suffixOf(right)),
        call('isNotNull', prefix),
      )
      const bits = fewest(suffixOf(left), suffixOf(right), prefix)
      const distance = call(
        'minus',
        masked(numberOf(beforeSlash(left)), bits),
        masked(numberOf(beforeSlash(right)), bits),
      )
      return when(isKnown, call('toInt64', call('sign', distance)), nothing)
    }),
  )
}

function isInRange(ip: SqlExpression, range: SqlExpression): SqlExpression {
  return bound(range, (net) => {
    const bits = suffixOf(net)
    return call('equals', masked(numberOf(ip), bits), masked(numberOf(beforeSlash(net)), bits))
  })
}

/** Whether one of the ranges has the address; ranges that are none do not count, unless nothing else is left. */
function inAnyRange(args: readonly Operand[], site: CallSite): SqlExpression {
  const ip = toText(argument(args, 0))
  const ranges = textsOf(args.slice(1))
  return bound(ranges, (list) => {
    const results = call(
      'arrayMap',
      lambda(['r'], (range) => isInRange(ip, range)),
      list,
    )
    const isFound = call(
      'arrayExists',
      lambda(['x'], (result) => call('ifNull', result, 0)),
      results,
    )
    const isUnsure = and(
      not(isFound),
      call('isNotNull', numberOf(ip)),
      call(
        'arrayExists',
        lambda(['x'], (result) => call('isNull', result)),
        results,
      ),
    )
    const message = `${site.name}: a range that is no range`
    return when(call('isNull', numberOf(ip)), nothing, unless(isUnsure, message, isFound, nothing))
  })
}

/** Listed texts and the elements of arrays. */
function textsOf(values: readonly Operand[]): SqlExpression {
  const lists = values.map((value) => {
    if (value.type !== 'dynamic') return array([toText(value)])
    const print = lambda(['e'], (element) => toText(operand(element, 'dynamic')))
    return call('arrayMap', print, when(isArray(value.sql), arrayElements(value.sql), array([value.sql])))
  })
  return call('arrayConcat', ...lists)
}

const privateRanges: readonly (readonly [start: bigint, bits: number])[] = [
  [0x0a00_0000n, 8],
  [0xac10_0000n, 12],
  [0xc0a8_0000n, 16],
]

function isPrivate(args: readonly Operand[], site: CallSite): SqlExpression {
  return bound(toText(argument(args, 0)), (source) => {
    const isPlain = isPlainAddress(source)
    const whole = call('IPv4StringToNumOrDefault', source)
    const ranges = privateRanges.map(([start, bits]) =>
      and(call('greaterOrEquals', whole, start), call('less', whole, start + (1n << BigInt(32 - bits)))),
    )
    return rarely(not(isPlain), source, (network) => isPrivateNetwork(network, site), or(...ranges))
  })
}

/** A range in CIDR notation, or text that is no address. */
function isPrivateNetwork(source: SqlExpression, site: CallSite): SqlExpression {
  const number = parsed(source)
  const inside = privateRanges.map(([start, bits]) => call('equals', masked(number, integer(bits)), start))
  const isWide = or(
    ...privateRanges.map(([start, bits]) =>
      and(
        call('less', suffixOf(source), bits),
        call('equals', masked(numberOf(beforeSlash(source)), integer(bits)), start),
      ),
    ),
  )
  const message = `${site.name}: a network that is wider than the private range`
  return when(call('isNull', number), nothing, unless(isWide, message, or(...inside), nothing))
}

/** As `isAddress`, in numbers alone: what the engine reads has no leading zeros if it is as long as its printed form. */
function isPlainAddress(source: SqlExpression): SqlExpression {
  const whole = call('IPv4StringToNumOrDefault', source)
  // Each part twice, in a byte of its own, whose highest bit then tells whether it has a second or a third digit.
  const parts = call('multiply', whole, 0x1_0000_0001n)
  const lowBits = call('bitAnd', parts, 0x7f7f_7f7f_7f7f_7f7fn)
  const longer = call('bitOr', call('plus', lowBits, 0x1c1c_1c1c_7676_7676n), parts)
  const length = call('plus', call('bitCount', call('bitAnd', longer, 0x8080_8080_8080_8080n)), 7)
  return or(
    and(call('notEquals', whole, 0), call('equals', call('length', source), length)),
    call('equals', source, '0.0.0.0'),
  )
}

/** An address in dots, cut to a prefix; empty where it is none. */
function formatted(args: readonly Operand[], withMask: boolean, site: CallSite): SqlExpression {
  const value = argument(args, 0)
  const prefix = prefixOf(args[1], 32, site)
  const isNumber = value.type === 'int' || value.type === 'long'
  return bound(isNumber ? convert(value, 'long') : toText(value), (source) => {
    const inside = and(call('greaterOrEquals', source, 0), call('lessOrEquals', source, 0xffff_ffffn))
    const number = isNumber ? when(inside, source, nothing) : numberOf(beforeSlash(source))
    const bits = isNumber ? prefix : fewest(suffixOf(source), prefix)
    const printed = call(
      'IPv4NumToString',
      call('toUInt32', call('ifNull', masked(number, bits), integer(0))),
    )
    const mask = withMask ? [call('concat', '/', call('toString', bits))] : []
    const isKnown = call('isNotNull', masked(number, bits))
    return call('ifNull', when(isKnown, call('concat', printed, ...mask), text('')), '')
  })
}

/** The fewest networks that cover a range: each as large as its start and what is left allow. */
function rangeToNetworks(args: readonly Operand[], site: CallSite): SqlExpression {
  return bound(numberOf(toText(argument(args, 0))), (start) =>
    bound(numberOf(toText(argument(args, 1))), (end) => {
      const step = lambda(['a', 'n'], (state) => {
        const from = call('tupleElement', state, 1)
        const left = call('plus', call('minus', call('ifNull', end, integer(0)), from), 1)
        const aligned = when(
          call('equals', from, 0),
          integer(32),
          call('bitCount', call('bitAnd', call('bitNot', from), call('minus', from, 1))),
        )
        const fitting = call('toUInt8', call('floor', call('log2', call('greatest', left, 1))))
        const bits = call('least', aligned, fitting)
        const size = call('bitShiftLeft', call('toInt64', 1), bits)
        const network = call(
          'concat',
          call('IPv4NumToString', call('toUInt32', from)),
          '/',
          call('toString', call('minus', 32, bits)),
        )
        const next = call(
          'tuple',
          call('plus', from, size),
          call('arrayPushBack', call('tupleElement', state, 2), network),
        )
        return when(call('lessOrEquals', from, end), next, state)
      })
      const initial = call(
        'tuple',
        call('toInt64', call('ifNull', start, integer(0))),
        call('emptyArrayString'),
      )
      const networks = call('tupleElement', call('arrayFold', step, call('range', 64), initial), 2)
      const json = arrayOf(
        call(
          'arrayMap',
          lambda(['n'], (network) => quoteJson(network)),
          networks,
        ),
      )
      const isWrong = or(call('isNull', start), call('isNull', end), call('greater', start, end))
      return unless(isWrong, `${site.name}: what is no range of addresses`, json, text(''))
    }),
  )
}

/** A pattern of one address, or of a prefix that ends in a dot; undefined for anything else. */
function searchPattern(value: string, isPrefix: boolean): string | undefined {
  const isWhole = new RegExp(address).test(value)
  const parts = value.split('.').slice(0, -1)
  const isStart =
    isPrefix &&
    value.endsWith('.') &&
    parts.length <= 3 &&
    new RegExp(`^${octet}(?:[.]${octet})*$`).test(parts.join('.'))
  if (!isWhole && !isStart) return undefined
  const rest = isWhole ? '' : Array.from({ length: 4 - parts.length }, () => octet).join('[.]')
  return `(?:^|[^0-9A-Za-z])${value.replaceAll('.', '[.]')}${rest}(?:$|[^0-9A-Za-z])`
}

function searched(args: readonly Operand[], isPrefix: boolean, site: CallSite): SqlExpression {
  const source = toText(argument(args, 0))
  const values = args.slice(1).flatMap((value): readonly string[] => {
    const literal = value.literal?.value
    if (typeof literal !== 'string')
      return site.refuse('not-constant', `${site.name} takes literal addresses`)
    if (value.type !== 'dynamic') return [literal]
    const listed: unknown = literal === '' ? [] : JSON.parse(literal)
    return Array.isArray(listed) ? listed.filter((item) => typeof item === 'string') : []
  })
  const patterns = values
    .map((value) => searchPattern(value, isPrefix))
    .filter((pattern) => pattern !== undefined)
  return or(integer(0), integer(0), ...patterns.map((pattern) => call('match', source, pattern)))
}

const searches: readonly (readonly [name: string, isPrefix: boolean, example: string])[] = [
  ['has_ipv4', false, '"at 127.0.0.1 GET", "127.0.0.1"'],
  ['has_any_ipv4', false, '"at 127.0.0.1 GET", "10.0.0.1", "127.0.0.1"'],
  ['has_ipv4_prefix', true, '"at 127.0.0.1 GET", "127.0."'],
  ['has_any_ipv4_prefix', true, '"at 127.0.0.1 GET", dynamic(["10.", "127.0."])'],
]

/** IPv4 addresses and networks. */
export const ipFunctions: readonly ScalarFunction[] = [
  ...searches.map(([name, isPrefix, example]): ScalarFunction => ({
    name,
    doc: `Whether a text has ${name.includes('any') ? 'one of several addresses' : 'an address'}${isPrefix ? ' that begin so' : ''}, between other characters than letters and digits.`,
    example: [`${name}(${example})`, true],
    total: true,
    emit: (args, site) => searched(args, isPrefix, site),
  })),
  {
    name: 'parse_ipv4',
    doc: 'An address as a number, cut to its prefix.',
    example: ['parse_ipv4("192.168.1.1/24")', 3_232_235_776],
    emit: (args) => parsed(toText(argument(args, 0))),
  },
  {
    name: 'parse_ipv4_mask',
    doc: 'An address as a number, cut to a prefix.',
    example: ['parse_ipv4_mask("127.0.0.1", 24)', 2_130_706_432],
    emit: (args, site) =>
      bound(toText(argument(args, 0)), (source) =>
        masked(numberOf(beforeSlash(source)), fewest(suffixOf(source), prefixOf(args[1], 32, site))),
      ),
  },
  {
    name: 'ipv4_compare',
    doc: 'Compares addresses by the shortest of their prefixes: -1, 0 or 1.',
    example: ['ipv4_compare("192.168.1.1/24", "192.168.1.255")', 0],
    emit: compared,
  },
  {
    name: 'ipv4_is_match',
    doc: 'Whether addresses are the same by the shortest of their prefixes.',
    example: ['ipv4_is_match("192.168.1.1", "192.168.2.255", 24)', false],
    emit: (args, site) => call('equals', compared(args, site), 0),
  },
  {
    name: 'ipv4_is_in_range',
    doc: 'Whether a network has an address.',
    example: ['ipv4_is_in_range("192.168.1.6", "192.168.1.1/24")', true],
    emit: (args, site) =>
      bound(toText(argument(args, 0)), (ip) =>
        unless(
          call('match', ip, '/'),
          `${site.name}: an address with a prefix`,
          isInRange(ip, toText(argument(args, 1))),
          nothing,
        ),
      ),
  },
  {
    name: 'ipv4_is_in_any_range',
    doc: 'Whether one of several networks has an address.',
    example: ['ipv4_is_in_any_range("10.1.2.3", dynamic(["192.168.0.0/16", "10.0.0.0/8"]))', true],
    emit: inAnyRange,
  },
  {
    name: 'ipv4_is_private',
    doc: 'Whether an address is of a private network.',
    example: ['ipv4_is_private("172.31.0.1")', true],
    emit: isPrivate,
  },
  {
    name: 'ipv4_netmask_suffix',
    doc: 'The prefix of a network, 32 for an address.',
    example: ['ipv4_netmask_suffix("192.168.1.1/24")', 24],
    emit: (args) =>
      bound(toText(argument(args, 0)), (source) =>
        when(call('isNull', numberOf(beforeSlash(source))), nothing, suffixOf(source)),
      ),
  },
  {
    name: 'format_ipv4',
    doc: 'An address in dots, cut to a prefix; empty where it is none.',
    example: ['format_ipv4("192.168.1.1", 24)', '192.168.1.0'],
    emit: (args, site) => formatted(args, false, site),
  },
  {
    name: 'format_ipv4_mask',
    doc: 'A network in dots with its prefix; empty where it is none.',
    example: ['format_ipv4_mask(3232235777, 24)', '192.168.1.0/24'],
    emit: (args, site) => formatted(args, true, site),
  },
  {
    name: 'ipv4_range_to_cidr_list',
    doc: 'The fewest networks that cover a range of addresses.',
    example: [
      'ipv4_range_to_cidr_list("1.1.128.0", "1.1.140.255")',
      ['1.1.128.0/21', '1.1.136.0/22', '1.1.140.0/24'],
    ],
    emit: rangeToNetworks,
  },
]
