import type { LogTable } from '../../src/hunt/sigma/log-source.ts'
import type { Event, World } from './interpreter.ts'

/** A table with every kind of column that rules meet. */
export const eventsTable: LogTable = {
  name: 'Events',
  columns: [
    { name: 'Id', type: 'long' },
    { name: 'TimeGenerated', type: 'datetime' },
    { name: 'Caller', type: 'string' },
    { name: 'City', type: 'string' },
    { name: 'Address', type: 'string' },
    { name: 'Size', type: 'long' },
    { name: 'At', type: 'datetime' },
    { name: 'DeviceDetail', type: 'dynamic' },
    { name: 'TargetResources', type: 'dynamic' },
    { name: 'AuthenticationDetails', type: 'string' },
    { name: 'Extra', type: 'dynamic' },
  ],
  aliases: { who: ['Caller', 'City'], 'target.name': ['TargetResources.displayName'] },
}

export const placeholders = { Admins: ['a*', 'B'], 'Our-Places': ['ab', '\\*'] }

/** Fields that random rules name, as rules spell them. */
export const fields = [
  ...['Caller', 'caller', 'City', 'who', 'Size', 'DeviceDetail.trustType', 'properties.devicedetail.BROWSER'],
  ...['TargetResources{}.displayName', 'targetresources.modifiedProperties.newvalue', 'Target.Name'],
  ...['TargetResources.modifiedProperties.displayName', 'AuthenticationDetails.authenticationMethod'],
  ...['Extra.some.Key', 'extra.list', 'Nowhere.Key'],
]

/** Where the fields' values are, told once more for this world alone. */
export const world: World = {
  placeholders,
  values: (event, field) => valuesOf(event, field).filter((value) => value !== ''),
  texts: (event) =>
    ['Id', 'TimeGenerated', 'Caller', 'City', 'Address', 'Size', 'At', ...jsonColumns].map((name) =>
      columnText(event, name),
    ),
}

const jsonColumns = ['DeviceDetail', 'TargetResources', 'AuthenticationDetails', 'Extra']

function columnText(event: Event, name: string): string {
  const value = event[name]
  if (value === null || value === undefined) return ''
  return name === 'TimeGenerated' || name === 'At' ? said(value).replace('Z', '0000Z') : said(value)
}

function valuesOf(event: Event, field: string): readonly string[] {
  const path = field
    .toLowerCase()
    .replaceAll('{}', '')
    .replace(/^properties\./, '')
    .split('.')
  const [first = '', ...rest] = path
  if (first === 'who') return [columnText(event, 'Caller'), columnText(event, 'City')]
  if (first === 'target') return leaves(event['TargetResources'], ['displayname'])
  const name = Object.keys(event).find((key) => key.toLowerCase() === first)
  if (name === undefined) return jsonColumns.flatMap((column) => leaves(documentOf(event, column), path))
  if (rest.length === 0) return [columnText(event, name)]
  const found = leaves(documentOf(event, name), rest)
  return rest.at(-1) === 'newvalue' ? found.flatMap((text) => [text, decoded(text)]) : found
}

function documentOf(event: Event, column: string): unknown {
  const value = event[column]
  return typeof value === 'string' && value !== '' ? (JSON.parse(value) as unknown) : value
}

function leaves(value: unknown, path: readonly string[]): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((each: unknown) => leaves(each, path))
  const [first, ...rest] = path
  if (first === undefined) {
    return value === null || value === undefined ? [] : [said(value)]
  }
  if (typeof value !== 'object' || value === null) return []
  // Of several keys that differ in case alone, the first counts.
  const entry = Object.entries(value).find(([key]) => key.toLowerCase() === first)
  return entry ? leaves(entry[1], rest) : []
}

function decoded(text: string): string {
  try {
    const value = JSON.parse(text) as unknown
    return value === null ? '' : said(value)
  } catch {
    return text
  }
}

function said(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
