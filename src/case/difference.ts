import type { KqlType } from '../tables/types.ts'

/** What layouts word in their own ways: compared only between two sightings of the same layout. */
const wordedColumns: ReadonlySet<string> = new Set([
  ...[
    'OperationName',
    'OperationNameValue',
    'OperationVersion',
    'Resource',
    'ResourceProvider',
    'ResourceProviderValue',
  ],
  ...[
    'ResourceGroup',
    'ResourceType',
    'Level',
    'Category',
    'CategoryValue',
    'Properties',
    'Properties_d',
    'HTTPRequest',
  ],
  ...[
    'ActivityStatus',
    'ActivityStatusValue',
    'ActivitySubstatus',
    'ActivitySubstatusValue',
    'EventSubmissionTimestamp',
  ],
  ...['SchemaVersion', 'StatusText', 'ResultDescription', 'ResultSignature', 'Location', 'Identity'],
  ...['ProductName', 'ProviderName', 'VendorName', 'Status', 'AlertName', 'DisplayName', 'Description'],
  ...['ExtendedProperties', 'Entities', 'AuthenticationDetails', 'TimeGenerated'],
])

/** Columns that tell of the way a record came, not of the event. */
const carrierColumns: ReadonlySet<string> = new Set([
  'TenantId',
  'SourceSystem',
  'Type',
  '_BilledSize',
  '_IsBillable',
])

export interface ComparedValue {
  readonly column: string
  readonly type: KqlType
  readonly kept: string
  readonly other: string
  readonly sameLayout: boolean
}

/**
 * Whether two sightings of an event tell a column differently. Letter case, punctuation and precision are no difference;
 * of two JSON values only what both have is compared; a missing value contradicts nothing.
 */
export function differs({ column, type, kept, other, sameLayout }: ComparedValue): boolean {
  if (kept === '' || other === '' || kept === other || carrierColumns.has(column)) return false
  if (!sameLayout && wordedColumns.has(column)) return false
  if (type === 'datetime') return !agreeInTime(kept, other)
  const [one, two] = [parseContainer(kept), parseContainer(other)]
  if (one !== undefined && two !== undefined) return contradicts(one, two)
  return plain(kept) !== plain(other)
}

/** The same to the precision of the coarser: `…:22.2434678` and `…:22.0000000`. */
function agreeInTime(one: string, two: string): boolean {
  const isWhole = (text: string): boolean => /\.0*$/.test(text)
  const [left, right] = [one, two].map((text) => text.replace(/\.\d*$/, ''))
  return (isWhole(one) || isWhole(two)) && left === right
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '')
}

function parseContainer(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function contradicts(one: unknown, two: unknown): boolean {
  if (isEmpty(one) || isEmpty(two)) return false
  if (typeof one !== 'object' || typeof two !== 'object' || one === null || two === null) {
    return plain(String(one)) !== plain(String(two))
  }
  const others = new Map(Object.entries(two).map(([key, value]) => [plain(key), value as unknown]))
  return Object.entries(one).some(([key, value]) => contradicts(value, others.get(plain(key))))
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}
