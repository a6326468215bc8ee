import type { TreeNode } from '../../../src/kql/parser/tree.ts'
import { child, childItems } from '../../../src/kql/parser/tree.ts'
import { readDatetime, readTimespan } from './text.ts'
import { Unknown, wrap, type Value } from './value.ts'

/** The value of a literal; nothing where the node is none. */
export function literalOf(node: TreeNode): Value | undefined {
  const read = readers[node.kind]
  return read?.(node)
}

const readers: Readonly<Record<string, (node: TreeNode) => Value>> = {
  LongLiteralExpression: (node) => integerOf(inner(node)),
  IntLiteralExpression: (node) => integerOf(inner(node)),
  RealLiteralExpression: (node) => realOf(inner(node)),
  BooleanLiteralExpression: (node) => booleanOf(inner(node)),
  StringLiteralExpression: (node) => child(node, 'Token').value ?? '',
  CompoundStringLiteralExpression: (node) =>
    childItems(node, 'Tokens')
      .map((token) => token.value ?? '')
      .join(''),
  DateTimeLiteralExpression: (node) => known(inner(node), readDatetime),
  TimespanLiteralExpression: (node) => known(inner(node), readTimespan),
  GuidLiteralExpression: (node) => known(inner(node), (text) => text.toLowerCase()),
  DynamicExpression: (node) => jsonNode(child(node, 'Expression')),
  JsonObjectExpression: (node) => jsonNode(node),
  JsonArrayExpression: (node) => jsonNode(node),
}

function known<T extends Value>(text: string, read: (text: string) => T | null): T | null {
  if (text === 'null') return null
  const value = read(text.replace(/^(["'])(.*)\1$/, '$2'))
  if (value === null) throw new Unknown(`literal ${text}`)
  return value
}

/** `5` of `5`, `long(5)` and `datetime(5)`. */
function inner(node: TreeNode): string {
  const text = child(node, 'Token').text ?? ''
  return (/^[a-z]\w*\s*\((.*)\)$/is.exec(text)?.[1] ?? text).trim()
}

function integerOf(text: string): Value {
  return text === 'null'
    ? null
    : wrap(BigInt(text.startsWith('-') ? text.slice(1) : text) * (text.startsWith('-') ? -1n : 1n))
}

function realOf(text: string): Value {
  const special: Readonly<Record<string, Value>> = {
    null: null,
    nan: NaN,
    inf: Infinity,
    '+inf': Infinity,
    '-inf': -Infinity,
  }
  const found = special[text.toLowerCase()]
  return found === undefined ? Number(text) : found
}

function booleanOf(text: string): Value {
  return text === 'null' ? null : text.toLowerCase() === 'true' || text === '1'
}

function jsonNode(node: TreeNode): Value {
  if (node.kind === 'JsonObjectExpression') {
    return new Map(
      childItems(node, 'Pairs').map((pair) => {
        return [child(pair, 'Name').value ?? '', jsonNode(child(pair, 'Value'))] as const
      }),
    )
  }
  if (node.kind === 'JsonArrayExpression') return childItems(node, 'Values').map((item) => jsonNode(item))
  if (node.kind === 'NullLiteralExpression') return null
  if (node.kind === 'UnaryMinusExpression') {
    const value = jsonNode(child(node, 'Expression'))
    if (typeof value === 'bigint') return wrap(-value)
    if (typeof value === 'number') return -value
  }
  const value = literalOf(node)
  if (value === undefined) throw new Unknown(`${node.kind} in a dynamic`)
  return value
}
