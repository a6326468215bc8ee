import { child, childItems, nameOf, type TreeNode } from '../../../src/kql/parser/tree.ts'
import { expressionValue } from './expression.ts'
import { joinTables, lookupTables } from './join.ts'
import { makeSeries } from './make-series.ts'
import { mvApply, mvExpand } from './mv-expand.ts'
import { parseRows } from './parse.ts'
import { around, columnsOf, parameter, rowOf, withArguments } from './rows.ts'
import { evaluate, looseTypeOf, tableValue, type Interpreter, type Named, type Scope } from './scope.ts'
import { emptyOf } from './convert.ts'
import { summarize } from './summarize.ts'
import { Undetermined, Unknown, compare, isArray, keyOf, tableOf, wrap } from './value.ts'
import type { Column, Row, Table, Value } from './value.ts'

/** The rows of a query, or of a scalar put into one row. */
export function interpret(tree: TreeNode, tables: ReadonlyMap<string, Table>, now: bigint): Table {
  const scope: Scope = { interpreter, names: new Map(), tables, now }
  let result: Table | undefined
  const names = new Map<string, Named>()
  for (const statement of tree.children['Statements']?.items ?? []) {
    result = run(statement, { ...scope, names }, names) ?? result
  }
  if (!result) throw new Unknown('no query')
  return result
}

/** Statements define names; an expression gives rows. */
function run(statement: TreeNode, scope: Scope, names: Map<string, Named>): Table | undefined {
  if (statement.kind === 'LetStatement') {
    const expression = child(statement, 'Expression')
    if (expression.kind !== 'FunctionDeclaration')
      names.set(nameOf(child(statement, 'Name')), named(expression, scope))
    return undefined
  }
  if (statement.kind !== 'ExpressionStatement') throw new Unknown(statement.kind)
  const expression = child(statement, 'Expression')
  if (expression.type?.kind !== 'table') {
    const type = looseTypeOf(expression)
    return tableOf([{ name: 'print_0', type }], [new Map([['print_0', evaluate(expression, scope)]])])
  }
  return tableValue(expression, scope)
}

function named(expression: TreeNode, scope: Scope): Named {
  if (expression.type?.kind === 'table') return { kind: 'table', table: tableValue(expression, scope) }
  return { kind: 'scalar', value: evaluate(expression, scope) }
}

/** The value of a function's body. */
function blockValue(body: TreeNode, scope: Scope): Value {
  return evaluate(child(body, 'Expression'), blockScope(body, scope))
}

function blockScope(body: TreeNode, scope: Scope): Scope {
  const names = new Map(scope.names)
  const inner = { ...scope, names }
  for (const statement of childItems(body, 'Statements')) run(statement, inner, names)
  return inner
}

/** The rows of a tabular expression. */
function rowsOf(node: TreeNode, scope: Scope): Table {
  switch (node.kind) {
    case 'ParenthesizedExpression':
    case 'MaterializeExpression':
      return tableValue(child(node, 'Expression'), scope)
    case 'PipeExpression':
      return applied(child(node, 'Operator'), tableValue(child(node, 'Expression'), scope), scope)
    case 'NameReference': {
      if (node.body) return tableValue(child(node.body, 'Expression'), blockScope(node.body, scope))
      const known = scope.names.get(nameOf(node))
      if (known?.kind === 'table') return known.table
      const table = scope.tables.get(nameOf(node))
      if (!table) throw new Unknown(`table ${nameOf(node)}`)
      return table
    }
    case 'FunctionCallExpression': {
      const name = nameOf(child(node, 'Name'))
      const items = childItems(child(node, 'ArgumentList'), 'Expressions')
      if (name === 'materialize' && items[0]) return tableValue(items[0], scope)
      if (!node.body) throw new Unknown(`table function ${name}`)
      const inner = withArguments(node, items, scope)
      return tableValue(child(node.body, 'Expression'), blockScope(node.body, inner))
    }
    case 'DataTableExpression':
      return datatable(node, scope)
    case 'PrintOperator':
      return print(node, scope)
    case 'RangeOperator':
      return range(node, scope)
    case 'UnionOperator':
      return union(node, childItems(node, 'Expressions'), undefined, scope)
    default:
      throw new Unknown(node.kind)
  }
}

type Operator = (node: TreeNode, input: Table, scope: Scope) => Table

function applied(node: TreeNode, input: Table, scope: Scope): Table {
  const operator = operators[node.kind]
  if (!operator) throw new Unknown(node.kind)
  return operator(node, input, scope)
}

