import {
  and,
  bound,
  call,
  cast,
  integer,
  lambda,
  or,
  real,
  text,
  when,
  type SqlExpression,
} from '../../sql/node.ts'
import { jsonMember } from '../json-parts.ts'
import { convert, quoteJson, timespanText, datetimeText } from '../convert.ts'
import { realText } from '../real-text.ts'
import { argument, constantText, type CallSite, type ScalarFunction } from '../function.ts'
import { operand, type Operand } from '../operand.ts'
import { datetimeToTicks, physicalTypes, ticksToDatetime, type KqlType } from '../types.ts'
import { arrayOf } from './array.ts'
import { unless } from './pattern.ts'

/** The type of a value: known before the query runs, but for what a dynamic holds. */
function typeName(value: Operand): SqlExpression {
  if (value.type !== 'dynamic') return text(value.type)
  const first = call('substring', value.sql, 1, 1)
  return call(
    'multiIf',
    call('empty', value.sql),
    text('null'),
    call('equals', first, '"'),
    text('string'),
    call('equals', first, '['),
    text('array'),
    call('equals', first, '{'),
    text('dictionary'),
    call('in', value.sql, call('tuple', 'true', 'false')),
    text('bool'),
    when(call('match', value.sql, '^-?[0-9]+$'), text('long'), text('double')),
  )
}

/** The least or greatest value, nulls left out; NaN where there is one. */
function extreme(name: 'least' | 'greatest', args: readonly Operand[], site: CallSite): SqlExpression {
  const { type } = site
  if (type === 'dynamic' || type === 'bool' || type === 'guid' || (type === 'string' && name === 'least')) {
    return site.refuse('unsupported-argument', `${site.name} of ${type} is not supported`)
  }
  const values = args.map((value) => convert(value, type))
  const found = cast(call(name, ...values), physicalTypes[type])
  if (type !== 'real') return found
  return when(
    or(integer(0), ...values.map((value) => call('ifNull', call('isNaN', value), 0))),
    real(Number.NaN),
    found,
  )
}

const rangeLimit = 1_048_576n
const hour = 36_000_000_000n

/** An array from a start to an end in steps, at most as long as Kusto's. */
function rangeOf(args: readonly Operand[], site: CallSite): SqlExpression {
  const [start, end] = [argument(args, 0), argument(args, 1)]
  if (start.type === 'real' || end.type === 'real' || args[2]?.type === 'real') return realRange(args, site)
  const ticks = (value: Operand): SqlExpression =>
    value.type === 'datetime'
      ? datetimeToTicks(value.sql)
      : convert(value, value.type === 'timespan' ? 'timespan' : 'long')
  const isTime = start.type === 'datetime' || start.type === 'timespan'
  if (!isTime && start.type !== 'int' && start.type !== 'long') {
    return site.refuse('unsupported-argument', `range of ${start.type} is not supported`)
  }
  const step = args[2] ? ticks(args[2]) : integer(isTime ? hour : 1n)
  const print = (value: SqlExpression): SqlExpression => {
    if (start.type === 'datetime') return quoteJson(datetimeText(ticksToDatetime(value)))
    return start.type === 'timespan' ? quoteJson(timespanText(value)) : call('toString', value)
  }
  return counted(ticks(start), ticks(end), step, print)
}

function counted(
  start: SqlExpression,
  end: SqlExpression,
  step: SqlExpression,
  print: (value: SqlExpression) => SqlExpression,
): SqlExpression {
  return bound(call('assumeNotNull', call('ifNull', call('toInt64', start), integer(0))), (from) => {
    const by = call('assumeNotNull', call('ifNull', call('toInt64', step), integer(1)))
    const to = call('assumeNotNull', call('ifNull', call('toInt64', end), integer(0)))
    const isForward = or(
      and(call('greater', by, 0), call('lessOrEquals', from, to)),
      and(call('less', by, 0), call('greaterOrEquals', from, to)),
    )
    const steps = call('intDiv', call('minus', to, from), when(call('equals', by, 0), integer(1), by))
    const count = when(isForward, call('least', call('plus', steps, 1), integer(rangeLimit)), integer(0))
    const value = lambda(['i'], (index) =>
      call('assumeNotNull', print(call('plus', from, call('multiply', call('toInt64', index), by)))),
    )
    const list = arrayOf(call('arrayMap', value, call('range', call('toUInt64', count))))
    const isNull = or(call('isNull', start), call('isNull', end), call('isNull', step), call('equals', by, 0))
    return when(isNull, text(''), list)
  })
}

