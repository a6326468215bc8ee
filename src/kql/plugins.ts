import type { Plugin } from './plugin.ts'
import { activeUsersCount, activityCountsMetrics, slidingWindowCounts } from './plugins/activity.ts'
import { activityEngagement, activityMetrics } from './plugins/activity-rates.ts'
import { bagUnpack } from './plugins/bag-unpack.ts'
import { dcountIntersect } from './plugins/dcount-intersect.ts'
import { funnelSequenceCompletion } from './plugins/funnel.ts'
import { ipv4Lookup, ipv6Lookup } from './plugins/ip-lookup.ts'
import { narrow } from './plugins/narrow.ts'
import { newActivityMetrics } from './plugins/new-activity.ts'
import { autocluster, basket, diffpatterns } from './plugins/pattern-plugins.ts'
import { pivot } from './plugins/pivot.ts'
import { rollingPercentile } from './plugins/rolling-percentile.ts'
import { sequenceDetect } from './plugins/sequence-detect.ts'
import { sessionCount } from './plugins/session-count.ts'
import { schemaMerge } from './plugins/schema-merge.ts'

/** All plugins of `evaluate`. A new one is a file in `plugins/` and a line here. */
export const plugins: readonly Plugin[] = [
  activeUsersCount,
  activityCountsMetrics,
  activityEngagement,
  activityMetrics,
  autocluster,
  bagUnpack,
  basket,
  dcountIntersect,
  diffpatterns,
  funnelSequenceCompletion,
  ipv4Lookup,
  ipv6Lookup,
  narrow,
  newActivityMetrics,
  pivot,
  rollingPercentile,
  schemaMerge,
  sequenceDetect,
  sessionCount,
  slidingWindowCounts,
]

const network = 'nothing here reaches the network'
const code = 'no other language runs here'

/** Plugins that are not translated, and why. */
export const refusedPlugins: ReadonlyMap<string, string> = new Map([
  [
    'funnel_sequence',
    'which rows count as before and after a sequence is not documented; scan follows sequences exactly',
  ],
  ['infer_storage_schema', network],
  ['http_request', network],
  ['http_request_post', network],
  ['cosmosdb_sql_request', network],
  ['sql_request', network],
  ['mysql_request', network],
  ['postgresql_request', network],
  ['azure_digital_twins_query_request', network],
  ['ai_embeddings', network],
  ['ai_embed_text', network],
  ['ai_chat_completion', network],
  ['ai_chat_completion_prompt', network],
  ['python', code],
  ['r', code],
  ['csharp', code],
])

const byName = new Map(plugins.map((definition) => [definition.name, definition]))

export function pluginByName(name: string): Plugin | undefined {
  return byName.get(name)
}
