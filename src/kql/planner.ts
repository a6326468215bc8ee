// Long because one scope of names serves statements, calls, tables and subqueries alike.
import { Refusal, type DiagnosticCode, type Place } from './diagnostic.ts'
import type { Discovery } from './discovery.ts'
import { Environment } from './environment.ts'
import { planScalar } from './expressions.ts'
import { ExternalNeeded, externalKey, type ExternalFile, type StoredRows } from './external.ts'
import type { Operators, Result } from './operator.ts'
import {
  child,
  childItems,
  isTabular,
  nameOf,
  tableColumns,
  type BoundColumn,
  type TreeNode,
} from './parser/tree.ts'
import type { Column, Expression, LiteralValue, NamedExpression, PlanNode } from './plan.ts'
import { parameterValue } from './parameter-value.ts'
import { refusedOperator } from './refused-operators.ts'
import type { Schema, TableSchema } from './schema.ts'
import { isText, kqlTypeOf, type KqlType } from './types.ts'

const watchlistFunction = '_GetWatchlist'
const limits = { depth: 400, nodes: 20_000 }

/** What expressions mean where they stand. */
interface Mode {
  readonly star: readonly Column[]
  readonly aggregates: boolean
  readonly row: readonly Column[]
  readonly serialized: boolean
}

/** Shared by all planners of one query. */
interface Budget {
  nodes: number
  /** Numbers given out to subqueries. */
  subqueries: number
}

export interface PlannerOptions {
  readonly operators: Operators
  readonly schema: Schema
  /** Query parameters' values, as text. */
  readonly parameters?: ReadonlyMap<string, string>
  /** The plan is not to be run: parameters without a value are null. */
  readonly compileOnly?: boolean
  /** The query may give several tables. */
  readonly several?: boolean
  /** Where the rows of external files lie, by `externalKey`; nothing for a file without rows. */
  readonly externals?: ReadonlyMap<string, StoredRows | undefined>
  /** Columns that were found in rows, by the start of their operators. */
  readonly discoveries?: ReadonlyMap<number, Discovery>
  /** Told of what the answer is to be read with; the query goes on. */
  readonly warn?: (warning: Refusal) => void
}

/** Reads the bound tree into a plan. A planner is one scope of names; inner scopes make planners of their own. */
export class Planner {
  readonly options: PlannerOptions
  readonly environment: Environment
  /** The query parameters that the text declares. */
  readonly declared = new Set<string>()
  /** Where diagnostics inside a called function point: at the call. */
  readonly #callPlace: Place | undefined
  readonly #depth: number
  readonly #budget: Budget
  readonly #mode: Mode

  constructor(
    options: PlannerOptions,
    environment = new Environment(),
    callPlace?: Place,
    depth = 0,
    budget: Budget = { nodes: 0, subqueries: 0 },
    mode: Mode = { star: [], aggregates: false, row: [], serialized: false },
  ) {
    this.options = options
    this.environment = environment
    this.#callPlace = callPlace
    this.#depth = depth
    this.#budget = budget
    this.#mode = mode
  }

  /** Inside `summarize` and its kin, calls of aggregates are aggregates. */
  get isAggregating(): boolean {
    return this.#mode.aggregates
  }

  /** What `*` stands for in an argument or a condition. */
  get star(): readonly Column[] {
    return this.#mode.star
  }

  /** The columns of the rows that expressions are over. */
  get row(): readonly Column[] {
    return this.#mode.row
  }

  /** Whether the rows have an order that functions of earlier and later rows can rely on. */
  get isSerialized(): boolean {
    return this.#mode.serialized
  }

  place(node: TreeNode): Place {
    return this.#callPlace ?? { start: node.start, end: node.end }
  }

  refuse(code: DiagnosticCode, message: string, node: TreeNode, hint?: string): never {
    throw new Refusal(code, message, this.place(node), hint)
  }

  warn(code: DiagnosticCode, message: string, node: TreeNode, hint?: string): void {
    this.options.warn?.(new Refusal(code, message, this.place(node), hint))
  }

