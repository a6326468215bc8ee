import { child, childItems, nameOf, type TreeNode } from '../../../src/kql/parser/tree.ts'
import { aggregate, isAggregate } from './aggregate.ts'
import { emptyOf } from './convert.ts'
import { binary, operatorMeaning } from './binary.ts'
import { functions } from './functions.ts'
import { literalOf } from './literal.ts'
import { withArguments } from './rows.ts'
import { rowFunctions } from './row-functions.ts'
import { blockValue, evaluate, looseTypeOf, tableValue, type Call, type Scope } from './scope.ts'
import { Undetermined, Unknown, isAnyOrder, isArray, isBag, looseNumbers, type Value } from './value.ts'

/** Functions for which the order of an array's elements does not matter. */
const orderless = new Set(
  ['array_length', 'array_sort_asc', 'array_sort_desc', 'array_sum', 'arraylength', 'set_has_element'].concat(
    [
      'set_equals',
      'jaccard_index',
      'isnull',
      'isnotnull',
      'isempty',
      'isnotempty',
      'gettype',
      'notnull',
      'notempty',
    ],
  ),
)

/** The value of a scalar expression. */
export function expressionValue(node: TreeNode, scope: Scope): Value {
  const literal = literalOf(node)
  if (literal !== undefined) return literal
  const rule = rules[node.kind]
  if (rule) return rule(node, scope)
  const symbol = node.children['Operator']?.text
  if (node.children['Left'] && symbol !== undefined) return binary(node, symbol, scope, evaluate)
  throw new Unknown(node.kind)
}

const rules: Readonly<Record<string, (node: TreeNode, scope: Scope) => Value>> = {
  NameReference: reference,
  ParenthesizedExpression: (node, scope) => evaluate(child(node, 'Expression'), scope),
  SimpleNamedExpression: (node, scope) => evaluate(child(node, 'Expression'), scope),
  CompoundNamedExpression: (node, scope) => evaluate(child(node, 'Expression'), scope),
  OrderedExpression: (node, scope) => evaluate(child(node, 'Expression'), scope),
  UnaryMinusExpression: (node, scope) => {
    const operand = child(node, 'Expression')
    return operatorMeaning('negate', [evaluate(operand, scope)], [looseTypeOf(operand)], looseTypeOf(node))
  },
  UnaryPlusExpression: (node, scope) => evaluate(child(node, 'Expression'), scope),
  PathExpression: (node, scope) => {
    const selector = child(node, 'Selector')
    const key =
      selector.kind === 'BracketedExpression'
        ? evaluate(child(selector, 'Expression'), scope)
        : nameOf(selector)
    return member(evaluate(child(node, 'Expression'), scope), key)
  },
  ElementExpression: (node, scope) => {
    const base = evaluate(child(node, 'Expression'), scope)
    const key = evaluate(child(child(node, 'Selector'), 'Expression'), scope)
    return member(base, key)
  },
  ToScalarExpression: (node, scope) => {
    const { interpreter, names, tables, now } = scope
    const { columns, rows } = tableValue(child(node, 'Expression'), { interpreter, names, tables, now })
    if (rows.length > 1) throw new Undetermined('toscalar of several rows')
    return rows[0]?.get(columns[0]?.name ?? '') ?? null
  },
  FunctionCallExpression: functionCall,
}

function reference(node: TreeNode, scope: Scope): Value {
  const name = nameOf(node)
  if (node.body) return blockValue(node.body, scope)
  if (node.symbol?.kind === 'column') {
    const value = scope.row?.get(name)
    if (value === undefined) throw new Unknown(`column ${name}`)
    return value
  }
  const named = scope.names.get(name)
  if (named?.kind !== 'scalar') throw new Unknown(`name ${name}`)
  return named.value
}

/** An element by key or index; null where there is none. */
export function member(base: Value, key: Value): Value {
  if (isAnyOrder(base)) throw new Undetermined('element of a set')
  if (isBag(base) && typeof key === 'string') return base.get(key) ?? null
  if (!isArray(base) || typeof key !== 'bigint') return null
  return base.at(Number(key)) ?? null
}

function functionCall(node: TreeNode, scope: Scope): Value {
  const name = child(node, 'Name').symbol?.name ?? nameOf(child(node, 'Name'))
  const nodes = childItems(child(node, 'ArgumentList'), 'Expressions')
  if (node.body) return blockValue(node.body, withArguments(node, nodes, scope))
  if (scope.group && isAggregate(name)) return aggregate(name, node, nodes, scope, evaluate)
  const overRows = rowFunctions[name]
  if (overRows) return overRows(nodes, scope, evaluate)
  const meaning = functions[name]
  if (!meaning) throw new Unknown(`function ${name}`)
  const values = nodes.map((item) => argument(item, scope))
  if (!orderless.has(name) && values.some((value) => isAnyOrder(value)))
    throw new Undetermined(`order of a set in ${name}`)
  const call: Call = {
    name,
    nodes,
    values,
    types: nodes.map((item) => looseTypeOf(item)),
    type: looseTypeOf(node),
    scope,
  }
  const result = meaning(call) ?? emptyOf(call.type)
  return name.startsWith('series_') ? looseNumbers(result) : result
}

/** Of a function that gives several values the first one counts; types and stars have none. */
function argument(node: TreeNode, scope: Scope): Value {
  if (node.kind === 'StarExpression' || node.kind.startsWith('TypeOf')) return null
  const value = expressionValue(node, scope)
  return node.type?.kind === 'other' && isArray(value) ? (value[0] ?? null) : value
}
