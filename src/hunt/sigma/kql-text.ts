/** A value as a KQL string: the one way in which a text of a rule gets into a query. */
export function kqlText(value: string): string {
  const escaped = value.replaceAll(/[^ !#-[\]-~]/g, (unit) => {
    if (unit === '"' || unit === '\\') return `\\${unit}`
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  return `"${escaped}"`
}

/** A name of a column or key, in brackets whatever it holds. */
export function kqlName(name: string): string {
  return `[${kqlText(name)}]`
}

/** A real number as KQL writes it. */
export function kqlReal(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`${value} is no number of a rule`)
  return `real(${value})`
}
