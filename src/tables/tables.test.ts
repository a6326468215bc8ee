import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sql } from '../sql/template.ts'
import { holds } from './condition.ts'
import { fixtures } from './fixtures.ts'
import { readForm } from './form.ts'
import { comparesRecords } from './insert.ts'
import { recognise } from './recognise.ts'
import { openTypes } from './open-types.ts'
import { insertSelect } from './statements.ts'
import { shapes, tables } from './tables.ts'
import type { JsonObject } from './types.ts'

const columnsFile = new URL('../../../shared/facts/log-analytics-columns.json', import.meta.url)
/** Columns of our own in tables that are Log Analytics', and one that published queries name and the published list lacks. */
const ourColumns: Readonly<Record<string, readonly string[]>> = {
  AzureDiagnostics: ['SubscriptionId'],
  AzureMetrics: ['Dimensions'],
}

describe('declarations', () => {
  test.skipIf(!existsSync(columnsFile))('have the names and types of Log Analytics', () => {
    const published = JSON.parse(readFileSync(columnsFile, 'utf8')) as Record<string, Record<string, string>>
    for (const table of tables) {
      const theirs = published[table.name]
      if (theirs === undefined) continue
      const ours = table.columns.filter(
        (column) => column.internal !== true && !ourColumns[table.name]?.includes(column.name),
      )
      const declared = [
        ...ours.map((column) => [column.name, column.type]),
        ...Object.entries(table.open?.types ?? {}),
      ]
      expect(Object.fromEntries(declared), table.name).toEqual(theirs)
    }
    for (const [name, types] of Object.entries(openTypes)) {
      expect(published[name], name).toMatchObject(types)
    }
  })

  test('index texts that are stored as they are', () => {
    for (const { name, columns, search } of tables)
      for (const searched of Object.keys(search ?? {}))
        expect(
          columns.find((column) => column.name === searched),
          `${name}.${searched}`,
        ).toMatchObject({
          type: 'string',
          repeats: false,
        })
  })

  test('name each column and shape once and say what it is', () => {
    expect(new Set(tables.map((table) => table.name)).size).toBe(tables.length)
    expect(new Set(shapes.map((shape) => shape.id)).size).toBe(shapes.length)
    for (const table of tables) {
      const names = table.columns.map((column) => column.name)
      expect(new Set(names).size, table.name).toBe(names.length)
      for (const column of table.columns)
        expect(column.doc, `${table.name}.${column.name}`).toMatch(/^\S.*[.]$/)
    }
  })

  test('map only from shapes that the table has, and each shape fills the time and the key', () => {
    for (const table of tables) {
      const names = new Set(table.shapes.map((shape) => shape.name))
      for (const column of table.columns) {
        for (const shape of Object.keys(column.from)) {
          if (shape !== 'logAnalytics') expect(names, `${table.name}.${column.name}`).toContain(shape)
        }
      }
      for (const shape of table.shapes.filter((each) => each.unit !== 'tuple')) {
        const required = ['TimeGenerated', 'TenantId', 'Type']
        if (table.identity.kind === 'keyed' && !shape.keyless) required.push(...table.identity.required)
        for (const name of required) {
          const column = table.columns.find((each) => each.name === name)
          expect(column?.from[shape.name], `${shape.id} ${name}`).toBeDefined()
        }
      }
    }
  })

  test('a shape compares records where its statement sorts them', () => {
    const context = { batch: 1, ingestedAt: new Date(0), tenantId: '' }
    const source = sql`SELECT '' AS evidence, 1 AS record, '' AS line`
    const sorting = shapes.filter((shape) => insertSelect(shape, source, context).text.includes(' OVER ('))
    expect(shapes.filter((shape) => comparesRecords(shape))).toEqual(sorting)
    expect(sorting.length).toBeGreaterThan(0)
    expect(sorting.length).toBeLessThan(shapes.length)
    // Records that are landed apart by their spelling cannot be compared with each other.
    expect(shapes.filter((shape) => shape.hasAllKeys && comparesRecords(shape))).toEqual([])
  })
})

describe('recognition', () => {
  test('there is a fixture of every shape', () => {
    expect(new Set(fixtures.map((fixture) => fixture.shape))).toEqual(
      new Set(shapes.map((shape) => shape.id)),
    )
  })

  test.each(fixtures)('$shape is told by its content', ({ shape, record, path }) => {
    expect(recognise(record, path === undefined ? {} : { path })?.shape.id).toBe(shape)
    expect(fitting(record)).toHaveLength(1)
  })

  test('a record of two shapes is told by the first of them, whatever was met before', () => {
    for (const [index, { record }] of fixtures.entries()) {
      for (const { record: other } of fixtures.slice(index + 1)) {
        const both = { ...other, ...record }
        expect(recognise(both)?.shape.id, JSON.stringify(both)).toBe(fitting(both)[0])
      }
    }
  })

  test('an export that names a table we do not declare is of that table', () => {
    const record = { TimeGenerated: '2025-06-01T10:00:00Z', Type: 'Heartbeat', Computer: 'c' }
    expect(recognise(record)?.shape.id).toBe('Heartbeat/logAnalytics')
    expect(recognise({ ...record, Type: 'no name' })).toBeUndefined()
    expect(recognise({ ...record, Type: '../x' })).toBeUndefined()
    expect(recognise({ ...record, Type: 'AzureDiagnosticsRows' })).toBeUndefined()
    expect(recognise({ ...record, Type: '', $table: 'Beat' })?.shape.id).toBe('Beat/logAnalytics')
    expect(recognise({ a: 1 })).toBeUndefined()
  })

  test('a full row of one table is not taken for another when it has no Type', () => {
    for (const table of tables) {
      const shape = table.shapes.find((each) => each.name === 'logAnalytics')
      if (shape === undefined) continue
      const record: JsonObject = Object.fromEntries(table.columns.map((column) => [column.name, 'x']))
      const named = { ...record, Type: table.name }
      expect(fitting(named), table.name).toEqual([shape.id])
    }
  })
})

function fitting(record: JsonObject): string[] {
  return shapes
    .filter((shape) => shape.pathWord === undefined && holds(shape.when, readForm(shape.form, record)))
    .map((shape) => shape.id)
}
