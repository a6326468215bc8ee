import type { Place } from './diagnostic.ts'
import { parseDatetime, parseTimespan } from './literals.ts'
import type { Operand } from './operand.ts'
import type { LiteralExpression } from './plan.ts'

/** Calls of literals whose value is known before the query runs, so that times reach the primary key as literals. */
export function foldConstants(
  name: string,
  args: readonly Operand[],
  now: bigint | 'parameter',
  place: Place,
): LiteralExpression | undefined {
  const [first, second] = args
  if (name === 'now' || name === 'ago') return timeOf(name, first, now, place)
  if (!first?.literal || first.literal.value === null) return undefined
  if (args.length === 1 && first.type === 'string') return readText(name, String(first.literal.value), place)
  if (args.length !== 2 || !second?.literal || second.literal.value === null) return undefined
  return moveTime(name, first.literal, second.literal, place)
}

/** The query's time stands still, so it is a literal too, moved by one where that is known. */
function timeOf(
  name: 'now' | 'ago',
  offset: Operand | undefined,
  now: bigint | 'parameter',
  place: Place,
): LiteralExpression | undefined {
  if (now === 'parameter') return undefined
  const shift = offset === undefined ? '0' : offset.literal?.value
  if (typeof shift !== 'string' || (offset && offset.type !== 'timespan')) return undefined
  const value = name === 'now' ? now + BigInt(shift) : now - BigInt(shift)
  return inRange('datetime', value)
    ? { kind: 'literal', type: 'datetime', value: value.toString(), place }
    : undefined
}

function readText(name: string, value: string, place: Place): LiteralExpression | undefined {
  if (name === 'todatetime') {
    return { kind: 'literal', type: 'datetime', value: parseDatetime(value)?.toString() ?? null, place }
  }
  // Texts like `1d` are read by the conversion itself, which knows fewer units than a literal.
  const isClock = name === 'totimespan' && /^-?(\d+\.)?\d{1,2}:\d{1,2}/.test(value)
  return isClock
    ? { kind: 'literal', type: 'timespan', value: parseTimespan(value)?.toString() ?? null, place }
    : undefined
}

/** Sums and differences of times, and multiples of timespans. */
function moveTime(
  name: string,
  left: LiteralExpression,
  right: LiteralExpression,
  place: Place,
): LiteralExpression | undefined {
  const types = `${left.type} ${name} ${right.type}`
  const [a, b] = [left.value, right.value].map((value) =>
    /^-?\d+$/.test(String(value)) ? BigInt(String(value)) : undefined,
  )
  if (a === undefined || b === undefined) return undefined
  const time = (type: 'datetime' | 'timespan', value: bigint): LiteralExpression | undefined =>
    inRange(type, value) ? { kind: 'literal', type, value: value.toString(), place } : undefined
  switch (types) {
    case 'datetime + timespan':
      return time('datetime', a + b)
    case 'datetime - timespan':
      return time('datetime', a - b)
    case 'datetime - datetime':
    case 'timespan - timespan':
      return time('timespan', a - b)
    case 'timespan + timespan':
      return time('timespan', a + b)
    case 'timespan * long':
    case 'long * timespan':
    case 'timespan * int':
    case 'int * timespan':
      return time('timespan', a * b)
    default:
      return undefined
  }
}

function inRange(type: 'datetime' | 'timespan', value: bigint): boolean {
  if (type === 'timespan') return BigInt.asIntN(64, value) === value
  return value >= -621_355_968_000_000_000n && value < 2_534_023_008_000_000_000n
}
