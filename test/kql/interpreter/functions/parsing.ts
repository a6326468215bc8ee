import { gunzipSync, inflateSync } from 'node:zlib'
import { domainToUnicode, domainToASCII } from 'node:url'
import { strict, text, tick } from '../arguments.ts'
import type { Call, Meaning } from '../scope.ts'
import { clockOf } from '../text.ts'
import { Unknown, type Value } from '../value.ts'

function query(source: string): ReadonlyMap<string, Value> {
  const parts = source
    .replace(/^\?/, '')
    .split('&')
    .filter((part) => part !== '')
  return new Map(
    parts.map((part) => {
      const at = part.indexOf('=')
      if (at < 0) throw new Unknown('a parameter without a value')
      return [part.slice(0, at), part.slice(at + 1)] as const
    }),
  )
}

function parseUrl(call: Call): Value {
  const found =
    /^([a-z]+):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^:/?#]*)(?::(\d+))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(
      text(call, 0),
    )
  if (!found) throw new Unknown('a text that is no address')
  const [
    ,
    scheme = '',
    user = '',
    password = '',
    host = '',
    port = '',
    path = '',
    parameters = '',
    fragment = '',
  ] = found
  return new Map<string, Value>([
    ['Scheme', scheme],
    ['Host', host],
    ['Port', port],
    ['Path', path],
    ['Username', user],
    ['Password', password],
    ['Query Parameters', query(parameters)],
    ['Fragment', fragment],
  ])
}

function parsePath(call: Call): Value {
  const source = text(call, 0)
  const separator = source.includes('\\') ? '\\' : '/'
  const parts = source.split(separator)
  const name = parts.at(-1) ?? ''
  const directory = parts.slice(0, -1).join(separator)
  const root = /^[A-Za-z]:\\/.exec(source)?.[0] ?? ''
  if (!/^(?:[A-Za-z]:\\|\/)?[\w.\\/]*$/.test(source) || parts.length < 3) throw new Unknown('an odd path')
  return new Map<string, Value>([
    ['Scheme', ''],
    ['RootPath', root],
    ['DirectoryPath', directory],
    ['DirectoryName', parts.at(-2) ?? ''],
    ['Filename', name],
    ['Extension', name.includes('.') ? name.slice(name.lastIndexOf('.') + 1) : ''],
    ['AlternateDataStreamName', ''],
  ])
}

/** What the clocks of a zone show, less UTC. */
function offset(ticks: bigint, zone: string): bigint {
  const { year, month, day, hour, minute, second } = clockOf(ticks)
  const instant = Date.UTC(year, month - 1, day, hour, minute, second)
  const shown = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(instant)
  const part = (type: string): number => Number(shown.find((item) => item.type === type)?.value)
  const local = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
  return BigInt(local - instant) * 10_000n
}

export const parsingFunctions: Readonly<Record<string, Meaning>> = {
  parse_url: parseUrl,
  parseurl: parseUrl,
  parse_urlquery: (call) => new Map([['Query Parameters', query(text(call, 0))]]),
  parseurlquery: (call) => new Map([['Query Parameters', query(text(call, 0))]]),
  parse_path: parsePath,
  parse_version: (call) => {
    const parts = text(call, 0).split('.')
    if (parts.length > 4 || !parts.every((part) => /^\d{1,8}$/.test(part)))
      throw new Unknown('an odd version')
    return BigInt(
      [...parts, '0', '0', '0']
        .slice(0, 4)
        .map((part) => part.padStart(8, '0'))
        .join(''),
    )
  },
  datetime_utc_to_local: strict((call) => tick(call.values[0]) + offset(tick(call.values[0]), text(call, 1))),
  datetime_local_to_utc: strict((call) => {
    const local = tick(call.values[0])
    const zone = text(call, 1)
    const candidates = [-1n, 1n].map((day) => local - offset(local + day * 864_000_000_000n, zone))
    const fitting = [...new Set(candidates)].filter((ticks) => ticks + offset(ticks, zone) === local)
    if (fitting.length !== 1) throw new Unknown('a time that the clocks show never or twice')
    return fitting[0] ?? null
  }),
  parse_command_line: (call) => {
    const source = text(call, 0)
    if (source.includes('\\')) throw new Unknown('backslashes')
    return [...source.matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(([part]) => part.replaceAll('"', ''))
  },
  punycode_to_string: (call) => domainToUnicode(`xn--${text(call, 0)}`),
  punycode_from_string: (call) => {
    const encoded = domainToASCII(text(call, 0))
    return encoded.startsWith('xn--') ? encoded.slice(4) : `${encoded}-`
  },
  punycode_domain_from_string: (call) => {
    if (/[A-Z]/.test(text(call, 0))) throw new Unknown('capitals in a domain')
    return domainToUnicode(text(call, 0))
  },
  gzip_decompress_from_base64_string: (call) =>
    gunzipSync(Buffer.from(text(call, 0), 'base64')).toString('utf8'),
  zlib_decompress_from_base64_string: (call) => {
    try {
      return inflateSync(Buffer.from(text(call, 0), 'base64')).toString('utf8')
    } catch {
      return ''
    }
  },
}
