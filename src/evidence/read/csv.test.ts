import { describe, expect, test } from 'vitest'
import { countRecords } from './count-records.ts'
import { CsvRowWriter } from './csv-row-writer.ts'
import { splitRow } from './csv-rows.ts'
import { settleDayOrder } from './csv-dates.ts'
import { cutStream } from './bytes.ts'
import { readSpan } from './member.ts'
import type { Member } from './member.ts'
import { recogniseContent } from './recognise-content.ts'
import { readRecords } from './records.ts'
import type { RecordOptions } from './records.ts'

function memberOf(content: string | Buffer, chunkBytes = 2 ** 20): Member {
  const bytes = Buffer.from(content)
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
  }
  return {
    kind: 'member',
    path: 'x',
    container: [],
    archives: [],
    open: (range) => cutStream(chunks(), range),
  }
}

async function read(member: Member, options: RecordOptions = {}, timeZone?: string) {
  const content = await recogniseContent(member, timeZone === undefined ? {} : { timeZone })
  const records = (await Array.fromAsync(readRecords(member, content, options))).flat()
  expect((await countRecords(member, content)).records).toBe(records.length)
  return records
}

async function rows(
  text: string | Buffer,
  options: RecordOptions = {},
  timeZone?: string,
): Promise<readonly unknown[]> {
  const records = await read(memberOf(text), options, timeZone)
  return records.map((record) =>
    record.kind === 'record' ? JSON.parse(Buffer.from(record.json).toString()) : record.problem.code,
  )
}

async function headers(text: string): Promise<readonly (string | undefined)[] | string | undefined> {
  const content = await recogniseContent(memberOf(text))
  return content.problem?.code ?? content.csv?.headers
}

describe('rows', () => {
  test('are objects of strings', async () => {
    expect(await rows('time,n,text\n2025,1,"a ""b"", c"\r\n2026,,\n')).toEqual([
      { time: '2025', n: '1', text: 'a "b", c' },
      { time: '2026', n: '', text: '' },
    ])
  })

  test('may go over many lines, and keep their place in the bytes', async () => {
    const row = '"{\r\n ""a"": 1,\n\n ""b"": "";""\n}",x'
    const text = `\uFEFFjson,n\r\n${row}\r\n\r\ny,2`
    for (const encode of [
      (plain: string) => Buffer.from(plain),
      (plain: string) => Buffer.from(plain, 'utf16le'),
    ])
      for (const chunk of [1, 2, 3, 10, 1000]) {
        const member = memberOf(encode(text), chunk)
        const records = await read(member)
        expect(records.map((record) => [record.kind, record.record])).toEqual([
          ['record', 1],
          ['record', 2],
        ])
        const [first] = records
        expect(
          (await readSpan(member, first?.offsetBytes ?? 0, first?.lengthBytes ?? 0)).equals(encode(row)),
        ).toBe(true)
      }
  })

  test.each([
    [';', 'time;n;a,b\n1;2;3\n'],
    ['\t', 'time\tn\ta,b\n1\t2\t3\n'],
    ['|', 'time|n|a,b\n1|2|3\n'],
  ])('may be separated by %j', async (_, text) => {
    expect(await rows(text)).toEqual([{ time: '1', n: '2', 'a,b': '3' }])
  })

  test.each(['sep=,\r\n', '"sep=,"\n', '#TYPE System.Management.Automation.PSCustomObject\r\n', '\n\n'])(
    'may follow %j',
    async (preface) => {
      expect(await rows(`${preface}time,n\n1,2\n`)).toEqual([{ time: '1', n: '2' }])
    },
  )

  test('with too few or too many fields are reported, not shifted', async () => {
    const found = await rows(`a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,\n${'1,2,3\n'.repeat(20)}`)
    const row = { a: '1', b: '2', c: '3' }
    expect(found).toEqual([row, 'field-count', 'field-count', ...Array.from({ length: 21 }, () => row)])
  })

  test('with a broken quote cost themselves', async () => {
    const text = `a,b\n1,2\n"x" y,2\n3,4\n"never closed,5\n6,7\n8,9\n${'10,11\n'.repeat(20)}`
    const records = (
      await Array.fromAsync(readRecords(memberOf(text), await recogniseContent(memberOf(text))))
    ).flat()
    expect(records.map((record) => record.kind === 'record').slice(0, 7)).toEqual([
      true,
      false,
      true,
      false,
      true,
      true,
      true,
    ])
    expect(records.length).toBe(26)
  })

  test('may have a single column of JSON', async () => {
    expect(await rows('AuditData\n"{""a"":1}"\n')).toEqual([{ AuditData: '{"a":1}' }])
  })

  test('name their table in the column $table', async () => {
    const records = await read(memberOf('$table,n\nSigninLogs,1\n,2\n'))
    expect(records.map((record) => record.kind === 'record' && record.table)).toEqual([
      'SigninLogs',
      undefined,
    ])
  })
})

