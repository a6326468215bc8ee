import type { AzimuthError } from '../error.ts'

const limitOptions: ReadonlyMap<string, string> = new Map([
  ['limit-time', '--max-time'],
  ['limit-memory', '--max-memory'],
  ['limit-rows', '--max-rows'],
])

/** The hint of an error, with the option that would have let the question go on. */
export function hintOf({ code, message, hint }: AzimuthError): string | undefined {
  const isBytes = code === 'limit-rows' && /max bytes/i.test(message)
  const option = isBytes ? '--max-result-bytes' : limitOptions.get(code)
  if (option === undefined || hint === undefined) return hint
  return isBytes ? `take fewer rows or columns, or raise the limit: ${option}` : `${hint}: ${option}`
}
