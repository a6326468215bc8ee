import { child, childItems, nameOf, type TreeNode } from '../../../src/kql/parser/tree.ts'
import type { KqlType } from '../../../src/kql/types.ts'
import { kqlTypeOf } from '../../../src/kql/types.ts'
import { convert, emptyOf } from './convert.ts'
import { columnsOf, parameter } from './rows.ts'
import { evaluate, looseTypeOf, type Scope } from './scope.ts'
import { textOf } from './text.ts'
import { Unknown, type Row, type Table, type Value } from './value.ts'

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'skip' }
  | { readonly kind: 'column'; readonly name: string; readonly type: KqlType }

/** Columns out of a text by a pattern of texts and columns. */
export function parseRows(node: TreeNode, input: Table, scope: Scope, drops: boolean): Table {
  const kind = parameter(node, 'kind') ?? 'simple'
  if (kind === 'regex') throw new Unknown('parse kind=regex')
  const columns = columnsOf(node)
  const parts = childItems(node, 'Patterns').map((item) => partOf(item))
  const source = child(node, 'Expression')
  const rows: Row[] = []
  const ranks: number[] = []
  for (const [index, row] of input.rows.entries()) {
    const text = textOf(evaluate(source, { ...scope, row }), looseTypeOf(source))
    const found = matched(parts, text, kind === 'relaxed')
    if (!found && drops) continue
    const values = new Map(row)
    for (const part of parts) {
      if (part.kind === 'column') values.set(part.name, found?.get(part.name) ?? emptyOf(part.type))
    }
    rows.push(new Map(columns.map(({ name }) => [name, values.get(name) ?? null])))
    ranks.push(input.ranks[index] ?? 0)
  }
  return { columns, rows, ranks, sorted: input.sorted }
}

function partOf(item: TreeNode): Part {
  if (item.kind === 'StarExpression') return { kind: 'skip' }
  if (item.kind === 'StringLiteralExpression') return { kind: 'text', text: child(item, 'Token').value ?? '' }
  const isTyped = item.kind === 'NameAndTypeDeclaration'
  const typeName = isTyped ? (child(item, 'Type').children['Type']?.text ?? '') : 'string'
  const type = kqlTypeOf(typeName)
  if (!type) throw new Unknown(`type ${typeName}`)
  return { kind: 'column', name: nameOf(isTyped ? child(item, 'Name') : item), type }
}

/** Each text is sought from where the last one ended; what lies between is the column's. */
function matched(
  parts: readonly Part[],
  text: string,
  isRelaxed: boolean,
): ReadonlyMap<string, Value> | undefined {
  const found = new Map<string, Value>()
  let at = 0
  let open: Part | undefined
  const close = (content: string): boolean => {
    if (open?.kind !== 'column') return true
    const value = convert(content, 'string', open.type)
    found.set(open.name, value)
    return isRelaxed || open.type === 'string' || value !== null
  }
  for (const part of parts) {
    if (part.kind !== 'text') {
      if (open?.kind === 'column') throw new Unknown('columns side by side')
      open = part
      continue
    }
    const start = open ? text.indexOf(part.text, at) : text.startsWith(part.text, at) ? at : -1
    if (start < 0 || !close(text.slice(at, start))) return undefined
    at = start + part.text.length
    open = undefined
  }
  if (open ? !close(text.slice(at)) : at < text.length) return undefined
  return found
}
