const detection = 'how Kusto detects a period and scores it is not documented exactly'
const segments = 'which splits Kusto tries is not documented exactly'
const combination = 'how Kusto makes one hash of several is not published'
const compression = 'what a compressor makes of a text is its own affair'

/** Functions that are known and not translated, and why. */
export const refusedFunctions: ReadonlyMap<string, string> = new Map([
  ['buildschema', 'the order of the types in its result is not documented'],
  ['gzip_compress_to_base64_string', compression],
  ['hash_combine', combination],
  ['hash_many', combination],
  ['parse_xml', 'the engine has nothing that reads nested XML; extract() reads a single value'],
  ['series_periods_detect', detection],
  ['series_periods_validate', detection],
  ['series_fit_2lines', segments],
  ['series_fit_2lines_dynamic', segments],
  ['zlib_compress_to_base64_string', compression],
])