/** Steps that a real holds exactly; others would depend on the way of adding up. */
function realRange(args: readonly Operand[], site: CallSite): SqlExpression {
  const numbers = [argument(args, 0), argument(args, 1), args[2]].map((value) =>
    value ? Number(value.literal?.value ?? Number.NaN) : 1,
  )
  const [start = Number.NaN, end = Number.NaN, step = Number.NaN] = numbers
  const scale = 1024
  if (
    ![start, step].every((value) => Number.isSafeInteger(value * scale)) ||
    !Number.isFinite(end) ||
    step === 0
  ) {
    return site.refuse(
      'unsupported-argument',
      'range of reals is for literals that binary fractions hold, such as 0.25',
    )
  }
  const count = Math.floor((end - start) / step) + 1
  const value = lambda(['i'], (index) =>
    realText(call('plus', real(start), call('multiply', call('toFloat64', index), real(step)))),
  )
  return arrayOf(call('arrayMap', value, call('range', Math.max(0, Math.min(count, Number(rangeLimit))))))
}

const sizes = ['Bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB']

/** A number of bytes in the largest unit that leaves a whole part. */
function formatBytes(args: readonly Operand[], site: CallSite): SqlExpression {
  const places = args[1] ? Number(args[1].literal?.value ?? Number.NaN) : 0
  if (!Number.isInteger(places) || places < 0 || places > 10) {
    return site.refuse('not-constant', 'the precision of format_bytes must be a literal from 0 to 10')
  }
  const unit = args[2] ? constantText(args, 2, site) : ''
  const chosen = sizes.indexOf(unit)
  if (unit !== '' && chosen < 0)
    return site.refuse('bad-argument', `${unit} is no unit of bytes`, `one of ${sizes.join(', ')}`)
  return bound(convert(argument(args, 0), 'real'), (bytes) => {
    const printed = (index: number): SqlExpression => {
      const scale = real(10 ** places)
      const value = call(
        'divide',
        call(
          'floor',
          call('plus', call('multiply', call('divide', bytes, real(1024 ** index)), scale), real(0.5)),
        ),
        scale,
      )
      return call('concat', call('toString', value), ` ${sizes[index]}`)
    }
    const choices = sizes
      .slice(0, -1)
      .flatMap((_, index) => [call('less', bytes, real(1024 ** (index + 1))), printed(index)])
    const result = chosen >= 0 ? printed(chosen) : call('multiIf', ...choices, printed(sizes.length - 1))
    // How a fraction that ends in zeros is printed is not known.
    const digits = places === 0 ? '' : `[.][0-9]{${places}} `
    const isUnsure = or(
      call('less', bytes, 0),
      and(
        call('not', call('match', result, `${digits}[A-Z]`)),
        call('not', call('endsWith', result, ' Bytes')),
      ),
      call('match', result, 'e'),
    )
    const message = `${site.name}: a negative size, or a fraction that ends in zeros`
    return call(
      'ifNull',
      when(
        call('isNull', bytes),
        text(''),
        unless(
          call('and', isUnsure, call('not', call('match', result, '^[0-9]+ Bytes$'))),
          message,
          result,
          text(''),
        ),
      ),
      '',
    )
  })
}

/** Longer names for what another row does. */
const aliases: readonly (readonly [
  name: string,
  other: string,
  type: KqlType,
  example: ScalarFunction['example'],
])[] = [
  ['notempty', 'isnotempty', 'bool', ['notempty("a")', true]],
  ['notnull', 'isnotnull', 'bool', ['notnull(1)', true]],
  ['totime', 'totimespan', 'timespan', ['totime("01:00:00")', '01:00:00']],
  ['parsejson', 'parse_json', 'dynamic', ['parsejson("[1]")[0]', 1]],
  ['toobject', 'parse_json', 'dynamic', ['toobject("[1]")[0]', 1]],
]

