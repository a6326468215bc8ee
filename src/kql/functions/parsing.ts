import {
  and,
  bound,
  call,
  integer,
  lambda,
  nothing,
  or,
  text,
  when,
  type SqlExpression,
} from '../../sql/node.ts'
import { quoteJson, toText } from '../convert.ts'
import { argument, constantText, type CallSite, type ScalarFunction } from '../function.ts'
import { arrayOf } from './array.ts'
import { unless } from './pattern.ts'

/** One group of a pattern's first match; empty where there is none. */
function group(source: SqlExpression, pattern: string, index = 1): SqlExpression {
  return call('regexpExtract', source, pattern, index)
}

function bag(entries: Readonly<Record<string, SqlExpression>>): SqlExpression {
  const parts = Object.entries(entries).flatMap(([key, value], index) => [
    `${index === 0 ? '{' : ','}${JSON.stringify(key)}:`,
    value,
  ])
  return call('concat', ...parts, '}')
}

/** `a=b&c=d` as a bag; what Kusto makes of other forms is not known. */
function queryBag(query: SqlExpression): SqlExpression {
  const print = lambda(['p'], (pair) => {
    const key = call('arrayElement', call('splitByChar', '=', pair), 1)
    const value = call('substring', pair, call('plus', call('length', key), 2))
    return call('concat', quoteJson(key), ':', quoteJson(value))
  })
  const pairs = call('arrayMap', print, call('splitByChar', '&', query))
  return when(
    call('empty', query),
    text('{}'),
    call('concat', '{', call('arrayStringConcat', pairs, ','), '}'),
  )
}

/** Parameters without a value, twice named or encoded. */
function isUnsureQuery(query: SqlExpression): SqlExpression {
  const keys = call(
    'arrayMap',
    lambda(['p'], (pair) => call('arrayElement', call('splitByChar', '=', pair), 1)),
    call('splitByChar', '&', query),
  )
  const isRepeated = call('notEquals', call('length', keys), call('length', call('arrayDistinct', keys)))
  return and(
    call('notEmpty', query),
    or(isRepeated, call('not', call('match', query, '^[^=&%+?#]+=[^&=%+#]*(?:&[^=&%+]+=[^&=%+#]*)*$'))),
  )
}

const url =
  '^([A-Za-z][A-Za-z0-9+.-]*)://(?:([^:@/?#]*)(?::([^@/?#]*))?@)?([^:@/?#\\[\\]]*)(?::([0-9]+))?(/[^?#]*)?(?:[?]([^#]*))?(?:#(.*))?$'

function parseUrl(source: SqlExpression, site: CallSite): SqlExpression {
  const part = (index: number): SqlExpression => quoteJson(group(source, url, index))
  const query = group(source, url, 7)
  const parsed = bag({
    Scheme: part(1),
    Host: part(4),
    Port: part(5),
    Path: part(6),
    Username: part(2),
    Password: part(3),
    'Query Parameters': queryBag(query),
    Fragment: part(8),
  })
  const isUnsure = or(
    and(call('notEmpty', source), call('not', call('match', source, url))),
    isUnsureQuery(query),
  )
  return unless(isUnsure, `${site.name}: no absolute URL, or one with encoded parameters`, parsed, text(''))
}

/** The parts of a file's path in the form of Windows, of a URL or of Unix. */
function parsePath(source: SqlExpression, site: CallSite): SqlExpression {
  const scheme = group(source, '^([A-Za-z][A-Za-z0-9+.-]*)://')
  return bound(call('replaceRegexpOne', source, '^[A-Za-z][A-Za-z0-9+.-]*://', ''), (path) => {
    const last = group(path, '([^/\\\\]*)$')
    const folder = group(path, '^(.*)[/\\\\][^/\\\\]*$')
    const filename = group(last, '^([^:]*)')
    const parsed = bag({
      Scheme: quoteJson(scheme),
      RootPath: quoteJson(group(path, '^([A-Za-z]:[/\\\\])')),
      DirectoryPath: quoteJson(folder),
      DirectoryName: quoteJson(group(folder, '([^/\\\\]*)$')),
      Filename: quoteJson(filename),
      Extension: quoteJson(group(filename, '[.]([^.]*)$')),
      AlternateDataStreamName: quoteJson(group(last, ':(.*)$')),
    })
    const isUnsure = or(
      call('match', folder, '^[A-Za-z]?:?$|^[/\\\\]*$'),
      call('match', filename, '^[.]|[.]$|^$'),
      call('match', path, '[/\\\\][/\\\\].|[\\n]'),
    )
    const isUnc = call('match', path, '^[\\\\]{2}[^/\\\\]+([\\\\][^/\\\\]+)+$')
    return unless(
      and(isUnsure, call('not', isUnc)),
      `${site.name}: a path without a directory or a file`,
      parsed,
      text(''),
    )
  })
}

