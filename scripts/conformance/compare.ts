/**
 * Compares rows strictly: null is not '', 64-bit integers are exact, reals agree to 1e-9, bags and sets have no
 * order. Gives what differs, or nothing.
 */
export function compareRows(
  expected: readonly (readonly unknown[])[],
  actual: readonly (readonly unknown[])[],
  types: readonly string[],
  ordered: boolean,
  sets: boolean,
): string | undefined {
  if (expected.length !== actual.length) {
    return `${actual.length} rows instead of ${expected.length}: ${JSON.stringify(actual).slice(0, 400)}`
  }
  const rest = [...actual]
  for (const [index, row] of expected.entries()) {
    const at = ordered ? 0 : rest.findIndex((candidate) => sameRow(row, candidate, types, sets))
    const found = rest[at]
    if (found === undefined || !sameRow(row, found, types, sets)) {
      return `row ${index}: ${JSON.stringify(found ?? actual[index] ?? null)} instead of ${JSON.stringify(row)}`
    }
    rest.splice(at, 1)
  }
  return undefined
}

function sameRow(
  expected: readonly unknown[],
  actual: readonly unknown[],
  types: readonly string[],
  sets: boolean,
): boolean {
  return (
    expected.length === actual.length &&
    expected.every((cell, index) => sameCell(cell, actual[index], types[index] ?? '', sets))
  )
}

function sameCell(expected: unknown, actual: unknown, type: string, sets: boolean): boolean {
  if (type === 'dynamic') {
    return (
      sameJson(expected, actual, sets) ||
      (typeof expected === 'string' && sameJson(readJson(expected), actual, sets))
    )
  }
  if (expected === null || actual === null) return expected === actual
  if (type === 'datetime') return datetime(expected) === datetime(actual)
  if (type === 'timespan') return timespan(expected) === timespan(actual)
  if (type === 'bool') return Boolean(expected) === actual
  if (type === 'real' || type === 'decimal') return sameReal(Number(expected), Number(actual))
  return printed(expected) === printed(actual) || sameLongReal(printed(expected), printed(actual))
}

function printed(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The real engine prints the last of 17 digits in its own way. */
function sameLongReal(expected: string, actual: string): boolean {
  return (
    /^-?\d+\.\d{15,}$/.test(expected) &&
    /^-?\d+\.\d+$/.test(actual) &&
    sameReal(Number(expected), Number(actual))
  )
}

function sameReal(expected: number, actual: number): boolean {
  if (Number.isNaN(expected) || Number.isNaN(actual)) return Number.isNaN(expected) && Number.isNaN(actual)
  return (
    expected === actual ||
    Math.abs(expected - actual) <= 1e-9 * Math.max(Math.abs(expected), Math.abs(actual), 1)
  )
}

function sameJson(expected: unknown, actual: unknown, sets: boolean): boolean {
  if (expected === actual) return true
  if (typeof expected === 'number' && typeof actual === 'number') return sameReal(expected, actual)
  if (typeof expected === 'string' && typeof actual === 'string') return sameText(expected, actual)
  if (Array.isArray(expected) && Array.isArray(actual)) {
    return (
      expected.length === actual.length &&
      (sameItems(expected, actual, sets) || (sets && sameSet(expected, actual)))
    )
  }
  if (!isBag(expected) || !isBag(actual)) return false
  const keys = Object.keys(expected)
  return (
    keys.length === Object.keys(actual).length &&
    keys.every((key) => key in actual && sameJson(expected[key], actual[key], sets))
  )
}

function sameItems(expected: readonly unknown[], actual: readonly unknown[], sets: boolean): boolean {
  return expected.every((item, index) => sameJson(item, actual[index], sets))
}

function sameSet(expected: readonly unknown[], actual: readonly unknown[]): boolean {
  const rest = [...actual]
  return expected.every((item) => {
    const at = rest.findIndex((candidate) => sameJson(item, candidate, true))
    if (at >= 0) rest.splice(at, 1)
    return at >= 0
  })
}

/** Datetimes inside dynamics are printed with more or fewer digits. */
function sameText(expected: string, actual: string): boolean {
  return datetime(expected) === datetime(actual)
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function isBag(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function datetime(value: unknown): string {
  return printed(value).replace(
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7}))?Z$/,
    (_all, clock: string, fraction = '') => `${clock}.${String(fraction).padEnd(7, '0')}`,
  )
}

function timespan(value: unknown): string {
  return printed(value)
    .replace(/\.(\d{1,7})$/, (_all, fraction: string) => `.${fraction.padEnd(7, '0')}`)
    .replace(/\.0000000$/, '')
}
