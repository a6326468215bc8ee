import { problem } from './problem.ts'
import type { RawRecord } from './raw-record.ts'

const fieldsOfVersion1 =
  'version;start-time;operation;request-status;http-status;e2e-latency-ms;server-latency-ms;auth-type;requester-account;' +
  'owner-account;service-type;request-url;requested-object-key;request-id;operation-count;requester-ip:port;request-version;' +
  'request-header-size;request-packet-size;response-header-size;response-packet-size;content-length;request-md5;server-md5;' +
  'etag;last-modified;conditions-used;user-agent;referrer;client-request-id'
const fieldsOfVersion2 =
  'user-object-id;tenant-id;application-id;audience;issuer;upn;reserved;authorization-detail'

/** The fields of a line of `$logs`, by its version. Source: "Storage Analytics log format", Microsoft Learn. */
export const storageAnalyticsFields: ReadonlyMap<string, readonly string[]> = new Map([
  ['1.0', fieldsOfVersion1.split(';')],
  ['2.0', `${fieldsOfVersion1};${fieldsOfVersion2}`.split(';')],
])

const firstLine = /^(?:1|2)\.0;\d{4}-\d\d-\d\dT\d\d:/u

/** Whether a text begins with a line of `$logs`. */
export function looksLikeStorageAnalytics(text: string): boolean {
  return firstLine.test(text.trimStart())
}

/** Reads a line of `$logs` as an object of strings, keyed by Microsoft's field names. */
export function readStorageAnalyticsLine(line: Uint8Array, record: number, offsetBytes: number): RawRecord {
  const place = { record, offsetBytes, lengthBytes: line.length }
  const values = splitFields(Buffer.from(line.buffer, line.byteOffset, line.length).toString('utf8'))
  const version = values[0] ?? ''
  const names = storageAnalyticsFields.get(version)
  if (!names) {
    const found = problem(
      'field-count',
      `the line is not of version 1.0 or 2.0 but of ${JSON.stringify(version.slice(0, 20))}`,
    )
    return { kind: 'unreadable', ...place, problem: found }
  }
  if (values.length !== names.length) {
    const found = problem(
      'field-count',
      `the line has ${values.length} fields; version ${version} has ${names.length}`,
    )
    return { kind: 'unreadable', ...place, problem: found }
  }
  const entries = names.map((name, index) => [name, decodeEntities(values[index] ?? '')])
  return { kind: 'record', ...place, json: Buffer.from(JSON.stringify(Object.fromEntries(entries))) }
}

/**
 * A field that begins with a quote ends at the first quote before a semicolon or the line's end, so quotes inside
 * survive; any other ends at a semicolon, unless that closes an HTML entity.
 */
export function splitFields(line: string): readonly string[] {
  const fields: string[] = []
  for (let start = 0; start <= line.length;) {
    const end = line[start] === '"' ? endOfQuoted(line, start) : endOfBare(line, start)
    const field = line.slice(start, end)
    fields.push(field.length > 1 && field.startsWith('"') && field.endsWith('"') ? field.slice(1, -1) : field)
    start = end + 1
  }
  return fields
}

function endOfQuoted(line: string, start: number): number {
  for (let at = line.indexOf('"', start + 1); at !== -1; at = line.indexOf('"', at + 1))
    if (at + 1 === line.length || line[at + 1] === ';') return at + 1
  return line.length
}

function endOfBare(line: string, start: number): number {
  let end = line.indexOf(';', start)
  while (end !== -1 && /&(?:#\d+|#x[\da-f]+|[a-z]+)$/iu.test(line.slice(Math.max(start, end - 10), end)))
    end = line.indexOf(';', end + 1)
  return end === -1 ? line.length : end
}

const entities: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['quot', '"'],
  ['lt', '<'],
  ['gt', '>'],
  ['apos', "'"],
  ['nbsp', '\u00a0'],
])

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replaceAll(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/giu,
    (entity, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return entities.get(name.toLowerCase()) ?? entity
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
      return code <= 0x10ffff ? String.fromCodePoint(code) : entity
    },
  )
}
