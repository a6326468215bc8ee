import { at, type Value } from './value.ts'

export function capital(key: string): string {
  return key.slice(0, 1).toUpperCase() + key.slice(1)
}

/** Where a property of a Microsoft Graph object stands: in the resource log, in Graph and, capitalised, in .NET. */
export function graphProperty(key: string): Readonly<Record<string, Value>> {
  return { diagnostic: at('properties', key), graph: at(key), pascal: at(capital(key)) }
}
