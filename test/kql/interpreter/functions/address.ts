import { count, has, text } from '../arguments.ts'
import type { Call, Meaning } from '../scope.ts'
import { textOf } from '../text.ts'
import { isArray, type Value } from '../value.ts'

interface Network {
  readonly address: bigint
  readonly prefix: number
}

function readV4(source: string): Network | null {
  const found = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(source.trim())
  if (!found) return null
  const parts = found.slice(1, 5).map(Number)
  const prefix = Number(found[5] ?? 32)
  if (parts.some((part) => part > 255) || prefix > 32) return null
  return { address: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n), prefix }
}

function readV6(source: string): Network | null {
  const [text = '', prefixText] = source.trim().split('/')
  const v4 = readV4(text)
  if (v4)
    return {
      address: 0xffff_0000_0000n | v4.address,
      prefix: prefixText === undefined ? 128 : Number(prefixText) + 96,
    }
  const dottedTail = /^(::(?:[\da-f:]*:)?)(\d+\.\d+\.\d+\.\d+)$/i.exec(text)
  const low = dottedTail ? readV4(dottedTail[2] ?? '')?.address : undefined
  const plain =
    low === undefined
      ? text
      : `${dottedTail?.[1]}${(low >> 16n).toString(16)}:${(low & 65_535n).toString(16)}`
  const [head = '', tail] = plain.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const [before, after] = [groups(head), groups(tail ?? '')]
  const missing = 8 - before.length - after.length
  if (tail === undefined ? missing !== 0 : missing < 1) return null
  const all = [...before, ...Array.from({ length: missing }, () => '0'), ...after]
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null
  return {
    address: all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n),
    prefix: prefixText === undefined ? 128 : Number(prefixText) + (low === undefined ? 0 : 96),
  }
}

function cut({ address }: Network, prefix: number, bits: number): bigint {
  const rest = BigInt(bits - prefix)
  return (address >> rest) << rest
}

function dotted(address: bigint): string {
  return [24n, 16n, 8n, 0n].map((bits) => (address >> bits) & 255n).join('.')
}

function full(address: bigint): string {
  return address
    .toString(16)
    .padStart(32, '0')
    .replaceAll(/(.{4})(?!$)/g, '$1:')
}

/** -1, 0 or 1 by the shortest prefix. */
function order(call: Call, read: (source: string) => Network | null, bits: number): number | null {
  const [left, right] = [read(text(call, 0)), read(text(call, 1))]
  if (!left || !right) return null
  const prefix = Math.min(left.prefix, right.prefix, has(call, 2) ? count(call, 2) : bits)
  const [a, b] = [cut(left, prefix, bits), cut(right, prefix, bits)]
  return a < b ? -1 : Number(a > b)
}

function inRange(
  source: string,
  range: string,
  read: (text: string) => Network | null,
  bits: number,
): boolean | null {
  const [address, network] = [read(source), read(range)]
  if (!address || !network) return null
  return cut(address, network.prefix, bits) === cut(network, network.prefix, bits)
}

function inAnyRange(call: Call, read: (text: string) => Network | null, bits: number): Value {
  const ranges = call.values
    .slice(1)
    .flatMap((value) => (isArray(value) ? value : [value]))
    .map((range) => textOf(range, 'dynamic'))
  const results = new Set(ranges.map((range) => inRange(text(call, 0), range, read, bits)))
  return results.has(true) ? true : results.has(null) ? null : false
}

function shortest(call: Call, network: Network | null): number | null {
  const asked = has(call, 1) ? count(call, 1) : 32
  return asked < 0 || asked > 32 ? null : Math.min(asked, network?.prefix ?? 32)
}

const privateNetworks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']

/** An address or a prefix in a text, between other characters than letters and digits. */
function occurs(source: string, sought: string, isPrefix: boolean): boolean {
  return [...source.matchAll(/(?<![\p{L}\p{N}])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\p{L}\p{N}])/gu)].some(
    ([found]) => {
      if (readV4(found) === null) return false
      return found === sought || (isPrefix && sought.endsWith('.') && found.startsWith(sought))
    },
  )
}

function soughtIn(call: Call, isPrefix: boolean): Value {
  const all = call.values.slice(1).flatMap((value) => (isArray(value) ? value : [value]))
  return all.some((item) => occurs(text(call, 0), textOf(item, 'dynamic'), isPrefix))
}

export const addressFunctions: Readonly<Record<string, Meaning>> = {
  parse_ipv4: (call) => {
    const network = readV4(text(call, 0))
    return network ? cut(network, network.prefix, 32) : null
  },
  parse_ipv4_mask: (call) => {
    const network = readV4(text(call, 0))
    return network ? cut(network, Math.min(network.prefix, count(call, 1)), 32) : null
  },
  ipv4_compare: (call) => {
    const found = order(call, readV4, 32)
    return found === null ? null : BigInt(found)
  },
  ipv4_is_match: (call) => {
    const found = order(call, readV4, 32)
    return found === null ? null : found === 0
  },
  ipv4_is_in_range: (call) => inRange(text(call, 0), text(call, 1), readV4, 32),
  ipv4_is_in_any_range: (call) => inAnyRange(call, readV4, 32),
  ipv4_is_private: (call) => {
    const network = readV4(text(call, 0))
    return network
      ? privateNetworks.some((range) => inRange(dotted(network.address), range, readV4, 32) === true)
      : null
  },
  ipv4_netmask_suffix: (call) => {
    const network = readV4(text(call, 0))
    return network ? BigInt(network.prefix) : null
  },
  format_ipv4: (call) => {
    const network = readV4(text(call, 0))
    const prefix = shortest(call, network)
    return network && prefix !== null ? dotted(cut(network, prefix, 32)) : ''
  },
  format_ipv4_mask: (call) => {
    const network = readV4(text(call, 0))
    const prefix = shortest(call, network)
    return network && prefix !== null ? `${dotted(cut(network, prefix, 32))}/${prefix}` : ''
  },
  parse_ipv6: (call) => {
    const network = readV6(text(call, 0))
    return network ? full(cut(network, network.prefix, 128)) : ''
  },
  parse_ipv6_mask: (call) => {
    const network = readV6(text(call, 0))
    return network ? full(cut(network, Math.min(network.prefix, count(call, 1)), 128)) : ''
  },
  ipv6_compare: (call) => {
    const found = order(call, readV6, 128)
    return found === null ? null : BigInt(found)
  },
  ipv6_is_match: (call) => {
    const found = order(call, readV6, 128)
    return found === null ? null : found === 0
  },
  ipv6_is_in_range: (call) => inRange(text(call, 0), text(call, 1), readV6, 128),
  ipv6_is_in_any_range: (call) => inAnyRange(call, readV6, 128),
  has_ipv4: (call) => soughtIn(call, false),
  has_any_ipv4: (call) => soughtIn(call, false),
  has_ipv4_prefix: (call) => soughtIn(call, true),
  has_any_ipv4_prefix: (call) => soughtIn(call, true),
}
