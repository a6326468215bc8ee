import { createRequire } from 'node:module'

/**
 * The part of the official parser's API that we use, as its Bridge.NET transpilation offers it. Overloaded
 * constructors are called `$ctorN`; the numbers can move between versions, so the version is pinned and
 * `selfTest` in `bind.ts` proves them before the first query.
 */
export interface Kusto {
  readonly KustoCode: { ParseAndAnalyze(text: string, globals: Globals): Code }
  readonly GlobalState: { readonly Default: Globals }
  readonly Syntax: { readonly SyntaxKind: Readonly<Record<string, unknown>> }
  readonly KustoFacts: {
    GetExpressionResultName(node: KustoNode, defaultName: string | null, row: unknown): string | null
  }
  readonly Symbols: {
    readonly ScalarTypes: { GetSymbol(name: string): KustoType }
    readonly ColumnSymbol: new (
      name: string,
      type: KustoType,
      description: null,
      original: null,
      source: null,
      examples: null,
    ) => unknown
    readonly TableSymbol: { readonly $ctor4: new (name: string, columns: readonly unknown[]) => KustoType }
    readonly DatabaseSymbol: { readonly ctor: new (name: string, members: readonly unknown[]) => unknown }
    readonly ClusterSymbol: { readonly ctor: new (name: string, databases: readonly unknown[]) => unknown }
    readonly FunctionSymbol: {
      readonly $ctor16: new (name: string, parameters: string, body: string, description: null) => unknown
    }
  }
}

export interface List<T> {
  readonly Count: number
  getItem(index: number): T
}

export interface Globals {
  readonly PlugIns: readonly unknown[]
  WithCluster(cluster: unknown): Globals
  WithDatabase(database: unknown): Globals
  WithPlugIns(plugins: readonly unknown[]): Globals
}

export interface Code {
  readonly Syntax: KustoNode
  GetDiagnostics(): List<KustoDiagnostic>
}

export interface KustoDiagnostic {
  readonly Code: string
  readonly Severity: string
  readonly Start: number
  readonly Length: number
  readonly Message: string
}

export interface KustoType {
  readonly Kind: number
  readonly Name: string
  readonly Columns?: List<KustoColumn>
  readonly IsOpen?: boolean
}

export interface KustoColumn {
  readonly Name: string
  readonly Type: KustoType
  readonly Source: KustoNode | null
}

export interface KustoSymbol {
  readonly Kind: number
  readonly Name: string
}

export interface KustoParameter {
  readonly Name: string
  readonly IsOptional: boolean
  readonly IsTabular?: boolean
  readonly DefaultValue: KustoNode | null
  readonly DeclaredTypes?: List<KustoType>
}

export interface KustoNode {
  readonly Kind: number
  readonly IsToken: boolean
  readonly IsMissing: boolean
  readonly Text: string
  readonly ValueText: string
  readonly TextStart: number
  readonly End: number
  readonly ChildCount: number
  readonly Count?: number
  readonly ResultType?: KustoType | null
  readonly ReferencedSymbol?: KustoSymbol | null
  readonly ReferencedSignature?: { readonly Parameters: List<KustoParameter> } | null
  GetChild(index: number): KustoNode | null
  GetName(index: number): string
  GetCalledFunctionBody?(): KustoNode | null
}

/** The official parser broke down over a text, as it does over some that are damaged. */
export class ParserFailure extends Error {
  constructor(cause: unknown) {
    super('the Kusto parser fails', { cause })
  }
}

/** Asks the parser; a text that is nested beyond the stack stays a `RangeError`. */
export function askParser<Answer>(ask: () => Answer): Answer {
  try {
    return ask()
  } catch (error) {
    throw error instanceof RangeError ? error : new ParserFailure(error)
  }
}

/**
 * Loads the parser's two scripts, in the one order that works; they install the globals `Bridge`, `System`, `Kusto`. A
 * process that began from a picture of the loaded parser (`scripts/parser-snapshot.cjs`) has them already.
 */
export function loadKusto(): Kusto {
  if (!Reflect.has(globalThis, 'Kusto')) {
    const require = createRequire(import.meta.url)
    for (const script of ['bridge.min.js', 'Kusto.Language.Bridge.min.js']) {
      require(`@kusto/language-service-next/${script}`)
    }
  }
  const root: unknown = Reflect.get(globalThis, 'Kusto')
  if (typeof root !== 'object' || root === null) throw new Error('the Kusto parser did not install itself')
  // Foreign script without usable module types: the interface above is proved by selfTest.
  return Reflect.get(root, 'Language') as Kusto
}
