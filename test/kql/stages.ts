import type { Generator } from './generate.ts'
import { isA, typeOf, type GeneratedColumn, type State } from './kinds.ts'
import { signatures, type Want } from './signatures.ts'

export interface Stage {
  readonly names: readonly string[]
  /** Whether it holds what else is rare: many functions or aggregates. */
  readonly isRoomy?: boolean
  readonly fits?: (state: State, generator: Generator) => boolean
  readonly write: (
    state: State,
    generator: Generator,
  ) => { readonly text: string; readonly state: State } | undefined
}

const kinds: readonly Want[] = [
  'bool',
  'int',
  'long',
  'real',
  'inexact',
  'string',
  'datetime',
  'timespan',
  'guid',
  'dynamic',
  'numbers',
  'texts',
  'bag',
  'series',
]
const keyKinds: ReadonlySet<Want> = new Set<Want>([
  'bool',
  'int',
  'long',
  'string',
  'datetime',
  'timespan',
  'guid',
])

function assignments(
  state: State,
  generator: Generator,
  least: number,
  most: number,
): readonly (GeneratedColumn & { readonly text: string })[] {
  return Array.from({ length: generator.random.between(least, most) }, () => {
    const name = generator.fresh()
    if (generator.random.chance(0.5)) {
      const signature = generator.rarest(signatures, ({ names }) => names)
      const kind = generator.random.pick(signature.results)
      return { name, kind, text: `${name} = ${generator.call(signature, kind, state.columns, 3)}` }
    }
    const kind = generator.random.pick(kinds)
    return { name, kind, text: `${name} = ${generator.expression(kind, state.columns, 3)}` }
  })
}

function some<T>(generator: Generator, items: readonly T[], most = 3): readonly T[] {
  return generator.random.shuffled(items).slice(0, generator.random.between(1, most))
}

function keys(state: State): readonly GeneratedColumn[] {
  return state.columns.filter(({ kind }) => keyKinds.has(kind))
}

function hasId({ columns, unique }: State): boolean {
  return unique && columns.some(({ name, kind }) => name === 'id' && kind === 'long')
}

function columnsOnly(columns: readonly GeneratedColumn[]): readonly GeneratedColumn[] {
  return columns.map(({ name, kind }) => ({ name, kind }))
}

interface Aggregate {
  readonly names: readonly string[]
  readonly template: string
  readonly result: Want
}

const aggregateLines = `
long: count()
long: countif(<bool>)
long: sum(<long>)
long: sum(<int>)
real: sum(<real>)
timespan: sum(<timespan>)
long: sumif(<long>, <bool>)
inexact: avg(<long>)
inexact: avg(<real>)
inexact: avgif(<long>, <bool>)
long: min(<long>)
real: min(<real>)
datetime: min(<datetime>)
timespan: min(<timespan>)
long: max(<long>)
real: max(<real>)
datetime: max(<datetime>)
long: minif(<long>, <bool>)
datetime: maxif(<datetime>, <bool>)
long: dcount(<string>)
long: dcount(<long>)
long: dcountif(<string>, <bool>)
long: count_distinct(<long>)
long: count_distinct(<string>)
long: count_distinctif(<datetime>, <bool>)
dynamic: make_list(<long>)
dynamic: make_list(<string>)
dynamic: make_list(<datetime>)
dynamic: make_list_if(<string>, <bool>)
dynamic: make_list_with_nulls(<long>)
dynamic: makelist(<long>)
dynamic: make_set(<string>)
dynamic: make_set(<long>)
dynamic: make_set(<numbers>)
dynamic: make_set_if(<long>, <bool>)
dynamic: makeset(<string>)
bag: make_bag(pack(<string>, 1))
bag: make_bag_if(pack(<string>, 1), <bool>)
bag: make_dictionary(pack(<string>, 1))
long: binary_all_and(<long>)
long: binary_all_or(<long>)
long: binary_all_xor(<long>)
inexact: stdev(<long>)
inexact: stdev(<real>)
inexact: stdevp(<long>)
inexact: stdevif(<long>, <bool>)
inexact: variance(<real>)
inexact: variancep(<int>)
inexact: varianceif(<int>, <bool>)
inexact: variancepif(<int>, <bool>)
inexact: covariance(<int>, <real>)
inexact: covariancep(<int>, <int>)
inexact: covarianceif(<int>, <int>, <bool>)
inexact: covariancepif(<int>, <int>, <bool>)
long: percentile(<long>, {0|25|50|90|100})
datetime: percentile(<datetime>, {50|95})
long: dcount_hll(hll(<long>))
long: dcount_hll(hll(<string>))
long: dcount_hll(hll_if(<long>, <bool>))
long: percentile_tdigest(tdigest(<long>), {0|25|50|90|100}, typeof(long))
dynamic: percentiles_array_tdigest(tdigest(<long>), {0|25}, {50|100})
long: rank_tdigest(tdigest(<long>), {0|5|10})
inexact: percentrank_tdigest(tdigest(<long>), {0|5|10})
long: percentilew(<int>, {1|2|3}, {0|50|100})
dynamic: percentilesw_array(<int>, {1|2|3}, {0|50|100}, 75)
dynamic: percentiles_array(<long>, {0|50|100}, 75)
long: take_any(<key>)
long: any(<key>)
long: take_anyif(<key>, <bool>)
long: anyif(<key>, <bool>)
`