  scalar(node: TreeNode): Expression {
    this.#spend(node)
    return planScalar(node, this)
  }

  /** A planner for a scope inside this one. */
  inner(environment = new Environment(this.environment), callPlace = this.#callPlace): Planner {
    return new Planner(this.options, environment, callPlace, this.#depth + 1, this.#budget)
  }

  /** A number that no other subquery of this query has. */
  number(): number {
    this.#budget.subqueries += 1
    return this.#budget.subqueries
  }

  /** A planner that reads expressions over aggregates, with what `*` stands for. */
  aggregating(star: readonly Column[] = []): Planner {
    return this.#with({ star, aggregates: true })
  }

  /** A planner for conditions over rows with these columns, which `*` stands for. */
  withStar(star: readonly Column[]): Planner {
    return this.#with({ star, aggregates: false })
  }

  /** Where the rows of an external file lie. */
  external(file: ExternalFile, node: TreeNode): StoredRows | undefined {
    const key = externalKey(file)
    if (this.options.externals?.has(key) !== true) throw new ExternalNeeded(file, this.place(node))
    return this.options.externals.get(key)
  }

  /** Tables that the query itself defines as views. */
  views(): { readonly plan: PlanNode; readonly label: string }[] {
    return [...this.environment.views()].map(([label, plan]) => ({ plan, label }))
  }

  /** Every table of the schema. */
  everyTable(node: TreeNode): { readonly plan: PlanNode; readonly label: string }[] {
    return this.#presentTables().map((table) => ({
      plan: this.#wholeTable(table, node),
      label: table.name,
    }))
  }

  /** A planner for an aggregate's arguments. */
  plain(): Planner {
    return this.#with({ star: [], aggregates: false })
  }

  /** A literal text that is known before the query runs. */
  constantText(node: TreeNode): string {
    const value = this.scalar(node)
    if (value.kind === 'literal' && typeof value.value === 'string') return value.value
    return this.refuse('not-constant', 'a literal is needed here', node)
  }

  /** The tables that the statements of a query give. */
  results(statements: readonly TreeNode[]): readonly Result[] {
    return statements.flatMap((statement) => {
      if (statement.kind === 'ExpressionStatement') return this.#resultsOf(child(statement, 'Expression'))
      this.#declare(statement)
      return []
    })
  }

  /** The statements of a function's body; gives what the last one is. */
  block(statements: readonly TreeNode[], last: TreeNode | undefined): PlanNode | Expression | undefined {
    let result: PlanNode | Expression | undefined
    for (const statement of [...statements, ...(last ? [last] : [])]) {
      if (statement.kind === 'ExpressionStatement') {
        if (result) this.refuse('unsupported-syntax', 'a function with more than one result', statement)
        result = this.any(child(statement, 'Expression'))
      } else if (statement === last) result = this.any(statement)
      else this.#declare(statement)
    }
    return result
  }

  any(node: TreeNode): PlanNode | Expression {
    // The binder gives a pipe no table whose last operator is one that gives several, which is refused where it stands.
    return isTabular(node) || node.kind === 'PipeExpression' ? this.tabular(node) : this.scalar(node)
  }

  tabular(node: TreeNode, input?: PlanNode): PlanNode {
    this.#spend(node)
    switch (node.kind) {
      case 'PipeExpression':
        return this.#pipe(node, input)
      case 'ParenthesizedExpression':
        return this.tabular(child(node, 'Expression'), input)
      case 'MaterializeExpression':
        return this.tabular(child(node, 'Expression'))
      case 'NameReference':
        return this.#namedTable(node)
      case 'FunctionCallExpression':
        return this.#tabularCall(node)
      case 'PathExpression': {
        const source = child(node, 'Expression')
        const found = source.kind === 'FunctionCallExpression' ? this.#pattern(source) : undefined
        return found
          ? this.#applyPattern(found, source, child(node, 'Selector'))
          : this.tabular(child(node, 'Selector'))
      }
      default:
        return this.#operate(node, input)
    }
  }

  /** The result columns of a tabular node, as the binder has them. */
  columns(node: TreeNode): readonly Column[] {
    return tableColumns(node).map((column) => this.column(column, node))
  }

  /** The same of a node that hands columns of its input on: but for those that it makes, they keep the types they have there. */
  columnsOver(node: TreeNode, input: PlanNode, made: readonly string[]): readonly Column[] {
    const known = new Map(input.columns.map((item) => [item.name, item]))
    return this.columns(node).map((item) =>
      made.includes(item.name) ? item : (known.get(item.name) ?? item),
    )
  }

  column(column: BoundColumn, node: TreeNode): Column {
    if (!column.type)
      return this.refuse('unsupported-type', `the type of column ${column.name} is not known`, node)
    return { name: column.name, type: column.type }
  }

  /** Plans a call of a function written in KQL: its body, with the arguments put in. */
  userCall(node: TreeNode, input?: PlanNode): PlanNode | Expression {
    const body = node.body
    if (!body)
      return this.refuse('unsupported-function', `the function ${nameOf(node)} is not supported`, node)
    const name = nameOf(node.kind === 'NameReference' ? node : child(node, 'Name'))
    const definition = this.environment.find(name)
    const outer = definition?.kind === 'function' ? definition.environment : new Environment()
    const environment = new Environment(outer)
    this.#bindArguments(node, environment, input)
    const planner = this.inner(environment, this.place(node))
    const result = planner.block(childItems(body, 'Statements'), body.children['Expression'])
    return result ?? this.refuse('unsupported-syntax', `the function ${name} has no result`, node)
  }

  table(name: string, node: TreeNode): TableSchema {
    const found = this.options.schema.tables.find((table) => table.name === name)
    return found ?? this.refuse('unsupported-syntax', `there is no table ${name}`, node)
  }

  /** The schema's tables that a name with wildcards stands for. */
  wildcard(node: TreeNode): (PlanNode & { readonly table: string })[] {
    const pattern = nameOf(node)
    const words = pattern.split('*').map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'))
    const expression = new RegExp(`^${words.join('.*')}$`, 'i')
    return this.#presentTables()
      .filter(({ name }) => expression.test(name))
      .map((table) => this.#wholeTable(table, node))
  }

  #presentTables(): readonly TableSchema[] {
    return this.options.schema.tables.filter(({ absent }) => absent !== true)
  }

  #wholeTable({ name, columns }: TableSchema, node: TreeNode): PlanNode & { readonly table: string } {
    const visible = columns.filter(({ hidden }) => hidden !== true)
    return {
      kind: 'table',
      table: name,
      columns: visible.map((column) => ({ name: column.name, type: column.type })),
      place: this.place(node),
    }
  }

  #pipe(node: TreeNode, input: PlanNode | undefined): PlanNode {
    // Long pipes nest to the left: walk down, then plan upwards without recursion.
    const operators: TreeNode[] = []
    let source = node
    while (source.kind === 'PipeExpression') {
      operators.push(child(source, 'Operator'))
      source = child(source, 'Expression')
    }
    let plan = this.tabular(source, input)
    for (const step of operators.toReversed()) plan = this.#operate(step, plan)
    return plan
  }

  /** A statement gives several tables where its last operator splits its rows. */
  #resultsOf(node: TreeNode): readonly Result[] {
    const last = node.kind === 'PipeExpression' ? child(node, 'Operator') : undefined
    const { operators, several } = this.options
    const splitter = last && several === true ? operators.splitterFor(last.kind) : undefined
    if (!last || !splitter) return [named({ plan: this.any(node) })]
    this.#spend(node)
    const input = this.tabular(child(node, 'Expression'))
    const tables = splitter.split(last, input, this.#over(input, false))
    return tables?.map(named) ?? [named({ plan: this.#operate(last, input) })]
  }

  #operate(node: TreeNode, input: PlanNode | undefined): PlanNode {
    this.#spend(node)
    const operator = this.options.operators.forSyntax(node.kind)
    if (!operator) {
      const splitter = this.options.operators.splitterFor(node.kind)
      if (splitter)
        this.refuse(
          'unsupported-syntax',
          `${splitter.name} gives several tables, which cannot be used here`,
          node,
        )
      const refused = refusedOperator(node.kind)
      if (refused)
        this.refuse(
          'unsupported-operator',
          `${refused.name} is not supported: ${refused.why}`,
          node,
          refused.hint,
        )
      const name = node.kind.replace(/(Operator|Expression)$/, '')
      return this.refuse('unsupported-operator', `the operator ${name} is not supported`, node)
    }
    return operator.plan(node, input, input ? this.#over(input, node.kind === 'SerializeOperator') : this)
  }

  /** This planner, for expressions over rows with these columns. */
  #over(input: PlanNode, serializes: boolean): Planner {
    return this.#with({ row: input.columns, serialized: serializes || isSerialized(input) })
  }

  #with(mode: Partial<Mode>): Planner {
    const { options, environment } = this
    return new Planner(options, environment, this.#callPlace, this.#depth, this.#budget, {
      ...this.#mode,
      ...mode,
    })
  }

  #namedTable(node: TreeNode): PlanNode {
    const name = nameOf(node)
    if (node.body) return this.#asTable(this.userCall(node), node)
    const definition = this.environment.find(name)
    if (definition?.kind === 'table') return definition.plan
    if (node.symbol?.kind !== 'table') {
      return this.refuse('unsupported-syntax', `${name} is not a table that can be read here`, node)
    }
    const operator = this.options.operators.forSyntax('NameReference')
    if (!operator) throw new Error('the table operator is not registered')
    return operator.plan(node, undefined, this)
  }

  #pattern(node: TreeNode): TreeNode | undefined {
    const definition = this.environment.find(nameOf(child(node, 'Name')))
    return definition?.kind === 'pattern' ? definition.declaration : undefined
  }

  /** The body of the pattern's member whose literals are those of the call. */
  #applyPattern(declaration: TreeNode, node: TreeNode, path?: TreeNode): PlanNode {
    const given = (list: TreeNode | undefined): string =>
      JSON.stringify(list ? childItems(list, 'Expressions').map((item) => this.#literalOf(item)) : [])
    const selected = path ? this.#pathOf(path) : undefined
    const wanted = given(child(node, 'ArgumentList'))
    const member = childItems(declaration, 'Patterns').find((item) => {
      const own = item.children['PathValue']?.children['Value']
      const ownPath = own ? this.#pathOf(own) : undefined
      return given(child(item, 'ParameterValues')) === wanted && ownPath === selected
    })
    const body = member?.children['Body']
    if (!body) return this.refuse('bad-argument', 'the pattern has no such member', node)
    const result = this.inner().block(childItems(body, 'Statements'), body.children['Expression'])
    return this.#asTable(result ?? this.refuse('unsupported-syntax', 'the member has no result', node), node)
  }

  #pathOf(node: TreeNode): string {
    if (node.kind === 'NameReference') return literalKey('string', nameOf(node))
    return this.#literalOf(node.children['Expression'] ?? node)
  }

  #literalOf(node: TreeNode): string {
    const value = this.scalar(node)
    if (value.kind !== 'literal') return this.refuse('not-constant', 'a literal is needed here', node)
    return literalKey(value.type, value.value)
  }

  #tabularCall(node: TreeNode): PlanNode {
    const pattern = this.#pattern(node)
    if (pattern) return this.#applyPattern(pattern, node)
    const called = nameOf(child(node, 'Name'))
    if (called === watchlistFunction && !this.environment.find(called)) return this.#watchlist(node)
    if (node.body) return this.#asTable(this.userCall(node), node)
    if (called === 'table') {
      const argument = childItems(child(node, 'ArgumentList'), 'Expressions')[0]
      const definition = argument?.value === undefined ? undefined : this.environment.find(argument.value)
      if (definition?.kind === 'table') return definition.plan
      const operator = this.options.operators.forSyntax('NameReference')
      if (operator) return operator.plan(node, undefined, this)
    }
    return this.refuse('unsupported-function', `the function ${called} is not supported as a table`, node)
  }

  #watchlist(node: TreeNode): PlanNode {
    const argument = childItems(child(node, 'ArgumentList'), 'Expressions')[0]
    if (!argument) return this.refuse('bad-argument', 'a watchlist needs a name', node)
    const alias = this.constantText(argument.children['Expression'] ?? argument)
    const { watchlists = [] } = this.options.schema
    if (watchlists.some(({ name }) => name === alias)) {
      const found = { kind: 'table', table: alias, watchlist: true, place: this.place(node) } as const
      return { ...found, columns: this.columns(node) }
    }
    const known = watchlists.map(({ name }) => name).join(', ')
    const hint = `azimuth watchlist add ${/^[\w.-]+$/.test(alias) ? alias : 'NAME'} FILE.csv${known === '' ? '' : `; there is ${known}`}`
    return this.refuse('missing-watchlist', `there is no watchlist ${JSON.stringify(alias)}`, argument, hint)
  }

  #asTable(result: PlanNode | Expression, node: TreeNode): PlanNode {
    if ('columns' in result) return result
    return this.refuse('unsupported-syntax', 'a table is needed here', node)
  }

  /** A statement that gives no table. */
  #declare(statement: TreeNode): void {
    if (statement.kind === 'LetStatement') this.#define(statement)
    else if (statement.kind === 'QueryParametersStatement') this.#declareParameters(statement)
    else if (statement.kind === 'SetOptionStatement') this.#setOption(statement)
    else if (statement.kind === 'PatternStatement') {
      const name = nameOf(child(statement, 'Name'))
      this.environment.define(name, { kind: 'pattern', declaration: child(statement, 'Pattern') })
    } else {
      const name = statement.kind.replace('Statement', '').toLowerCase()
      this.refuse('unsupported-syntax', `the ${name} statement is not supported`, statement)
    }
  }

  #define(statement: TreeNode): void {
    const name = nameOf(child(statement, 'Name'))
    const value = child(statement, 'Expression')
    if (value.kind === 'FunctionDeclaration') {
      const parameters = childItems(child(value, 'Parameters'), 'Parameters')
      if (value.children['ViewKeyword'] && parameters.length === 0) this.#defineView(name, value)
      this.environment.define(name, { kind: 'function', declaration: value, environment: this.environment })
      return
    }
    const planned = this.any(value)
    this.environment.define(
      name,
      'columns' in planned ? { kind: 'table', plan: planned } : { kind: 'scalar', expression: planned },
    )
  }

  #defineView(name: string, declaration: TreeNode): void {
    const body = child(declaration, 'Body')
    const plan = this.inner().block(childItems(body, 'Statements'), body.children['Expression'])
    if (plan && 'columns' in plan) this.environment.defineView(name, plan)
  }

  /** Options that `bin_auto` reads; no other changes an answer. */
  #setOption(statement: TreeNode): void {
    const value = statement.children['ValueClause']?.children['Expression']
    const name = nameOf(child(statement, 'Name'))
    if (value && name.startsWith('query_bin_auto_'))
      this.environment.define(`set ${name}`, { kind: 'scalar', expression: this.scalar(value) })
  }

  #declareParameters(statement: TreeNode): void {
    for (const parameter of childItems(statement, 'Parameters')) {
      const declaration = child(parameter, 'NameAndType')
      const name = nameOf(child(declaration, 'Name'))
      this.declared.add(name)
      const expression = this.#parameterValue(name, declaration, parameter)
      this.environment.define(name, { kind: 'scalar', expression })
    }
  }

  #parameterValue(name: string, declaration: TreeNode, parameter: TreeNode): Expression {
    const type = kqlTypeOf(child(child(declaration, 'Type'), 'Type').text ?? '')
    if (!type)
      return this.refuse('unsupported-type', `the type of the parameter ${name} is not known`, parameter)
    const text = this.options.parameters?.get(name)
    if (text !== undefined) {
      const given = parameterValue(type, text, this.place(parameter))
      const message = `${JSON.stringify(text)} is no ${type}, which the parameter ${name} must be`
      return given ?? this.refuse('bad-argument', message, parameter)
    }
    const fallback = parameter.children['DefaultValue']?.children['Value']
    if (fallback) return converted(this.scalar(fallback), type)
    if (this.options.compileOnly === true)
      return { kind: 'literal', type, value: isText(type) ? '' : null, place: this.place(parameter) }
    const hint = `give one: --param ${name}=VALUE`
    return this.refuse('bad-argument', `the query parameter ${name} has no value`, parameter, hint)
  }

  #bindArguments(node: TreeNode, environment: Environment, input: PlanNode | undefined): void {
    const [implicit, ...others] = node.parameters ?? []
    if (input && implicit) environment.define(implicit.name, { kind: 'table', plan: input })
    const parameters = input ? others : (node.parameters ?? [])
    const list = node.children['ArgumentList']
    const args = list ? childItems(list, 'Expressions') : []
    const named = new Map<string, TreeNode>()
    const positional: (TreeNode | undefined)[] = []
    for (const argument of args) {
      if (argument.kind === 'SimpleNamedExpression') {
        named.set(nameOf(child(argument, 'Name')), child(argument, 'Expression'))
        positional.push(undefined)
      } else positional.push(argument)
    }
    for (const [index, parameter] of parameters.entries()) {
      const argument = named.get(parameter.name) ?? positional[index] ?? parameter.fallback
      if (!argument) this.refuse('bad-argument', `the argument ${parameter.name} is missing`, node)
      const planned = this.any(argument)
      environment.define(
        parameter.name,
        'columns' in planned
          ? { kind: 'table', plan: planned }
          : { kind: 'scalar', expression: converted(planned, parameter.type) },
      )
    }
  }

  #spend(node: TreeNode): void {
    this.#budget.nodes += 1
    if (this.#depth > limits.depth) this.refuse('too-deep', 'the query is nested too deep', node)
    if (this.#budget.nodes > limits.nodes) {
      this.refuse('too-large', 'the query is too large once its functions are put in', node)
    }
  }
}

