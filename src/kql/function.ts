import type { SqlExpression } from '../sql/node.ts'
import type { DiagnosticCode, Place } from './diagnostic.ts'
import type { Operand } from './operand.ts'
import type { Expression } from './plan.ts'
import type { KqlType } from './types.ts'

/** One scalar function or operator. */
export interface ScalarFunction {
  readonly name: string
  readonly doc: string
  /** A KQL expression and its value as `query --batch` prints it; run as a test. */
  readonly example: readonly [expression: string, value: unknown]
  /** The type where the real engine differs from the official binder. */
  readonly type?: KqlType
  /** The same where it depends on the arguments. */
  readonly resultType?: (args: readonly Expression[]) => KqlType | undefined
  /** SQL of the physical type of `call.type`. Arguments come with their own types: see `convert.ts`. */
  readonly emit: (args: readonly Operand[], call: CallSite) => SqlExpression
  /** What may differ from Kusto's answer, where its documentation does not say all; the answer comes with a warning. */
  readonly approximate?: (args: readonly Expression[]) => string | undefined
  /** The result is never NULL. */
  readonly total?: boolean
  /** Columns that it fills where it stands by itself in `project`, `extend` and `print`; elsewhere it gives the first. */
  readonly parts?: readonly FunctionPart[]
}

/** One column of a function that gives several; plans call it `function.part`. */
export interface FunctionPart {
  readonly name: string
  readonly type: KqlType
  readonly emit: ScalarFunction['emit']
}

/** The dictionaries that tell where addresses are: the place of a network by its address, what is there by its place. */
export interface GeoIp {
  readonly networks: string
  readonly locations: string
}

/** What a function knows of the place where it is called. */
export interface CallSite {
  readonly name: string
  readonly type: KqlType
  readonly place: Place
  /** The query's time, in ticks since 1970-01-01; it stands still while the query runs. */
  readonly now: bigint | 'parameter'
  /** A number that no other call in this query gets. */
  readonly serial: () => number
  readonly geoip?: GeoIp | 'unknown'
  /** The rows come from literals and keep their places. */
  readonly placed: boolean
  readonly refuse: (code: DiagnosticCode, message: string, hint?: string) => never
  /** Calls another function of the tables. */
  readonly call: (name: string, args: readonly Operand[], type: KqlType) => Operand
}

/** The argument at a position that the binder guarantees. */
export function argument(args: readonly Operand[], index: number): Operand {
  const found = args[index]
  if (!found) throw new Error(`argument ${index + 1} is missing`)
  return found
}

/** Kusto takes no real beside a whole number where one of several values is chosen. */
export function refuseMixed(values: readonly Operand[], call: CallSite): void {
  const types = new Set(values.filter(({ literal }) => literal?.value !== null).map(({ type }) => type))
  if (types.has('real') && (types.has('long') || types.has('int'))) {
    call.refuse('bad-argument', `the values of ${call.name} must have one type`, 'use todouble()')
  }
}

/** A literal string argument; refuses anything that is known only while the query runs. */
export function constantText(args: readonly Operand[], index: number, call: CallSite): string {
  const value = args[index]?.literal?.value
  if (typeof value === 'string') return value
  return call.refuse('not-constant', `argument ${index + 1} of ${call.name} must be a literal`)
}

/** A literal integer argument. */
export function constantInteger(args: readonly Operand[], index: number, call: CallSite): bigint {
  const text = constantText(args, index, call)
  if (/^-?\d+$/.test(text)) return BigInt(text)
  return call.refuse('bad-argument', `argument ${index + 1} of ${call.name} must be a whole number`)
}