describe('any row', () => {
  test('is written from bytes as it is read from text', () => {
    const cells = ['', 'x', 'a "b" c', 'line\nend\r\n', 'é😀', '\\', '\t\u0001', ' "', '""', 'a,b;c']
    for (const delimiter of [',', ';'])
      for (let round = 0; round < 500; round += 1) {
        const names = ['n', 'é "q"', undefined, 'last'].slice(round % 4)
        const row = names.map(
          (_, index) => cells[(round * 7 + index * 3 + (round >> 3)) % cells.length] ?? '',
        )
        const isPlain = (cell: string) => !/[,;"\n\r]/u.test(cell) && round % 2 === 0
        const text = row
          .map((cell) => (isPlain(cell) ? cell : `"${cell.replaceAll('"', '""')}"`))
          .join(delimiter)
        expect(splitRow(text, delimiter)).toEqual(row)
        const written = new CsvRowWriter(names, delimiter).write(Buffer.from(text))
        const entries = names.flatMap((name, index) => (name === undefined ? [] : [[name, row[index]]]))
        expect('json' in written && JSON.parse(written.json.toString())).toEqual(Object.fromEntries(entries))
        expect(new CsvRowWriter([...names, 'more'], delimiter).write(Buffer.from(text))).toEqual({
          fields: names.length,
        })
      }
  })

  test('may be damaged', async () => {
    const text = 'time,n,text\n'.concat('2025,"a ""b"",\n c",x\n'.repeat(50))
    let seed = 7
    for (let round = 0; round < 300; round += 1) {
      const bytes = Buffer.from(text)
      for (let change = 0; change < 3; change += 1) {
        seed = (seed * 48_271) % 2_147_483_647
        bytes[12 + (seed % (bytes.length - 12))] = [34, 10, 44, 13, 200][seed % 5] ?? 0
      }
      const content = await recogniseContent(memberOf(bytes))
      if (content.problem) continue
      const [whole, cut] = await Promise.all(
        [2 ** 20, 1 + (round % 50)].map(async (chunk) =>
          (await Array.fromAsync(readRecords(memberOf(bytes, chunk), content))).flat(),
        ),
      )
      expect(cut).toEqual(whole)
    }
  })
})

describe('headers', () => {
  test('are trimmed, collapsed and told apart', async () => {
    expect(
      await headers('Date (UTC),Application ID ,Autonomous system  number,Type,Type,Type (2)\n1,2,3,4,5,6\n'),
    ).toEqual([
      'Date (UTC)',
      'Application ID',
      'Autonomous system number',
      'Type',
      'Type (2)',
      'Type (2) (2)',
    ])
  })

  test('may begin with an unnamed index', async () => {
    expect(await rows(',time,n\n0,x,1\n1,y,2\n')).toEqual([
      { time: 'x', n: '1' },
      { time: 'y', n: '2' },
    ])
    expect(await headers(',time\nx,y\n')).toEqual(['Column 1', 'time'])
  })

  test('in another language become English', async () => {
    expect(await headers('Data (UTC),Utente,Nome utente,Indirizzo IP,Stato\n1,2,3,4,5\n')).toEqual([
      'Date (UTC)',
      'User',
      'Username',
      'IP address',
      'Status',
    ])
    expect(
      await headers(
        'Fecha (UTC);Servicio;Actividad;Objetivo1NombrePrincipalDeUsuario;Target1Type\n1;2;3;4;5\n',
      ),
    ).toEqual(['Date (UTC)', 'Service', 'Activity', 'Target1UserPrincipalName', 'Target1Type'])
    expect(await headers('Datum (UTC),Benutzer,Benutzername,IP-Adresse,Status\n1,2,3,4,5\n')).toEqual([
      'Date (UTC)',
      'User',
      'Username',
      'IP address',
      'Status',
    ])
  })

  test('in a language not known here are refused', async () => {
    expect(await headers('Data (UTC),Utente,Nome utente,Qualcosa\n1,2,3,4\n')).toBe('localised-header')
    expect(await headers('Dato (UTC),Bruker,Brukernavn\n1,2,3\n')).toBe('localised-header')
  })

  test('name the zone of their times', async () => {
    expect(await headers('TimeGenerated [UTC],n\n1,2\n')).toEqual(['TimeGenerated', 'n'])
    for (const zone of ['UTC+02:00', 'Local Time', 'Europe/Rome', 'PST'])
      expect(await headers(`TimeGenerated [${zone}],n\n1,2\n`)).toBe('time-zone')
    expect(await headers('Date (local),n\n1,2\n')).toBe('time-zone')
    expect(await headers('Latency time (ms),n\n1,2\n')).toEqual(['Latency time (ms)', 'n'])
  })
})

describe('the order of day and month', () => {
  test.each([
    ['4/28/2021, 2:32:14.029 PM', 'month-first'],
    ['28/04/2021 14:32:14', 'day-first'],
    ['04.05.2021 14:32', 'day-first'],
    ['4/5/2021, 2:32:14.029 PM', 'month-first'],
    ['4/5/2021, 2:32:14 pm', 'ambiguous'],
    ['4/5/2021 2:32:14 PM', 'month-first'],
    ['4/05/2021 2:32:14 PM', 'ambiguous'],
    ['4/12/2021 2:32:14 PM', 'ambiguous'],
    ['04/05/2021 14:32:14', 'ambiguous'],
    ['4-5-2021 14:32', 'ambiguous'],
    ['2021-04-05T14:32:14Z', 'iso'],
    ['4/28/2021 1:00 PM\n28/4/2021 1:00 PM', 'conflict'],
    ['4/5/2021 1:00\n4/6/2021 1:00\n4/13/2021 1:00', 'month-first'],
  ])('%j is %s', async (dates, order) => {
    const member = memberOf(
      `n,time\n${dates
        .split('\n')
        .map((date) => `1,"${date}"`)
        .join('\n')}\n`,
    )
    expect(await settleDayOrder(member, await recogniseContent(member))).toBe(order)
  })

  test('once settled, makes dates ISO 8601 in UTC', async () => {
    const text =
      'time,n\n"4/5/2021, 2:32:14.0291234 PM",x\n04/05/2021 12:00:00 AM,4/5/2021\n2021-04-05T14:32:14Z,13/13/2021\n'
    expect(await rows(text, { dates: { dayOrder: 'month-first' } })).toEqual([
      { time: '2021-04-05T14:32:14.0291234Z', n: 'x' },
      { time: '2021-04-05T00:00:00Z', n: '2021-04-05T00:00:00Z' },
      { time: '2021-04-05T14:32:14Z', n: '13/13/2021' },
    ])
    expect(await rows(text.slice(0, text.indexOf('04/')), { dates: { dayOrder: 'day-first' } })).toEqual([
      { time: '2021-05-04T14:32:14.0291234Z', n: 'x' },
    ])
  })

  test('goes with the time zone that the user names, for the columns that are not in UTC', async () => {
    const text =
      'TimeGenerated [Local Time],Date (UTC)\n2021-07-01 12:00:00,1/2/2021 12:00\n1/2/2021 12:00,2021-07-01 12:00:00\n'
    expect(
      await rows(text, { dates: { dayOrder: 'day-first', timeZone: 'Europe/Rome' } }, 'Europe/Rome'),
    ).toEqual([
      { TimeGenerated: '2021-07-01T10:00:00Z', 'Date (UTC)': '2021-02-01T12:00:00Z' },
      { TimeGenerated: '2021-02-01T11:00:00Z', 'Date (UTC)': '2021-07-01 12:00:00' },
    ])
    await expect(
      rows('a,b\n1,2\n', { dates: { dayOrder: 'day-first', timeZone: 'Nowhere' } }),
    ).rejects.toThrow('not a time zone')
  })
})