/** `result: template`. */
export const aggregates: readonly Aggregate[] = aggregateLines
  .trim()
  .split('\n')
  .map((line) => {
    const [, result = '', template = ''] = /^(\w+): (.*)$/.exec(line) ?? []
    const names = [...template.matchAll(/([a-z_]\w+)\(/g)]
      .map(([, name = '']) => name)
      .filter((name) => name !== 'typeof')
    return { result: result as Want, template, names }
  })

function aggregateText(
  generator: Generator,
  state: State,
  by: readonly GeneratedColumn[],
): readonly [string, GeneratedColumn] {
  const item = generator.rarest(aggregates, ({ names }) => names)
  const name = generator.fresh()
  // Of several values any may be taken, so take what the group has in common.
  const common = by.find(({ kind }) => kind === 'long')?.name ?? '7'
  const text = generator.call(
    { results: [item.result], template: item.template.replace('<key>', common), names: item.names },
    item.result,
    state.columns,
    2,
  )
  return [`${name} = ${text}`, { name, kind: item.result === 'dynamic' ? 'dynamic' : item.result }]
}

function aggregated(
  generator: Generator,
  state: State,
  by: readonly GeneratedColumn[],
  least: number,
): readonly (readonly [string, GeneratedColumn])[] {
  return Array.from({ length: generator.random.between(least, 3) }, () => aggregateText(generator, state, by))
}

const bins: Readonly<Record<string, readonly string[]>> = {
  long: ['3', '10'],
  datetime: ['1d', '7d', '1h'],
  timespan: ['1h', '1d'],
}

function groupKey(generator: Generator, column: GeneratedColumn): readonly [string, GeneratedColumn] {
  const sizes = bins[column.kind]
  if (sizes && generator.random.chance(0.4)) {
    generator.names.add('bin')
    return [`bin(${column.name}, ${generator.random.pick(sizes)})`, column]
  }
  if (generator.random.chance(0.2)) {
    const name = generator.fresh()
    const kind = generator.random.pick<Want>(['long', 'string', 'bool', 'datetime'])
    return [`${name} = ${generator.expression(kind, [column], 2)}`, { name, kind }]
  }
  return [column.name, column]
}

export const stages: readonly Stage[] = [
  {
    names: ['where'],
    write: (state, generator) => ({ text: `where ${generator.expression('bool', state.columns, 4)}`, state }),
  },
  {
    names: ['extend'],
    isRoomy: true,
    write: (state, generator) => {
      const added = assignments(state, generator, 1, 4)
      return {
        text: `extend ${added.map(({ text }) => text).join(', ')}`,
        state: { ...state, columns: [...state.columns, ...columnsOnly(added)] },
      }
    },
  },
  {
    names: ['extend'],
    write: (state, generator) => {
      // A column replaced in its place, and one that is made of its old value.
      const replaced = generator.random.pick(state.columns)
      if (replaced.name === 'id' || replaced.kind === 'decimal') return undefined
      const name = generator.fresh()
      const text = `extend ${replaced.name} = ${generator.expression(replaced.kind, state.columns, 2)}, ${name} = ${replaced.name}`
      return { text, state: { ...state, columns: [...state.columns, { name, kind: replaced.kind }] } }
    },
  },
  {
    names: ['project'],
    write: (state, generator) => {
      const kept = some(
        generator,
        state.columns.filter(({ name }) => name !== 'id'),
        4,
      )
      const added = assignments(state, generator, 1, 3)
      const id = hasId(state) ? [{ name: 'id', kind: 'long' as const }] : []
      const columns = [...id, ...kept, ...columnsOnly(added)]
      return {
        text: `project ${[...[...id, ...kept].map(({ name }) => name), ...added.map(({ text }) => text)].join(', ')}`,
        state: { ...state, columns },
      }
    },
  },
  {
    names: ['extend', 'let'],
    write: (state, generator) => {
      const [fun, constant, c, d] = [
        generator.fresh(),
        generator.fresh(),
        generator.fresh(),
        generator.fresh(),
      ]
      const parameters: readonly GeneratedColumn[] = [
        { name: 'a', kind: 'long' },
        { name: 'b', kind: 'string' },
      ]
      const kind = generator.random.pick<Want>(['long', 'string', 'bool', 'datetime'])
      generator.define(`let f${fun} = (a: long, b: string) { ${generator.expression(kind, parameters, 3)} };`)
      generator.define(`let ${constant} = ${generator.expression('long', [], 1)};`)
      const known = [...state.columns, { name: constant, kind: 'long' as const }]
      const call = `f${fun}(${generator.expression('long', known, 1)}, ${generator.expression('string', state.columns, 1)})`
      const added = [
        { name: c, kind },
        { name: d, kind: 'long' as const },
      ]
      return {
        text: `extend ${c} = ${call}, ${d} = ${constant} + 1`,
        state: { ...state, columns: [...state.columns, ...added] },
      }
    },
  },
  {
    names: ['where', 'toscalar', 'let'],
    fits: (state) => state.columns.some(({ name, kind }) => name === 'g' && kind === 'long'),
    write: (state, generator) => {
      const [rows, most] = [generator.fresh(), generator.fresh()]
      const { text } = generator.table(['T', 'U'])
      generator.define(
        `let t${rows} = materialize(${text} | where ${generator.expression('bool', [{ name: 'g', kind: 'long' }], 2)});`,
      )
      const test = generator.random.pick(['in', '!in'])
      return {
        text: `where g ${test} ((t${rows} | project g))\n| extend ${most} = toscalar(t${rows} | summarize max(id))`,
        state: { ...state, columns: [...state.columns, { name: most, kind: 'long' }] },
      }
    },
  },
  {
    names: ['project-away'],
    fits: ({ columns }) => columns.length > 3,
    write: (state, generator) => {
      const gone = some(
        generator,
        state.columns.filter(({ name }) => name !== 'id'),
        2,
      ).map(({ name }) => name)
      return {
        text: `project-away ${gone.join(', ')}`,
        state: { ...state, columns: state.columns.filter(({ name }) => !gone.includes(name)) },
      }
    },
  },
  {
    names: ['project-keep'],
    fits: hasId,
    write: (state, generator) => {
      const kept = new Set(['id', ...some(generator, state.columns, 6).map(({ name }) => name)])
      return {
        text: `project-keep ${[...kept].join(', ')}`,
        state: { ...state, columns: state.columns.filter(({ name }) => kept.has(name)) },
      }
    },
  },
  {
    names: ['project-rename'],
    write: (state, generator) => {
      const old = generator.random.pick(state.columns)
      if (old.name === 'id') return undefined
      const name = generator.fresh()
      const columns = state.columns.map((column) =>
        column.name === old.name ? { name, kind: old.kind } : column,
      )
      return { text: `project-rename ${name} = ${old.name}`, state: { ...state, columns } }
    },
  },
  {
    names: ['project-reorder'],
    write: (state, generator) => {
      const first = some(generator, state.columns, 3)
      const rest = state.columns.filter((column) => !first.includes(column))
      return {
        text: `project-reorder ${first.map(({ name }) => name).join(', ')}`,
        state: { ...state, columns: [...first, ...rest] },
      }
    },
  },
  {
    names: ['summarize'],
    isRoomy: true,
    fits: (state) => keys(state).length > 0,
    write: (state, generator) => {
      const sources = generator.random.chance(0.2)
        ? []
        : some(
            generator,
            keys(state).filter(({ name }) => name !== 'id'),
            2,
          )
      const by = sources.map((column) => groupKey(generator, column))
      const plain = sources.filter((column, index) => by[index]?.[0] === column.name)
      const made = aggregated(generator, state, plain, by.length === 0 ? 1 : 0)
      if (by.length + made.length === 0) return undefined
      const names = new Set(by.map(([, { name }]) => name))
      if (names.size < by.length) return undefined
      const text = `summarize ${made.map(([part]) => part).join(', ')}${by.length > 0 ? ` by ${by.map(([part]) => part).join(', ')}` : ''}`
      return {
        text,
        state: {
          columns: [...by.map(([, column]) => column), ...made.map(([, column]) => column)],
          unique: false,
        },
      }
    },
  },
  {
    names: ['summarize', 'arg_max', 'arg_min'],
    fits: hasId,
    write: (state, generator) => {
      const by = some(
        generator,
        keys(state).filter(({ name }) => name !== 'id'),
        1,
      )
      const others = some(
        generator,
        state.columns.filter((column) => column.name !== 'id' && !by.includes(column)),
        2,
      )
      const both = ['arg_max', 'arg_min'].map((name) => ({
        name,
        columns: [
          { name: generator.fresh(), kind: 'long' as const },
          ...others.map(({ kind }) => ({ name: generator.fresh(), kind })),
        ],
      }))
      const parts = both.map(
        ({ name, columns }) =>
          `(${columns.map((column) => column.name).join(', ')}) = ${name}(id, ${others.map((column) => column.name).join(', ')})`,
      )
      return {
        text: `summarize ${parts.join(', ')} by ${by.map(({ name }) => name).join(', ')}`,
        state: { columns: [...by, ...both.flatMap(({ columns }) => columns)], unique: false },
      }
    },
  },
  {
    names: ['summarize', 'argmax', 'argmin', 'percentiles', 'percentilesw'],
    fits: hasId,
    write: (_state, generator) => {
      const [a, b, c, d, e, f, g, h] = Array.from({ length: 8 }, () => generator.fresh())
      const percents = generator.random.pick(['25, 100', '0, 50', '10, 90'])
      return {
        text: `summarize (${a}, ${b}) = argmax(id, id), (${c}, ${d}) = argmin(id, id), (${e}, ${f}) = percentiles(id, ${percents}), (${g}, ${h}) = percentilesw(id, 2, ${percents})`,
        state: {
          columns: [a, b, c, d, e, f, g, h].map((name) => ({ name: name ?? '', kind: 'long' as const })),
          unique: false,
        },
      }
    },
  },
  ...(['hll', 'tdigest'] as const).map((sketch): Stage => ({
    names: ['summarize', sketch],
    fits: (state) => keys(state).some(({ kind }) => kind === 'long'),
    write: (state, generator) => {
      const by = generator.random.pick(keys(state))
      const [parts, all] = [generator.fresh(), generator.fresh()]
      const value = generator.random.pick(keys(state).filter(({ kind }) => kind === 'long')).name
      const merge = sketch === 'hll' ? 'hll_merge' : generator.random.pick(['tdigest_merge', 'merge_tdigest'])
      const read =
        sketch === 'hll'
          ? `dcount_hll(${merge}(${parts}))`
          : `percentile_tdigest(${merge}(${parts}), 50, typeof(long))`
      for (const name of [merge, sketch === 'hll' ? 'dcount_hll' : 'percentile_tdigest'])
        generator.names.add(name)
      return {
        text: `summarize ${parts} = ${sketch}(${value}) by ${by.name}\n| summarize ${all} = ${read}`,
        state: { columns: [{ name: all, kind: 'long' }], unique: false },
      }
    },
  })),
  {
    names: ['distinct'],
    fits: (state) => keys(state).length > 0,
    write: (state, generator) => {
      const kept = some(generator, keys(state), 3)
      return {
        text: `distinct ${kept.map(({ name }) => name).join(', ')}`,
        state: { columns: kept, unique: false },
      }
    },
  },
  {
    names: ['count'],
    write: (_state, generator) =>
      generator.random.chance(0.5)
        ? undefined
        : { text: 'count', state: { columns: [{ name: 'Count', kind: 'long' }], unique: false } },
  },
  {
    names: ['sort'],
    fits: (state) => keys(state).length > 0,
    write: (state, generator) => {
      const by = some(
        generator,
        state.columns.filter(({ kind }) => keyKinds.has(kind) || kind === 'real'),
        2,
      )
      const total = hasId(state) && generator.random.chance(0.7)
      const items = by
        .filter(({ name }) => name !== 'id' || !total)
        .map(
          ({ name }) =>
            `${name}${generator.random.pick([' asc', ' desc', '', ' asc nulls last', ' desc nulls first', ' nulls first'])}`,
        )
      const all = total ? [...items, `id${generator.random.pick([' asc', ' desc'])}`] : items
      return all.length === 0 ? undefined : { text: `sort by ${all.join(', ')}`, state }
    },
  },
  {
    names: ['sort', 'take'],
    fits: hasId,
    write: (state, generator) => {
      return {
        text: `sort by id${generator.random.pick([' asc', ' desc', ''])}\n| take ${generator.random.below(6)}`,
        state,
      }
    },
  },
  {
    names: ['top'],
    fits: hasId,
    write: (state, generator) => ({
      text: `top ${generator.random.below(6)} by id${generator.random.pick([' asc', ' desc', '', ' asc nulls last'])}`,
      state,
    }),
  },
  {
    names: [
      'sort',
      'serialize',
      'prev',
      'next',
      'row_number',
      'row_cumsum',
      'row_rank_dense',
      'row_rank_min',
    ],
    fits: hasId,
    write: (state, generator) => {
      const [p, n, r, c, d, m] = Array.from({ length: 6 }, () => generator.fresh())
      const value = generator.random.pick(state.columns)
      const offset = generator.random.pick(['', ', 1', ', 2', ', 30'])
      const sum = generator.random.pick([
        'id',
        ...state.columns
          .filter(({ kind }) => kind === 'long' || kind === 'real' || kind === 'timespan')
          .map(({ name }) => name),
      ])
      const sumKind = state.columns.find(({ name }) => name === sum)?.kind ?? 'long'
      const ranked = generator.random.pick(keys(state)).name
      const restart = generator.random.pick(['', `, id % 3 == 0`])
      const parts = [
        `${p} = prev(${value.name}${offset})`,
        `${n} = next(${value.name}${offset})`,
        `${r} = row_number(${generator.random.pick(['', '1', '0', '5, id == 2'])})`,
        `${c} = row_cumsum(${sum}${restart})`,
        `${d} = row_rank_dense(${ranked}${restart})`,
        `${m} = row_rank_min(${generator.random.pick(['id', `bin(id, 3)`])}${restart})`,
      ]
      const added: readonly GeneratedColumn[] = [
        { name: p ?? '', kind: value.kind },
        { name: n ?? '', kind: value.kind },
        { name: r ?? '', kind: 'long' },
        { name: c ?? '', kind: sumKind },
        { name: d ?? '', kind: 'long' },
        { name: m ?? '', kind: 'long' },
      ]
      return {
        text: `sort by id${generator.random.pick([' asc', ''])}\n| serialize ${parts.join(', ')}`,
        state: { ...state, columns: [...state.columns, ...added] },
      }
    },
  },
  {
    names: ['sort', 'serialize', 'row_window_session'],
    fits: (state) => hasId(state) && state.columns.some(({ kind }) => kind === 'datetime'),
    write: (state, generator) => {
      const time = generator.random.pick(state.columns.filter(({ kind }) => kind === 'datetime')).name
      const name = generator.fresh()
      const bounds = generator.random.pick(['400d, 60d', '10000d, 1000d', '0s, 1s'])
      const restart = generator.random.pick(['', ', id % 3 == 0'])
      return {
        text: `where isnotnull(${time})\n| sort by ${time} asc, id asc\n| serialize ${name} = row_window_session(${time}, ${bounds}${restart})`,
        state: { ...state, columns: [...state.columns, { name, kind: 'datetime' }] },
      }
    },
  },
  {
    names: ['join'],
    fits: (state) => keys(state).some(({ name }) => name === 'g' || name === 'k'),
    write: (state, generator) => {
      const key = generator.random.pick(keys(state).filter(({ name }) => name === 'g' || name === 'k'))
      const right = generator.pipeline(
        generator.random.below(2),
        key.name === 'g' && key.kind === 'long'
          ? ['T', 'U', 'E']
          : key.name === 'g'
            ? ['V']
            : ['T', 'U', 'V', 'E'],
      )
      const there = right.state.columns.find((column) => column.name === key.name && column.kind === key.kind)
      if (!there) return undefined
      const kind = generator.random.pick([
        'inner',
        'leftouter',
        'rightouter',
        'fullouter',
        'leftsemi',
        'rightsemi',
        'leftanti',
        'rightanti',
        'innerunique',
        '',
        'anti',
        'leftantisemi',
        'rightantisemi',
      ])
      const isInnerUnique = kind === 'innerunique' || kind === ''
      const on = generator.random.chance(0.5) ? key.name : `$left.${key.name} == $right.${key.name}`
      const before = isInnerUnique ? `distinct ${key.name}\n| ` : ''
      const left = isInnerUnique ? [key] : state.columns
      const text = `${before}join ${kind === '' ? '' : `kind=${kind} `}(${right.text}) on ${on}`
      if (/semi|anti/.test(kind)) {
        return {
          text,
          state: { columns: kind.startsWith('right') ? right.state.columns : left, unique: false },
        }
      }
      return { text, state: { columns: joinedColumns(left, right.state.columns), unique: false } }
    },
  },
  {
    names: ['lookup'],
    fits: (state) => keys(state).some(({ name }) => name === 'k'),
    write: (state, generator) => {
      if (!state.columns.some(({ name, kind }) => name === 'k' && kind === 'string')) return undefined
      const right = generator.pipeline(generator.random.below(2), ['T', 'U', 'V', 'E'])
      if (!right.state.columns.some(({ name, kind }) => name === 'k' && kind === 'string')) return undefined
      const others = right.state.columns.filter(({ name }) => name !== 'k')
      const text = `lookup ${generator.random.pick(['', 'kind=inner ', 'kind=leftouter '])}(${right.text}) on k`
      return { text, state: { columns: joinedColumns(state.columns, others), unique: false } }
    },
  },
  {
    names: ['union'],
    write: (state, generator) => {
      const right = generator.pipeline(generator.random.below(2), ['T', 'U', 'V', 'E'])
      const kind = generator.random.pick(['', 'kind=outer ', 'kind=inner ', 'withsource=src '])
      const own = new Map(state.columns.map((column) => [column.name, column]))
      const clash = right.state.columns.some(
        ({ name, kind: other }) => own.has(name) && typeOf(own.get(name)?.kind ?? other) !== typeOf(other),
      )
      if (
        right.state.columns.length === 0 ||
        own.has('src') ||
        right.state.columns.some(({ name }) => name === 'src')
      )
        return undefined
      const merged = [...state.columns, ...right.state.columns.filter(({ name }) => !own.has(name))].map(
        (column) => weakened(column, state.columns, right.state.columns),
      )
      // Where types clash there are columns of other names, and of an inner union the binder knows too many: nothing
      // more is written then.
      const columns = clash || kind === 'kind=inner ' ? [] : merged
      return { text: `union ${kind}(${right.text})`, state: { columns, unique: false } }
    },
  },
  {
    names: ['mv-expand'],
    fits: ({ columns }) => columns.some(({ kind }) => isA(kind, 'dynamic')),
    write: (state, generator) => {
      const found = some(
        generator,
        state.columns.filter(({ kind }) => isA(kind, 'dynamic')),
        2,
      )
      const index = generator.random.chance(0.4) ? generator.fresh() : undefined
      const limit = generator.random.chance(0.3) ? ` limit ${generator.random.between(1, 3)}` : ''
      const mode = generator.random.pick(['', '', 'bagexpansion=array ', 'kind=bag '])
      const items = found.map((column) => {
        const name = generator.random.chance(0.5) ? generator.fresh() : undefined
        const type = generator.random.pick<Want | undefined>([
          undefined,
          'long',
          'string',
          'real',
          'bool',
          'datetime',
        ])
        return {
          column,
          name,
          type,
          text: `${name ? `${name} = ` : ''}${column.name}${type ? ` to typeof(${type})` : ''}`,
        }
      })
      const added = items
        .filter(({ name }) => name !== undefined)
        .map(({ name, type }) => ({ name: name ?? '', kind: type ?? ('dynamic' as const) }))
      const kept = state.columns.map((column) => {
        const item = items.find((candidate) => candidate.column === column && candidate.name === undefined)
        return item ? { name: column.name, kind: item.type ?? ('dynamic' as const) } : column
      })
      const columns = [...kept, ...added, ...(index ? [{ name: index, kind: 'long' as const }] : [])]
      return {
        text: `mv-expand ${mode}${index ? `with_itemindex=${index} ` : ''}${items.map(({ text }) => text).join(', ')}${limit}`,
        state: { columns, unique: false },
      }
    },
  },
  {
    names: ['mv-apply'],
    fits: ({ columns }) => columns.some(({ kind }) => kind === 'numbers'),
    write: (state, generator) => {
      const column = generator.random.pick(state.columns.filter(({ kind }) => kind === 'numbers'))
      const [e, x] = [generator.fresh(), generator.fresh()]
      const inside: State = { columns: [{ name: e, kind: 'real' }], unique: false }
      const [text, kind] = generator.random.pick<readonly [string, Want]>([
        [`summarize ${x} = sum(${e}), ${e} = max(${e})`, 'real'],
        [`where ${generator.expression('bool', inside.columns, 2)} | extend ${x} = ${e} * 2`, 'real'],
        [`summarize ${x} = count() by ${e}`, 'long'],
      ])
      return {
        text: `mv-apply ${e} = ${column.name} to typeof(real) on (${text})`,
        state: {
          columns: [...state.columns, { name: x, kind }, { name: e, kind: 'real' as const }],
          unique: false,
        },
      }
    },
  },
  {
    names: ['parse'],
    write: (state, generator) => parseStage(state, generator, 'parse'),
  },
  {
    names: ['parse-where'],
    write: (state, generator) => parseStage(state, generator, 'parse-where'),
  },
  {
    names: ['make-series'],
    fits: ({ columns }) => columns.some(({ kind }) => kind === 'datetime' || kind === 'long'),
    write: (state, generator) => {
      const axis = generator.random.pick(
        state.columns.filter(({ kind }) => kind === 'datetime' || kind === 'long'),
      )
      const by = generator.random.chance(0.6)
        ? some(
            generator,
            keys(state).filter(({ name }) => name !== 'id' && name !== axis.name),
            1,
          )
        : []
      const name = generator.fresh()
      const [template, kind] = generator.random.pick<readonly [string, Want]>([
        ['count()', 'long'],
        ['sum(<long>)', 'long'],
        ['sum(<real>)', 'real'],
        ['avg(<int>)', 'inexact'],
        ['max(<int>)', 'long'],
        ['dcount(<string>)', 'long'],
      ])
      const text = generator.call({ results: [kind], template, names: [] }, kind, state.columns, 1)
      const fallback = generator.random.pick([
        '',
        ' default=0',
        ' default=-1',
        kind === 'long' ? ' default=long(null)' : ' default=real(null)',
      ])
      const span =
        axis.kind === 'datetime'
          ? 'from datetime(2018-11-01) to datetime(2021-08-01) step 90d'
          : 'from -10 to 31 step 7'
      const columns = [
        ...by,
        { name, kind: kind === 'inexact' ? ('dynamic' as const) : ('numbers' as const) },
        { name: axis.name, kind: 'dynamic' as const },
      ]
      return {
        text: `make-series ${name} = ${text}${fallback} on ${axis.name} ${span}${by.length > 0 ? ` by ${by.map((column) => column.name).join(', ')}` : ''}`,
        state: { columns, unique: false },
      }
    },
  },
  {
    names: ['getschema'],
    write: (_state, generator) => {
      if (generator.random.chance(0.5)) return undefined
      return {
        text: 'getschema',
        state: {
          columns: [
            { name: 'ColumnName', kind: 'string' },
            { name: 'ColumnOrdinal', kind: 'long' },
            { name: 'DataType', kind: 'string' },
            { name: 'ColumnType', kind: 'string' },
          ],
          unique: false,
        },
      }
    },
  },
  {
    names: ['as'],
    write: (state, generator) => {
      const name = generator.fresh()
      return { text: `as A${name}\n| where ${generator.expression('bool', state.columns, 1)}`, state }
    },
  },
]

function parseStage(
  state: State,
  generator: Generator,
  operator: string,
): { text: string; state: State } | undefined {
  const source = generator.expression('string', state.columns, 1)
  const [a, b] = [generator.fresh(), generator.fresh()]
  const kind = generator.random.pick(['', '', 'kind=relaxed '])
  const [pattern, columns] = generator.random.pick<readonly [string, readonly GeneratedColumn[]]>([
    [
      `${a} "=" ${b}`,
      [
        { name: a, kind: 'string' },
        { name: b, kind: 'string' },
      ],
    ],
    [`* "=" ${a}:long ";" *`, [{ name: a, kind: 'long' }]],
    [
      `"x=" ${a}:long ";" ${b}`,
      [
        { name: a, kind: 'long' },
        { name: b, kind: 'string' },
      ],
    ],
    [`* "a" ${a}`, [{ name: a, kind: 'string' }]],
    [`${a} "b" *`, [{ name: a, kind: 'string' }]],
    [
      `${a} " " ${b}`,
      [
        { name: a, kind: 'string' },
        { name: b, kind: 'string' },
      ],
    ],
    [
      `${a}:long "." ${b}:long "." *`,
      [
        { name: a, kind: 'long' },
        { name: b, kind: 'long' },
      ],
    ],
  ])
  return {
    text: `${operator} ${kind}${source} with ${pattern}`,
    state: { ...state, columns: [...state.columns, ...columns] },
  }
}

/** Left columns, then right ones, numbered where the left has the name. */
function joinedColumns(
  left: readonly GeneratedColumn[],
  right: readonly GeneratedColumn[],
): readonly GeneratedColumn[] {
  const names = new Set(left.map(({ name }) => name))
  const added = right.map(({ name, kind }) => {
    let unique = name
    for (let count = 1; names.has(unique); count += 1) unique = `${name}${count}`
    names.add(unique)
    return { name: unique, kind }
  })
  return [...left, ...added]
}

/** What both sides say of a column. */
function weakened(
  column: GeneratedColumn,
  left: readonly GeneratedColumn[],
  right: readonly GeneratedColumn[],
): GeneratedColumn {
  const both = [...left, ...right].filter(({ name }) => name === column.name).map(({ kind }) => kind)
  if (both.every((kind) => kind === column.kind)) return column
  return {
    name: column.name,
    kind:
      typeOf(column.kind) === 'dynamic'
        ? 'dynamic'
        : typeOf(column.kind) === 'real'
          ? 'inexact'
          : column.kind,
  }
}
