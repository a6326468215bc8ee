const detection = 'how Kusto detects a period and scores it is not documented exactly'
const segments = 'which splits Kusto tries is not documented exactly'

/** Functions that are known and not translated, and why. */
export const refusedFunctions: ReadonlyMap<string, string> = new Map([
  ['buildschema', 'the order of the types in its result is not documented'],
  ['series_periods_detect', detection],
  ['series_periods_validate', detection],
  ['series_fit_2lines', segments],
  ['series_fit_2lines_dynamic', segments],
])
