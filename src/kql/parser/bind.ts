import type { Place } from '../diagnostic.ts'
import { quotedText } from '../quoted.ts'
import { openColumnType, type Schema, type TableSchema } from '../schema.ts'
import type { KqlType } from '../types.ts'
import { TreeConverter } from './convert.ts'
import { withoutForgiven } from './forgive.ts'
import { askParser, loadKusto, type Code, type Globals, type Kusto } from './kusto.ts'
import { withoutPhantom } from './phantom.ts'
import type { TreeNode } from './tree.ts'

export interface Binding {
  readonly tree: TreeNode
  readonly problems: readonly Problem[]
}

/** What the parser or binder says about the text. */
export interface Problem {
  readonly code: string
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly start: number
  readonly end: number
}

const unknownPlugins = [
  {
    name: 'schema_merge',
    parameters: '(PreserveOrder: bool = true)',
    body: '{ datatable(ColumnName: string, ColumnOrdinal: long, DataType: string, ColumnType: string)[] }',
  },
] as const

/** The official parser with one schema: text in, plain bound tree out. */
export class Binder {
  readonly #kusto: Kusto
  readonly #kinds: ReadonlyMap<number, string>
  readonly #symbols = new Map<TableSchema, unknown>()
  readonly #types = new Map<KqlType, ReturnType<Kusto['Symbols']['ScalarTypes']['GetSymbol']>>()
  #schema: Schema
  #globals: Globals | undefined

