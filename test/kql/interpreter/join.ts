import { child, childItems, nameOf, type TreeNode } from '../../../src/kql/parser/tree.ts'
import { emptyOf } from './convert.ts'
import { columnsOf, parameter, rowOf } from './rows.ts'
import { tableValue, type Scope } from './scope.ts'
import { Undetermined, Unknown, keyOf, tableOf, type Row, type Table, type Value } from './value.ts'

interface Key {
  readonly left: string
  readonly right: string
}

export function joinTables(node: TreeNode, left: Table, scope: Scope): Table {
  const kind = parameter(node, 'kind') ?? 'innerunique'
  const right = tableValue(child(node, 'Expression'), scope)
  const keys = keysOf(child(node, 'ConditionClause'))
  return joined(
    node,
    kind,
    left,
    right,
    keys,
    right.columns.map(({ name }) => name),
  )
}

/** A left outer join without the right keys. */
export function lookupTables(node: TreeNode, left: Table, scope: Scope): Table {
  const kind = parameter(node, 'kind') ?? 'leftouter'
  const right = tableValue(child(node, 'Expression'), scope)
  const keys = keysOf(child(node, 'LookupClause'))
  const shown = right.columns
    .map(({ name }) => name)
    .filter((name) => !keys.some((key) => key.right === name))
  return joined(node, kind, left, right, keys, shown)
}

function keysOf(clause: TreeNode): readonly Key[] {
  return childItems(clause, 'Expressions').map((item) => {
    if (item.kind === 'NameReference') return { left: nameOf(item), right: nameOf(item) }
    if (item.kind !== 'EqualExpression') throw new Unknown(`join on ${item.kind}`)
    const sides = [child(item, 'Left'), child(item, 'Right')].map((side) => {
      return { side: nameOf(child(side, 'Expression')), column: nameOf(child(side, 'Selector')) }
    })
    const [left, right] = ['$left', '$right'].map((name) => sides.find(({ side }) => side === name)?.column)
    if (left === undefined || right === undefined) throw new Unknown('join without both sides')
    return { left, right }
  })
}

function joined(
  node: TreeNode,
  kind: string,
  left: Table,
  right: Table,
  keys: readonly Key[],
  shown: readonly string[],
): Table {
  const columns = columnsOf(node)
  const leftKey = (row: Row): string => keyOf(keys.map((key) => row.get(key.left) ?? null))
  const rightKey = (row: Row): string => keyOf(keys.map((key) => row.get(key.right) ?? null))
  const matchesOf = (row: Row): readonly Row[] =>
    right.rows.filter((other) => rightKey(other) === leftKey(row))
  const isMatched = (row: Row): boolean => left.rows.some((other) => leftKey(other) === rightKey(row))
  const leftValues = (row: Row | undefined): readonly Value[] =>
    left.columns.map(({ name, type }) => row?.get(name) ?? emptyOf(type))
  const rightValues = (row: Row | undefined): readonly Value[] =>
    shown.map(
      (name) =>
        row?.get(name) ?? emptyOf(right.columns.find((column) => column.name === name)?.type ?? 'dynamic'),
    )
  const all = (a: Row | undefined, b: Row | undefined): Row =>
    rowOf(columns, [...leftValues(a), ...rightValues(b)])
  const only = (row: Row): Row => new Map(columns.map(({ name }) => [name, row.get(name) ?? null]))
  const inner = (rows: readonly Row[]): Row[] =>
    rows.flatMap((row) => matchesOf(row).map((other) => all(row, other)))
  const leftRest = (): Row[] =>
    left.rows.filter((row) => matchesOf(row).length === 0).map((row) => all(row, undefined))
  const rightRest = (): Row[] => right.rows.filter((row) => !isMatched(row)).map((row) => all(undefined, row))
  const flavours: Readonly<Record<string, () => Row[]>> = {
    inner: () => inner(left.rows),
    innerunique: () => inner(uniqueRows(left, leftKey)),
    leftouter: () => [...inner(left.rows), ...leftRest()],
    rightouter: () => [...inner(left.rows), ...rightRest()],
    fullouter: () => [...inner(left.rows), ...leftRest(), ...rightRest()],
    leftsemi: () => left.rows.filter((row) => matchesOf(row).length > 0).map((row) => only(row)),
    rightsemi: () => right.rows.filter((row) => isMatched(row)).map((row) => only(row)),
    leftanti: () => left.rows.filter((row) => matchesOf(row).length === 0).map((row) => only(row)),
    rightanti: () => right.rows.filter((row) => !isMatched(row)).map((row) => only(row)),
  }
  const flavour =
    flavours[
      { anti: 'leftanti', leftantisemi: 'leftanti', rightantisemi: 'rightanti', semi: 'leftsemi' }[kind] ??
        kind
    ]
  if (!flavour) throw new Unknown(`join kind ${kind}`)
  return tableOf(columns, flavour())
}

/** One left row a key: whichever, so they must be alike, or in a known order. */
function uniqueRows(left: Table, key: (row: Row) => string): readonly Row[] {
  const found = new Map<string, Row>()
  for (const row of left.rows) {
    const known = found.get(key(row))
    if (!known) found.set(key(row), row)
    else if (keyOf(known) !== keyOf(row)) throw new Undetermined('one of several left rows')
  }
  return [...found.values()]
}
