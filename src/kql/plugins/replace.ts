import type { SelectColumn, SqlExpression } from '../../sql/node.ts'
import type { Emitter } from '../emitter.ts'
import type { Column } from '../plan.ts'
import { physicalName, type Relation } from '../relation.ts'
import type { KqlType } from '../types.ts'

export interface ComputedColumn {
  readonly name: string
  readonly type: KqlType
  readonly sql: SqlExpression
}

/** A relation in brackets with other columns: computed ones, and its own under their names. Order's columns stay. */
export function replaceRelation(
  base: Relation,
  columns: readonly Column[],
  computed: readonly ComputedColumn[],
  emitter: Emitter,
): Relation {
  const values = new Map(computed.map((item) => [item.name, item]))
  const own = new Map(base.columns.map((item) => [item.name, item]))
  const expressions = new Map(base.select.columns.map(({ name, expression }) => [name, expression]))
  const renamed = new Map<string, string>()
  const carried = base.order.map((item): SelectColumn => {
    const expression = expressions.get(item.physical)
    if (!expression) throw new Error(`the order's column ${item.physical} is lost`)
    const name = renamed.get(item.physical) ?? emitter.hidden('order')
    renamed.set(item.physical, name)
    return { name, expression }
  })
  const selected = columns.map(({ name }): SelectColumn => {
    const physical = physicalName(name)
    const value = values.get(name)
    if (value) return { name: physical, expression: value.sql }
    const expression = expressions.get(own.get(name)?.physical ?? '')
    if (!expression) throw new Error(`the column ${name} has no source`)
    return { name: physical, expression }
  })
  return emitter.bracket({
    select: { ...base.select, columns: [...selected, ...carried] },
    columns: columns.map(({ name, type }) => ({
      name,
      type: values.get(name)?.type ?? own.get(name)?.type ?? type,
      physical: physicalName(name),
    })),
    order: base.order.map((item) => ({ ...item, physical: renamed.get(item.physical) ?? item.physical })),
    sealed: true,
  })
}
