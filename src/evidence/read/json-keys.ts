/** What documents the splitter met. */
export type DocumentKind = 'records' | 'value' | 'tables' | 'array' | 'object'

/** Keys whose array holds the records of a document. */
export const listKeys: ReadonlyMap<string, DocumentKind> = new Map([
  ['records', 'records'],
  ['Records', 'records'],
  ['value', 'value'],
  ['Value', 'value'],
  ['results', 'value'],
  ['Results', 'value'],
  ['tables', 'tables'],
  ['Tables', 'tables'],
])

/** Keys that may stand before such an array; any other makes the object a record. */
const wrapperKeys: ReadonlySet<string> = new Set(
  'nextLink @nextLink count totalCount cost timespan interval namespace resourceregion Stats Schema stats schema statistics render error'.split(
    ' ',
  ),
)

/** Whether a key may stand before the list of a document, as `nextLink` may. */
export function isWrapperKey(key: string): boolean {
  return wrapperKeys.has(key) || /^@?odata\./u.test(key)
}

/** First keys that tell a record where no whole one has been read yet. */
export const usualFirstKeys: ReadonlySet<string> = new Set(
  'time Time category resourceId TimeGenerated createdDateTime eventTimestamp CreationDate'.split(' '),
)