const operators: Readonly<Record<string, Operator>> = {
  FilterOperator: (node, input, scope) => {
    return kept(
      input,
      (_row, index) => evaluate(child(node, 'Condition'), around(input, index, scope)) === true,
    )
  },
  ExtendOperator: (node, input, scope) => assigned(node, input, scope, true),
  SerializeOperator: (node, input, scope) => assigned(node, input, scope, true),
  ProjectOperator: (node, input, scope) => assigned(node, input, scope, false),
  ProjectAwayOperator: chosen,
  ProjectKeepOperator: chosen,
  ProjectReorderOperator: chosen,
  ProjectRenameOperator: (node, input) => {
    const renamed = new Map(
      childItems(node, 'Expressions').map((item) => [
        nameOf(child(item, 'Name')),
        nameOf(child(item, 'Expression')),
      ]),
    )
    const columns = columnsOf(node)
    const rows = input.rows.map(
      (row) => new Map(columns.map(({ name }) => [name, row.get(renamed.get(name) ?? name) ?? null])),
    )
    return { ...input, columns, rows }
  },
  SummarizeOperator: summarize,
  DistinctOperator: (node, input, scope) => {
    const columns = columnsOf(node)
    const items = childItems(node, 'Expressions')
    const seen = new Map<string, Row>()
    for (const row of input.rows) {
      const values = items.flatMap((item) => {
        if (item.kind === 'StarExpression') return input.columns.map(({ name }) => row.get(name) ?? null)
        return [evaluate(item, { ...scope, row })]
      })
      const key = JSON.stringify(values.map((value) => keyOf(value)))
      if (!seen.has(key)) seen.set(key, rowOf(columns, values))
    }
    return tableOf(columns, [...seen.values()])
  },
  CountOperator: (node, input) => {
    const columns = columnsOf(node)
    return tableOf(columns, [rowOf(columns, [BigInt(input.rows.length)])])
  },
  SortOperator: (node, input, scope) => sorted(childItems(node, 'Expressions'), input, scope),
  TopOperator: (node, input, scope) => {
    const ordered = sorted([child(node, 'ByExpression')], input, scope)
    return first(ordered, integer(evaluate(child(node, 'Expression'), scope)))
  },
  TakeOperator: (node, input, scope) => first(input, integer(evaluate(child(node, 'Expression'), scope))),
  JoinOperator: joinTables,
  LookupOperator: lookupTables,
  UnionOperator: (node, input, scope) => union(node, childItems(node, 'Expressions'), input, scope),
  MvExpandOperator: mvExpand,
  MvApplyOperator: mvApply,
  MakeSeriesOperator: makeSeries,
  ParseOperator: (node, input, scope) => parseRows(node, input, scope, false),
  ParseWhereOperator: (node, input, scope) => parseRows(node, input, scope, true),
  AsOperator: (node, input, scope) => {
    // The names of a statement are one map, which this operator fills.
    const names = scope.names as Map<string, Named>
    names.set(nameOf(child(node, 'Name')), { kind: 'table', table: input })
    const renamed = { ...input }
    sourceNames.set(renamed, nameOf(child(node, 'Name')))
    return renamed
  },
  InvokeOperator: (node, input, scope) => {
    const call = child(node, 'Function')
    if (!call.body) throw new Unknown('invoke of no function')
    const inner = withArguments(call, childItems(child(call, 'ArgumentList'), 'Expressions'), scope, input)
    return tableValue(child(call.body, 'Expression'), blockScope(call.body, inner))
  },
  RenderOperator: (_node, input) => input,
  GetSchemaOperator: (node, input) => {
    const columns = columnsOf(node)
    // The engine has longs where the binder says int: only a table's own column is sure to be one.
    if (input.columns.some(({ name, type }) => type === 'int' && name !== 'i'))
      throw new Unknown('int or long')
    const rows = input.columns.map(({ name, type }, index) => {
      return rowOf(columns, [name, BigInt(index), systemTypes[type] ?? type, type])
    })
    return { columns, rows, ranks: rows.map((_row, index) => index), sorted: true }
  },
}

/** What `as` calls rows, for `withsource`. */
const sourceNames = new WeakMap<Table, string>()

const systemTypes: Readonly<Record<string, string>> = {
  bool: 'System.SByte',
  int: 'System.Int32',
  long: 'System.Int64',
  real: 'System.Double',
  decimal: 'System.Data.SqlTypes.SqlDecimal',
  string: 'System.String',
  datetime: 'System.DateTime',
  timespan: 'System.TimeSpan',
  guid: 'System.Guid',
  dynamic: 'System.Object',
}