  constructor(schema: Schema) {
    this.#kusto = loadKusto()
    this.#kinds = new Map(
      Object.entries(this.#kusto.Syntax.SyntaxKind).flatMap(([name, value]) =>
        typeof value === 'number' ? [[value, name] as const] : [],
      ),
    )
    this.#schema = schema
    selfTest(this)
  }

  setSchema(schema: Schema): void {
    this.#schema = schema
    this.#globals = undefined
  }

  bind(text: string): Binding {
    const globals = this.#globalsFor(text)
    const code = this.#analyze(text, globals)
    const problems: Problem[] = []
    const diagnostics = code.GetDiagnostics()
    for (let index = 0; index < diagnostics.Count; index += 1) {
      const { Code, Severity, Message, Start, Length } = diagnostics.getItem(index)
      problems.push({
        code: Code,
        severity: Severity === 'Error' ? 'error' : 'warning',
        message: Message,
        start: Start,
        end: Start + Length,
      })
    }
    const bound = new TreeConverter(this.#kusto, this.#kinds).convert(code.Syntax)
    const tree = withoutPhantom(bound, (name) =>
      this.#schema.tables.some(({ columns }) => columns.some((column) => column.name === name)),
    )
    if (!('children' in tree)) return { tree: bound, problems: [...problems, tree] }
    return { tree, problems: withoutForgiven(problems, tree) }
  }

  #analyze(text: string, globals: Globals): Code {
    return askParser(() => this.#kusto.KustoCode.ParseAndAnalyze(text, globals))
  }

  /** Where the text's statements stand. */
  statements(text: string): readonly Place[] {
    const items = this.bind(text).tree.children['Statements']?.items ?? []
    return items.map(({ start, end }) => ({ start, end }))
  }

  /** Hidden and open columns, and absent tables, depend on the words in the text; without any the symbols are built once. */
  #globalsFor(text: string): Globals {
    const words = this.#words(text)
    const special = this.#schema.tables.filter(
      (table) => (table.absent === true && words.has(table.name)) || extraColumns(table, words).length > 0,
    )
    if (special.length === 0) return (this.#globals ??= this.#build(new Set(), new Set()))
    return this.#build(words, new Set(special))
  }

  /** The words of the text, and of the stored functions that it names. */
  #words(text: string): ReadonlySet<string> {
    const words = new Set<string>()
    const texts = [text]
    for (const current of texts) {
      for (const word of current.match(/[A-Za-z_]\w*/g) ?? []) {
        if (words.has(word)) continue
        words.add(word)
        const called = this.#schema.functions?.find(({ name }) => name === word)
        if (called) texts.push(called.body)
      }
    }
    return words
  }

  #build(words: ReadonlySet<string>, special: ReadonlySet<TableSchema>): Globals {
    const { Symbols, GlobalState } = this.#kusto
    const present = this.#schema.tables.filter((table) => table.absent !== true || words.has(table.name))
    const tables = present.map((table) => {
      if (special.has(table)) return this.#table(table, words)
      const known = this.#symbols.get(table) ?? this.#table(table, new Set())
      this.#symbols.set(table, known)
      return known
    })
    const functions = (this.#schema.functions ?? []).map(({ name, parameters, body }) => {
      const braced = body.trim().startsWith('{') ? body : `{ ${body}\n}`
      return new Symbols.FunctionSymbol.$ctor16(name, parameters, braced, null)
    })
    const database = new Symbols.DatabaseSymbol.ctor('case', [
      ...tables,
      ...functions,
      ...this.#watchlistFunctions(),
    ])
    const lists = (this.#schema.watchlists ?? []).map((table) => this.#table(table, new Set()))
    const watchlists = new Symbols.DatabaseSymbol.ctor('watchlists', lists)
    const cluster = new Symbols.ClusterSymbol.ctor('case', [database, watchlists])
    return this.#withPlugins(GlobalState.Default).WithCluster(cluster).WithDatabase(database)
  }

  /** Sentinel's functions over watchlists: each has columns of its own, so they lie in a database that the binder looks into. */
  #watchlistFunctions(): readonly unknown[] {
    const names = (this.#schema.watchlists ?? []).map(({ name }) => quotedText(name))
    const functions = [
      ['_GetWatchlist', '(watchlistAlias: string)', '{ database("watchlists").table(watchlistAlias) }'],
      ['_GetWatchlistAlias', '()', `{ datatable(WatchlistAlias: string)[${names.join(', ')}] }`],
    ] as const
    return functions.map(
      ([name, parameters, body]) =>
        new this.#kusto.Symbols.FunctionSymbol.$ctor16(name, parameters, body, null),
    )
  }

  /** Plugins that the engine has and the official binder does not know. */
  #withPlugins(globals: Globals): Globals {
    const added = unknownPlugins.map(({ name, parameters, body }) => {
      return new this.#kusto.Symbols.FunctionSymbol.$ctor16(name, parameters, body, null)
    })
    return globals.WithPlugIns([...globals.PlugIns, ...added])
  }

  #table(table: TableSchema, words: ReadonlySet<string>): unknown {
    const declared = table.columns
      .filter((column) => column.hidden !== true)
      .map(({ name, type }) => ({ name, type }))
    const columns = [...declared, ...extraColumns(table, words)].map(({ name, type }) => {
      const symbol = this.#types.get(type) ?? this.#kusto.Symbols.ScalarTypes.GetSymbol(type)
      this.#types.set(type, symbol)
      return new this.#kusto.Symbols.ColumnSymbol(name, symbol, null, null, null, null)
    })
    return new this.#kusto.Symbols.TableSymbol.$ctor4(table.name, columns)
  }
}

/** Columns that the text names and that are not in the plain list: hidden ones, and those of an open schema. */
function extraColumns(
  table: TableSchema,
  words: ReadonlySet<string>,
): readonly { name: string; type: KqlType }[] {
  const hidden = table.columns.filter((column) => column.hidden === true && words.has(column.name))
  if (!table.open) return hidden
  const declared = new Set(table.columns.map((column) => column.name))
  const { open } = table
  const named = [...words].flatMap((name) => {
    const type = declared.has(name) ? undefined : openColumnType(open, name)
    return type ? [{ name, type }] : []
  })
  return [...hidden, ...named]
}

/** Proves the constructors and names that we rely on, at a cost of a few milliseconds. */
function selfTest(binder: Binder): void {
  const { tree, problems } = binder.bind('print x = 1')
  const statement = tree.children['Statements']?.items?.[0]
  const type = statement?.children['Expression']?.type
  const works = type?.kind === 'table' && type.columns[0]?.name === 'x' && type.columns[0].type === 'long'
  if (!works || problems.length > 0)
    throw new Error('the Kusto parser is not the version that we were built for')
}
