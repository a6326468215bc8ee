import { expect, test } from 'vitest'
import { readStorageAnalyticsLine, splitFields, storageAnalyticsFields } from './storage-analytics.ts'

const line1 =
  '1.0;2025-01-02T03:04:05.1234567Z;GetBlob;Success;200;5;4;authenticated;acct;acct;blob;' +
  '"https://acct.blob.core.windows.net/c/a&amp;b;c?x=1";"/acct/c/a;b";0f0f;0;10.0.0.4:5000;2019-12-12;' +
  '400;0;300;12;0;"md5==";"md5==";""0x8D1"";Tuesday, 25-Jun-19 14:56:54 GMT;;"Agent; (x; y)";;"client"'
const line2 =
  `${line1.replace('1.0;', '2.0;')};oid;tid;aid;aud;iss;u@x.org;;[{"action":"Read; write","x":"y"}]`.replace(
    'Read; write',
    'Read',
  )

function read(line: string) {
  const found = readStorageAnalyticsLine(Buffer.from(line), 7, 100)
  return found.kind === 'record' ? JSON.parse(Buffer.from(found.json).toString()) : found.problem.code
}

test('a line of version 1.0 has 30 fields, whatever stands in them', () => {
  expect(storageAnalyticsFields.get('1.0')?.length).toBe(30)
  expect(read(line1)).toMatchObject({
    version: '1.0',
    'start-time': '2025-01-02T03:04:05.1234567Z',
    'request-url': 'https://acct.blob.core.windows.net/c/a&b;c?x=1',
    'requested-object-key': '/acct/c/a;b',
    'requester-ip:port': '10.0.0.4:5000',
    etag: '"0x8D1"',
    'last-modified': 'Tuesday, 25-Jun-19 14:56:54 GMT',
    'conditions-used': '',
    'user-agent': 'Agent; (x; y)',
    'client-request-id': 'client',
  })
})

test('a line of version 2.0 has 38', () => {
  expect(storageAnalyticsFields.get('2.0')?.length).toBe(38)
  expect(read(line2)).toMatchObject({ upn: 'u@x.org', 'authorization-detail': '[{"action":"Read","x":"y"}]' })
})

test('other numbers of fields and other versions are reported', () => {
  expect(read(`${line1};`)).toBe('field-count')
  expect(read('1.0;x')).toBe('field-count')
  expect(read(line1.replace('1.0', '9.0'))).toBe('field-count')
})

test('entities end no field', () => {
  expect(splitFields('a&quot;b;&amp;;"";x')).toEqual(['a&quot;b', '&amp;', '', 'x'])
  expect(splitFields('a;;')).toEqual(['a', '', ''])
})