/** What fits no other family. */
export const generalFunctions: readonly ScalarFunction[] = [
  ...aliases.map(([name, other, type, example]): ScalarFunction => ({
    name,
    doc: `The same as ${other}.`,
    example,
    ...(type === 'bool' ? { total: true } : {}),
    emit: (args, site) => site.call(other, args, type).sql,
  })),
  {
    name: 'gettype',
    doc: 'The name of a value’s type.',
    example: ['gettype(dynamic({"a": 1}))', 'dictionary'],
    emit: (args) => typeName(argument(args, 0)),
  },
  {
    name: 'min_of',
    doc: 'The least of several values, nulls left out.',
    example: ['min_of(10, int(null), -3)', -3],
    emit: (args, site) => extreme('least', args, site),
  },
  {
    name: 'max_of',
    doc: 'The greatest of several values, nulls left out.',
    example: ['max_of(10, int(null), -3)', 10],
    emit: (args, site) => extreme('greatest', args, site),
  },
  {
    name: 'range',
    doc: 'An array of numbers, times or timespans in equal steps.',
    example: ['range(1h, 3h)', ['01:00:00', '02:00:00', '03:00:00']],
    emit: rangeOf,
  },
  {
    name: 'format_bytes',
    doc: 'A number of bytes with a unit.',
    example: ['format_bytes(10332, 1)', '10.1 KB'],
    emit: formatBytes,
  },
  {
    name: 'assert',
    doc: 'Fails the query where a condition is false.',
    example: ['assert(1 < 2, "never")', true],
    emit: (args, site) => {
      const condition = call('ifNull', convert(argument(args, 0), 'bool'), 0)
      return unless(call('not', condition), constantText(args, 1, site), call('toBool', 1), call('toBool', 0))
    },
  },
  {
    name: 'new_guid',
    doc: 'A new random guid.',
    example: ['strlen(tostring(new_guid()))', 36],
    total: true,
    emit: (_args, site) => call('generateUUIDv4', site.serial()),
  },
  {
    name: 'rand',
    doc: 'A random number from 0 up to 1, or a whole one below a limit.',
    example: ['rand() < 1', true],
    emit: (args, site) => {
      const random = call('randCanonical', site.serial())
      const limit = args[0]?.literal?.value
      if (args.length === 0) return random
      if (typeof limit !== 'string' || BigInt(limit) < 2n)
        return site.refuse('unsupported-argument', 'the limit of rand must be a literal from 2')
      return call('floor', call('multiply', random, real(Number(limit))))
    },
  },
  {
    name: 'strcmp',
    doc: 'The order of two texts by code points: -1, 0 or 1.',
    example: ['strcmp("abc", "ABC")', 1],
    emit: (args) => {
      const [left, right] = [convert(argument(args, 0), 'string'), convert(argument(args, 1), 'string')]
      return call('toInt64', call('minus', call('greater', left, right), call('less', left, right)))
    },
  },
  {
    name: 'translate',
    doc: 'Replaces characters by those at the same places of another list.',
    example: ['translate("krasp", "otsku", "spark")', 'kusto'],
    emit: translate,
  },
  ...(['extract_json', 'extractjson'] as const).map((name): ScalarFunction => ({
    name,
    doc: 'The value at a path of a JSON text, as text or as a type.',
    example: [`${name}("$.a[1]", '{"a": [1, 2]}', typeof(long))`, 2],
    emit: extractJson,
  })),
]

/** The last character of a short list stands for those that are missing; an empty one takes characters away. */
function translate(args: readonly Operand[], site: CallSite): SqlExpression {
  const [from, to] = [Array.from(constantText(args, 0, site)), Array.from(constantText(args, 1, site))]
  if (new Set(from).size < from.length)
    return site.refuse('unsupported-argument', 'translate with a character that is listed twice')
  const last = to.at(-1)
  const list = last === undefined ? '' : from.map((_, index) => to[index] ?? last).join('')
  const source = convert(argument(args, 2), 'string')
  return from.length === 0 ? source : call('translateUTF8', source, from.join(''), list)
}

function extractJson(args: readonly Operand[], site: CallSite): SqlExpression {
  const path = constantText(args, 0, site)
  const step = /\.([A-Za-z_]\w*)|\[(\d+)\]|\['([^'\\]+)'\]|\["([^"\\]+)"\]/y
  const keys: SqlExpression[] = []
  step.lastIndex = 1
  while (path.startsWith('$') && step.lastIndex < path.length) {
    const [, name, index, single, double] = step.exec(path) ?? []
    if (name === undefined && index === undefined && single === undefined && double === undefined) {
      return site.refuse(
        'unsupported-argument',
        `the path ${path} is not supported`,
        "write $.key, $['key'] and [index]",
      )
    }
    keys.push(index === undefined ? text(name ?? single ?? double ?? '') : integer(BigInt(index) + 1n))
  }
  if (keys.length === 0)
    return site.refuse('unsupported-argument', `the path ${path} is not supported`, 'write $.key')
  const found = jsonMember(convert(argument(args, 1), 'string'), keys)
  const value = operand(when(call('equals', found, 'null'), text(''), found), 'dynamic')
  const type = args[2]?.literal?.value
  return type === undefined || type === 'string' ? convert(value, 'string') : convert(value, site.type)
}
