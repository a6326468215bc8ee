const unsafe = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** JSON text of a value, with characters that a terminal would obey escaped; it parses to the same value. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null'
  return text.replaceAll(unsafe, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Prints rows as JSON objects. Names are printed as text, so that one like `__proto__` stays a plain name. */
export function jsonObject(names: readonly string[]): (row: readonly unknown[]) => string {
  const keys = names.map((name) => `${jsonText(name)}:`)
  return (row) => `{${keys.map((key, index) => key + jsonText(row[index] ?? null)).join(',')}}`
}

/** A cell as plain text: null is empty, dynamic values are JSON. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
