import type { KqlType } from '../../src/kql/types.ts'
import { dataTables } from './data.ts'
import { isA, typeOf, type GeneratedColumn, type State } from './kinds.ts'
import type { Random } from './random.ts'
import { signatures, type Signature, type Want } from './signatures.ts'
import type { Stage } from './stages.ts'
import { anyDynamic, anyBag, anyValue, literal, numberArray, textArray } from './values.ts'

export interface Query {
  readonly text: string
  /** The operators, functions and aggregates in it. */
  readonly names: ReadonlySet<string>
}

interface Source {
  readonly text: string
  readonly columns: readonly GeneratedColumn[]
}

const literalKinds = [
  'bool',
  'long',
  'real',
  'string',
  'datetime',
  'timespan',
  'guid',
  'numbers',
  'bag',
] as const

/** Writes well-typed queries, preferring what it has written least. */
export class Generator {
  readonly random: Random
  readonly uses = new Map<string, number>()
  names = new Set<string>()
  readonly #stages: readonly Stage[]
  /** Statements that stand before the query. */
  #definitions: string[] = []
  #next = 0

  constructor(random: Random, stages: readonly Stage[]) {
    this.random = random
    this.#stages = stages
  }

  query(): Query {
    this.names = new Set()
    this.#next = 0
    this.#definitions = []
    const { text: body } = this.pipeline(this.random.between(1, 4))
    const text = [...this.#definitions, body].join('\n')
    for (const name of this.names) this.uses.set(name, (this.uses.get(name) ?? 0) + 1)
    return { text, names: this.names }
  }

  /** A table and some steps over it. */
  pipeline(length: number, from?: readonly string[]): { text: string; state: State } {
    const source = from === undefined && this.random.chance(0.1) ? this.literalSource() : this.table(from)
    let state: State = { columns: source.columns, unique: true }
    const parts = [source.text]
    for (let step = 0; step < length; step += 1) {
      const fitting = this.#stages.filter((candidate) => candidate.fits?.(state, this) ?? true)
      const roomy = fitting.filter(({ isRoomy }) => isRoomy)
      const stage =
        roomy.length > 0 && this.random.chance(0.5)
          ? this.random.pick(roomy)
          : this.rarest(fitting, ({ names }) => names)
      const written = stage.write(state, this)
      if (!written) continue
      for (const name of stage.names) this.names.add(name)
      parts.push(written.text)
      state = written.state
      if (state.columns.length === 0) break
    }
    return { text: parts.join('\n| '), state }
  }

  table(from?: readonly string[]): Source {
    const tables = from
      ? dataTables.filter(({ name }) => from.includes(name))
      : [...dataTables.slice(0, 3), ...dataTables]
    const { name, columns } = this.random.pick(tables)
    return { text: name, columns }
  }

  /** Rows that the query brings along. */
  literalSource(): Source {
    const kind = this.random.pick(['range', 'print', 'datatable'])
    this.names.add(kind)
    const id = { name: 'id', kind: 'long' as const }
    if (kind === 'range') {
      const [from, to, step] = this.random.pick([
        [0, 5, 1],
        [3, -3, -2],
        [-4, 9, 3],
        [1, 0, 1],
      ])
      return { text: `range id from ${from} to ${to} step ${step}`, columns: [id] }
    }
    const columns = Array.from({ length: 3 }, () => ({
      name: this.fresh(),
      kind: this.random.pick(literalKinds),
    }))
    if (kind === 'print') {
      const values = columns.map((column) => `${column.name} = ${this.expression(column.kind, [], 3)}`)
      return { text: `print id = 1, ${values.join(', ')}`, columns: [id, ...columns] }
    }
    const rows = Array.from({ length: this.random.below(5) }, (_row, index) => {
      return [index, ...columns.map((column) => this.constant(column.kind))].join(', ')
    })
    const declared = columns.map((column) => `${column.name}: ${typeOf(column.kind)}`).join(', ')
    return { text: `datatable(id: long, ${declared})[${rows.join(', ')}]`, columns: [id, ...columns] }
  }

  /** Puts a statement before the query. */
  define(statement: string): void {
    this.#definitions.push(statement)
  }

  /** Of a few, one that was used least. */
  rarest<T>(items: readonly T[], names: (item: T) => readonly string[]): T {
    const few = Array.from({ length: 8 }, () => this.random.pick(items))
    if (this.random.chance(0.3)) return this.random.pick(few)
    const uses = (item: T): number =>
      Math.min(...names(item).map((name) => this.uses.get(name) ?? 0), Infinity)
    return few.toSorted((a, b) => uses(a) - uses(b))[0] ?? this.random.pick(items)
  }

  fresh(): string {
    this.#next += 1
    return `c${this.#next}`
  }

  /** An expression of a kind over the columns. */
  expression(want: Want, columns: readonly GeneratedColumn[], depth = 2): string {
    if (want === 'decimal') throw new Error('no decimals here')
    const fitting = columns.filter(({ kind }) => isA(kind, want))
    if (depth > 0 && this.random.chance(0.6)) {
      const candidates = signatures.filter(({ results }) => results.some((result) => isA(result, want)))
      if (candidates.length > 0)
        return this.call(
          this.rarest(candidates, ({ names }) => names),
          want,
          columns,
          depth,
        )
    }
    if (fitting.length > 0 && this.random.chance(0.8)) return this.random.pick(fitting).name
    return this.constant(want)
  }

  call(signature: Signature, want: Want, columns: readonly GeneratedColumn[], depth: number): string {
    for (const name of signature.names) this.names.add(name)
    const result = signature.results.find((candidate) => isA(candidate, want)) ?? want
    const shown = signature.template.replaceAll(/«([^»]*)»/g, (_all, part: string) =>
      this.random.chance(0.5) ? part : '',
    )
    return shown.replaceAll(
      /<([a-z=]+)>|\{((?:[^{}|]*\|)+[^{}|]*)\}/g,
      (_all, kind: string | undefined, options: string | undefined) => {
        if (options !== undefined) return this.random.pick(options.split('|'))
        return this.argument(kind ?? '', result, columns, depth - 1)
      },
    )
  }

  argument(kind: string, result: Want, columns: readonly GeneratedColumn[], depth: number): string {
    if (kind === '=') return this.expression(result, columns, depth)
    if (kind === 'any')
      return this.expression(
        this.random.pick([
          'bool',
          'int',
          'long',
          'real',
          'string',
          'datetime',
          'timespan',
          'guid',
          'dynamic',
        ]),
        columns,
        depth,
      )
    if (kind === 'all')
      return this.expression(
        this.random.pick(['bool', 'int', 'long', 'string', 'datetime', 'timespan', 'guid', 'dynamic', 'bag']),
        columns,
        depth,
      )
    if (kind === 'day') return this.literalOf('datetime')
    if (kind === 'dynamicpath') return this.path(columns)
    return this.expression(kind as Want, columns, depth)
  }

  /** An element of a dynamic. */
  path(columns: readonly GeneratedColumn[]): string {
    const bag = this.random.pick([
      ...columns.filter(({ kind }) => kind === 'bag' || kind === 'dynamic').map(({ name }) => name),
      'dynamic({"a": "x", "b": [1, "2020-01-01"]})',
    ])
    return `${bag}${this.random.pick(['.a', '.b', '.a.b', '["k 1"]', '[0]', '["é"]', '.c[1]', '.b[-1]'])}`
  }

  literalOf(type: Exclude<KqlType, 'decimal' | 'dynamic'>): string {
    return literal(anyValue(type, this.random), type)
  }

  constant(want: Want): string {
    if (want === 'numbers' || want === 'series') return literal(numberArray(this.random), 'dynamic')
    if (want === 'texts') return literal(textArray(this.random), 'dynamic')
    if (want === 'bag') return literal(anyBag(this.random), 'dynamic')
    if (want === 'dynamic') return literal(anyDynamic(this.random), 'dynamic')
    if (want === 'inexact') return this.literalOf('real')
    if (want === 'decimal') throw new Error('no decimals here')
    if (want !== 'string' && this.random.chance(0.08)) return `${want}(null)`
    return this.literalOf(want)
  }
}