function kept(input: Table, test: (row: Row, index: number) => boolean): Table {
  const chosenRows = input.rows.map((row, index) => test(row, index))
  return {
    ...input,
    rows: input.rows.filter((_row, index) => chosenRows[index]),
    ranks: input.ranks.filter((_rank, index) => chosenRows[index]),
  }
}

/** `extend`, `serialize` and `project`: all expressions see the rows as they came in. */
function assigned(node: TreeNode, input: Table, scope: Scope, keeps: boolean): Table {
  const items = childItems(node, 'Expressions')
  const columns = columnsOf(node)
  const given = new Set(items.flatMap((item) => namesOf(item)))
  // Columns without a name of their own take the binder's, which stand at the end in their order.
  const unnamed = columns.filter(
    ({ name }) => !given.has(name) && !(keeps && input.columns.some((column) => column.name === name)),
  )
  const rows = input.rows.map((row, index) => {
    const values = new Map<string, Value>(keeps ? row : [])
    const free = [...unnamed]
    for (const item of items) {
      const value = evaluate(item, around(input, index, scope))
      const names = namesOf(item)
      const parts = item.kind === 'CompoundNamedExpression' && isArray(value) ? value : [value]
      for (const [part, name] of names.entries())
        values.set(name ?? free.shift()?.name ?? '', parts[part] ?? null)
    }
    return new Map(columns.map(({ name }) => [name, known(values, name)]))
  })
  return { ...input, columns, rows }
}

function known(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name)
  if (value === undefined) throw new Unknown(`no value for ${name}`)
  return value
}

function namesOf(item: TreeNode): readonly (string | undefined)[] {
  if (item.kind === 'SimpleNamedExpression') return [nameOf(child(item, 'Name'))]
  if (item.kind === 'CompoundNamedExpression')
    return childItems(child(item, 'Names'), 'Names').map((name) => nameOf(name))
  if (item.kind === 'NameReference') return [nameOf(item)]
  return [item.resultName]
}

function chosen(node: TreeNode, input: Table): Table {
  const columns = columnsOf(node)
  const rows = input.rows.map((row) => new Map(columns.map(({ name }) => [name, row.get(name) ?? null])))
  return { ...input, columns, rows }
}

/** Nulls come first ascending and last descending unless told; NaN stands with them. */
function sorted(items: readonly TreeNode[], input: Table, scope: Scope): Table {
  const keys = items.map((item) => {
    const ordering = item.children['Ordering']
    const isAscending = ordering?.children['AscOrDescKeyword']?.text === 'asc'
    const said = ordering?.children['NullsClause']?.children['FirstOrLastKeyword']?.text
    return { item, isAscending, nullsFirst: said === undefined ? isAscending : said === 'first' }
  })
  const rows = input.rows.map((row, index) => ({
    row,
    values: keys.map(({ item }) => evaluate(item, around(input, index, scope))),
  }))
  const order = (a: readonly Value[], b: readonly Value[]): number => {
    for (const [index, { isAscending, nullsFirst }] of keys.entries()) {
      const difference = ordered(a[index] ?? null, b[index] ?? null, isAscending, nullsFirst)
      if (difference !== 0) return difference
    }
    return 0
  }
  const result = rows.toSorted((a, b) => order(a.values, b.values))
  let rank = 0
  const ranks = result.map(({ values }, index) => {
    const before = result[index - 1]
    if (before && order(before.values, values) !== 0) rank += 1
    return rank
  })
  return { columns: input.columns, rows: result.map(({ row }) => row), ranks, sorted: true }
}

function ordered(left: Value, right: Value, isAscending: boolean, nullsFirst: boolean): number {
  const [a, b] = [place(left), place(right)]
  if (a !== b) return nullsFirst ? a - b : b - a
  if (a < 2) return 0
  return isAscending ? compare(left, right) : -compare(left, right)
}

/** Null before NaN before all else. */
function place(value: Value): number {
  return value === null ? 0 : typeof value === 'number' && Number.isNaN(value) ? 1 : 2
}

/** The first rows, where it is settled which those are. */
function first(input: Table, count: number): Table {
  const size = Math.max(0, count)
  const [last, next] = [input.ranks[size - 1], input.ranks[size]]
  if (size > 0 && next !== undefined && last === next) {
    const tied = input.rows.filter((_row, index) => input.ranks[index] === last)
    const texts = new Set(tied.map((row) => keyOf(row)))
    if (texts.size > 1) throw new Undetermined('rows of equal rank')
  }
  return { ...input, rows: input.rows.slice(0, size), ranks: input.ranks.slice(0, size) }
}

function integer(value: Value): number {
  if (typeof value !== 'bigint') throw new Unknown('a number of rows')
  return Number(value)
}