/** A table that is named by `as` in its end. */
function named(result: Result): Result {
  const { plan } = result
  const name = plan.kind === 'as' && 'name' in plan ? plan.name : undefined
  return typeof name === 'string' ? { name, ...result } : result
}

function literalKey(type: KqlType, value: LiteralValue): string {
  return JSON.stringify([type, value])
}

/** An argument takes the type that the parameter declares. */
function converted(expression: Expression, type: KqlType | undefined): Expression {
  if (!type || expression.type === type) return expression
  return { kind: 'call', name: `to${type}`, args: [expression], type, place: expression.place }
}

/** Columns that stay as they are. */
export function passThrough(columns: readonly Column[], place: Place): NamedExpression[] {
  return columns.map(({ name, type }) => ({ name, expression: { kind: 'column', name, type, place } }))
}

const serializing = new Set([
  'context',
  'range',
  'scan',
  'serialize',
  'sort',
  'top',
  'top-hitters',
  'top-nested',
])
const keeping = new Set(
  [
    'as',
    'evaluate',
    'extend',
    'mv-apply',
    'mv-expand',
    'parse',
    'parse-kv',
    'parse-where',
    'project',
    'project-away',
  ].concat([
    'project-keep',
    'project-rename',
    'project-reorder',
    'render',
    'sample',
    'scan',
    'take',
    'where',
  ]),
)

/** Whether Kusto counts the rows as serialized: after an operator that orders them, and those that keep the order. */
function isSerialized(plan: PlanNode): boolean {
  if (serializing.has(plan.kind)) return true
  return keeping.has(plan.kind) && 'input' in plan && isSerialized(plan.input as PlanNode)
}
