import { child, childItems, type TreeNode } from '../../../src/kql/parser/tree.ts'
import { operatorMeaning } from './binary.ts'
import { toDynamic } from './convert.ts'
import { columnsOf, parameter, rowOf } from './rows.ts'
import { evaluate, looseTypeOf, type Scope } from './scope.ts'
import { grouped } from './summarize.ts'
import { Unknown, compare, tableOf, type Row, type Table, type Value } from './value.ts'

/** Aggregates in equal steps of an axis, as arrays; the end is left out, and what lies outside too. */
export function makeSeries(node: TreeNode, input: Table, scope: Scope): Table {
  const columns = columnsOf(node)
  const by = node.children['ByClause'] ? childItems(child(node, 'ByClause'), 'Expressions') : []
  const axisNode = child(child(node, 'OnClause'), 'Expression')
  const axis = axisNode.kind === 'SimpleNamedExpression' ? child(axisNode, 'Expression') : axisNode
  const type = looseTypeOf(axis)
  const clause = child(node, 'RangeClause')
  const bound = (name: string): Value => {
    const found = clause.children[name]
    const value = found ? evaluate(child(found, 'Expression'), scope) : null
    return type === 'real' && typeof value === 'bigint' ? Number(value) : value
  }
  const [from, to, step] = [
    bound('MakeSeriesFromClause'),
    bound('MakeSeriesToClause'),
    bound('MakeSeriesStepClause'),
  ]
  if (step === null || compare(step, typeof step === 'bigint' ? 0n : 0) <= 0)
    throw new Unknown('make-series without a step')
  if (from === null || to === null) throw new Unknown('make-series without bounds')
  const places = placesOf(from, to, step)
  const position = (row: Row): number => placeOf(evaluate(axis, { ...scope, row }), from, step)
  const inside = input.rows.filter((row) => position(row) >= 0 && position(row) < places.length)
  const groups = grouped(by, { ...input, rows: inside }, scope)
  if (by.length === 0 && groups.length === 0 && parameter(node, 'kind') === 'nonempty')
    groups.push({ keys: [], rows: [] })
  const rows = groups.map(({ keys, rows: group }) => {
    const series = childItems(node, 'Aggregates').map((item) => {
      const expression = child(item, 'Expression')
      const resultType = looseTypeOf(expression)
      return places.map((_place, index) => {
        const here = group.filter((row) => position(row) === index)
        if (here.length === 0) return toDynamic(fallback(item, resultType, scope), resultType)
        return toDynamic(evaluate(expression, { ...scope, input, group: here }), resultType)
      })
    })
    return rowOf(columns, [...keys, ...series, places.map((place) => toDynamic(place, type))])
  })
  return tableOf(columns, rows)
}

function fallback(item: TreeNode, type: string, scope: Scope): Value {
  const clause = item.children['DefaultExpression']
  const value = clause ? evaluate(child(clause, 'Expression'), scope) : 0n
  return type === 'real' && typeof value === 'bigint' ? Number(value) : value
}

function placesOf(from: Value, to: Value, step: Value): readonly Value[] {
  const places: Value[] = []
  let place: Value = from
  while (compare(place, to) < 0) {
    if (places.length > 5000) throw new Unknown('a long series')
    places.push(place)
    const type = typeof place === 'bigint' ? 'long' : 'real'
    place = operatorMeaning('+', [place, step], [type, type], type)
  }
  return places
}

function placeOf(value: Value, from: Value, step: Value): number {
  if (typeof value === 'bigint' && typeof from === 'bigint' && typeof step === 'bigint') {
    const distance = value - from
    return distance < 0n ? -1 : Number(distance / step)
  }
  return value === null ? -1 : Math.floor((Number(value) - Number(from)) / Number(step))
}