/** One part of a version: up to eight digits. */
function parseVersion(source: SqlExpression): SqlExpression {
  return bound(source, (version) => {
    const parts = call('splitByChar', '.', version)
    const part = (index: number): SqlExpression =>
      call(
        'leftPad',
        when(
          call('lessOrEquals', integer(index), call('length', parts)),
          call('arrayElement', parts, index),
          text(''),
        ),
        8,
        '0',
      )
    const digits = call('concat', part(1), part(2), part(3), part(4))
    const isVersion = call('match', version, '^[0-9]{1,8}([.][0-9]{1,8}){0,3}$')
    return when(isVersion, call('toDecimal256OrNull', digits, 38), nothing)
  })
}

/** The fields of the first record of comma-separated values. */
function parseCsv(source: SqlExpression, site: CallSite): SqlExpression {
  const field = '"(?:[^"]|"")*"|[^",\\r\\n]*'
  const record = `^(?:${field})(?:,(?:${field}))*`
  return bound(call('regexpExtract', source, `(${record})(?:$|\\r?\\n)`, 1), (first) => {
    const fields = call('extractAllGroupsVertical', call('concat', ',', first), `,(${field})`)
    const print = lambda(['f'], (found) => {
      const value = call('arrayElement', found, 1)
      const inner = call(
        'replaceAll',
        call('substring', value, 2, call('minus', call('toInt64', call('length', value)), 2)),
        '""',
        '"',
      )
      return quoteJson(when(call('startsWith', value, '"'), inner, value))
    })
    const isUnsure = or(call('empty', source), call('not', call('match', source, `${record}(?:$|\\r?\\n)`)))
    return unless(
      isUnsure,
      `${site.name}: an empty text, or a quotation mark inside a field`,
      arrayOf(call('arrayMap', print, fields)),
      text(''),
    )
  })
}

/** The arguments of a Windows command line, where quotation marks stand alone. */
function parseCommandLine(source: SqlExpression, site: CallSite): SqlExpression {
  const parts = call('extractAll', source, '(?:"[^"]*"|[^\\s"])+')
  const print = lambda(['p'], (part) => quoteJson(call('replaceAll', part, '"', '')))
  const isUnsure = or(
    call('match', source, '\\\\"|[^ \\t]""|""[^ \\t]|[\\n\\r]'),
    call('match', source, '^[^"]*"(?:[^"]*"[^"]*")*[^"]*$'),
    call('match', source, '^\\s*$'),
  )
  return unless(
    isUnsure,
    `${site.name}: backslashes before quotation marks, or marks without their pair`,
    arrayOf(call('arrayMap', print, parts)),
    text(''),
  )
}

/** Texts of known forms, taken apart. */
export const parsingFunctions: readonly ScalarFunction[] = [
  ...(['parse_url', 'parseurl'] as const).map((name): ScalarFunction => ({
    name,
    doc: 'The parts of an absolute URL.',
    example: [
      `${name}("https://user@host:8080/a/b?k=v#top")`,
      {
        Scheme: 'https',
        Host: 'host',
        Port: '8080',
        Path: '/a/b',
        Username: 'user',
        Password: '',
        'Query Parameters': { k: 'v' },
        Fragment: 'top',
      },
    ],
    emit: (args, site) => bound(toText(argument(args, 0)), (source) => parseUrl(source, site)),
  })),
  ...(['parse_urlquery', 'parseurlquery'] as const).map((name): ScalarFunction => ({
    name,
    doc: 'The parameters of a URL’s query.',
    example: [`${name}("k1=v1&k2=v2")`, { 'Query Parameters': { k1: 'v1', k2: 'v2' } }],
    emit: (args, site) =>
      bound(toText(argument(args, 0)), (query) =>
        unless(
          isUnsureQuery(query),
          `${site.name}: parameters that are encoded, come twice or have no value`,
          bag({ 'Query Parameters': queryBag(query) }),
          text(''),
        ),
      ),
  })),
  {
    name: 'parse_path',
    doc: 'The parts of a file’s path.',
    example: [
      'parse_path(@"C:\\temp\\file.txt")',
      {
        Scheme: '',
        RootPath: 'C:\\',
        DirectoryPath: 'C:\\temp',
        DirectoryName: 'temp',
        Filename: 'file.txt',
        Extension: 'txt',
        AlternateDataStreamName: '',
      },
    ],
    emit: (args, site) => bound(toText(argument(args, 0)), (source) => parsePath(source, site)),
  },
  {
    name: 'parse_version',
    doc: 'A version as a number that compares as it does.',
    example: ['parse_version("1.2.3.4") > parse_version("1.2.3")', true],
    emit: (args) => parseVersion(toText(argument(args, 0))),
  },
  {
    name: 'parse_csv',
    doc: 'The fields of a record of comma-separated values.',
    example: ['parse_csv(\'aa,"b,b","say ""x"""\')', ['aa', 'b,b', 'say "x"']],
    emit: (args, site) => bound(toText(argument(args, 0)), (source) => parseCsv(source, site)),
  },
  {
    name: 'parse_command_line',
    doc: 'The arguments of a Windows command line.',
    example: ['parse_command_line("echo \\"hello world!\\" x", "windows")', ['echo', 'hello world!', 'x']],
    emit: (args, site) => {
      if (constantText(args, 1, site).toLowerCase() !== 'windows') {
        return site.refuse('bad-argument', 'the only parser of command lines is "windows"')
      }
      return bound(toText(argument(args, 0)), (source) => parseCommandLine(source, site))
    },
  },
]
