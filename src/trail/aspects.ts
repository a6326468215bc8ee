/** What logs can be summed up by. */
export const summaryAspects = [
  'identity',
  'ip',
  'app',
  'account',
  'vault',
  'vm',
  'device',
  'browser',
  'location',
  'ca-policy',
] as const

export type SummaryAspect = (typeof summaryAspects)[number]
