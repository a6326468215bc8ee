import type { Condition } from './condition.ts'
import type { Column, Form, Identity, KeyPart, KqlType, Shape, Table, Unit } from './types.ts'
import { at, type Value } from './value.ts'

interface ColumnOptions {
  readonly repeats?: boolean
}

/** Declares a column. A Log Analytics export gives it under its own name unless `from` says otherwise. */
export function column(
  name: string,
  type: KqlType,
  doc: string,
  from: Readonly<Record<string, Value>> = {},
  options: ColumnOptions = {},
): Column {
  return { name, type, doc, repeats: options.repeats ?? false, from: { logAnalytics: at(name), ...from } }
}

/** A column with few distinct values. */
export function repeated(
  name: string,
  type: KqlType,
  doc: string,
  from: Readonly<Record<string, Value>> = {},
): Column {
  return column(name, type, doc, from, { repeats: true })
}

export interface ShapeDeclaration {
  readonly name: string
  readonly doc: string
  readonly richness: number
  readonly when: Condition
  readonly form?: Form
  readonly unit?: Unit
  readonly csv?: boolean
  readonly keyless?: boolean
  readonly hasAllKeys?: boolean
  readonly pathWord?: string
}

export interface TableDeclaration {
  readonly name: string
  readonly storedAs?: string
  readonly doc: string
  readonly columns: readonly Column[]
  readonly shapes: readonly ShapeDeclaration[]
  readonly sortKey: readonly KeyPart[]
  readonly identity: Identity
  readonly search?: NonNullable<Table['search']>
  readonly open?: NonNullable<Table['open']>
}

export function table(declaration: TableDeclaration): Table {
  const shapes = declaration.shapes.map((shape): Shape => ({
    form: 'exact',
    unit: 'record',
    csv: false,
    keyless: declaration.identity.kind === 'unkeyed',
    hasAllKeys: false,
    ...shape,
    id: `${declaration.name}/${shape.name}`,
    table: declaration.name,
  }))
  return { storedAs: declaration.name, ...declaration, shapes }
}

/** The column of an open table that holds its further columns. */
export function bagColumn(from: Readonly<Record<string, Value>>): Column {
  return {
    name: '_Bag',
    type: 'dynamic',
    doc: 'Further columns, as a JSON object.',
    repeats: false,
    internal: true,
    from,
  }
}

export function exactly(name: string): KeyPart {
  return { column: name, as: 'exact' }
}

export function lowered(name: string): KeyPart {
  return { column: name, as: 'lower' }
}

export const byHour: KeyPart = { column: 'TimeGenerated', as: 'hour' }
export const byTime: KeyPart = { column: 'TimeGenerated', as: 'exact' }