function datatable(node: TreeNode, scope: Scope): Table {
  const columns = columnsOf(node)
  const values = childItems(node, 'Values').map((item) => evaluate(item, scope))
  const rows: Row[] = []
  for (let start = 0; start + columns.length <= values.length; start += columns.length) {
    const cells = columns.map(({ type }, index) => fitted(values[start + index] ?? null, type))
    rows.push(rowOf(columns, cells))
  }
  return { columns, rows, ranks: rows.map((_row, index) => index), sorted: false }
}

function fitted(value: Value, type: Column['type']): Value {
  if (value === null) return emptyOf(type)
  return type === 'real' && typeof value === 'bigint' ? Number(value) : value
}

function print(node: TreeNode, scope: Scope): Table {
  const columns = columnsOf(node)
  const values = childItems(node, 'Expressions').flatMap((item) => {
    const value = evaluate(item, scope)
    return item.kind === 'CompoundNamedExpression' && isArray(value) ? value : [value]
  })
  return tableOf(columns, [rowOf(columns, values)])
}

function range(node: TreeNode, scope: Scope): Table {
  const columns = columnsOf(node)
  const [from, to, step] = ['From', 'To', 'Step'].map((name) => evaluate(child(node, name), scope))
  const rows: Row[] = []
  if (
    from !== null &&
    to !== null &&
    step !== null &&
    from !== undefined &&
    to !== undefined &&
    step !== undefined
  ) {
    const isReal = columns[0]?.type === 'real'
    let value: Value = isReal ? Number(from) : from
    const isUp = compare(step, isReal ? 0 : 0n) > 0
    while (isUp ? compare(value, to) <= 0 : compare(value, to) >= 0) {
      if (rows.length > 10_000 || compare(step, 0n) === 0) throw new Unknown('a long range')
      rows.push(rowOf(columns, [value]))
      value =
        typeof value === 'bigint' && typeof step === 'bigint'
          ? wrap(value + step)
          : Number(value) + Number(step)
    }
  }
  return { columns, rows, ranks: rows.map((_row, index) => index), sorted: true }
}

function union(node: TreeNode, items: readonly TreeNode[], input: Table | undefined, scope: Scope): Table {
  const named = columnsOf(node)
  const parameters = new Map(
    childItems(node, 'Parameters').map((item) => [nameOf(child(item, 'Name')), child(item, 'Expression')]),
  )
  const sourceNode = parameters.get('withsource') ?? parameters.get('with_source')
  const source = sourceNode ? nameOf(sourceNode) : undefined
  const parts = [...(input ? [{ table: input, name: sourceNames.get(input) ?? 'union_arg0' }] : [])]
  for (const item of items) {
    if (item.kind === 'WildcardedNameReference') throw new Unknown('union of a wildcard')
    const table = tableValue(item, scope)
    parts.push({ table, name: sourceName(item) ?? `union_arg${parts.length}` })
  }
  // The binder names the columns of an outer union whatever the kind.
  const isCommon = ({ name, type }: Column): boolean =>
    name === source ||
    parts.every(({ table }) => table.columns.some((other) => other.name === name && other.type === type))
  const isInner = parameter(node, 'kind') === 'inner'
  const columns = isInner ? named.filter((column) => isCommon(column)) : named
  const rows = parts.flatMap(({ table, name }) =>
    table.rows.map((row) => {
      return new Map(
        columns.map((column) => {
          if (column.name === source) return [source, name]
          const own = table.columns.find((candidate) => resultName(candidate, columns) === column.name)
          return [column.name, own ? (row.get(own.name) ?? null) : emptyOf(column.type)]
        }),
      )
    }),
  )
  return tableOf(columns, rows)
}

/** Tables, views and what `as` names have a name; anything else has none. */
function sourceName(item: TreeNode): string | undefined {
  if (item.kind === 'ParenthesizedExpression') return sourceName(child(item, 'Expression'))
  if (item.kind === 'NameReference' && (item.symbol?.kind === 'table' || item.body)) return nameOf(item)
  const last = item.kind === 'PipeExpression' ? child(item, 'Operator') : undefined
  return last?.kind === 'AsOperator' ? nameOf(child(last, 'Name')) : undefined
}

/** Columns of one name and several types are told apart by their types. */
function resultName({ name, type }: Column, columns: readonly Column[]): string | undefined {
  const found = columns.find((column) => column.name === name && column.type === type)
  return (found ?? columns.find((column) => column.name === `${name}_${type}` && column.type === type))?.name
}

const interpreter: Interpreter = { evaluate: expressionValue, tableValue: rowsOf, applied, blockValue }
