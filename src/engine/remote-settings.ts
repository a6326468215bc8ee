import { sharedSettings } from './settings.ts'

/** What the profile of a user elsewhere must not change: it could cut an answer short in silence, or give another. */
const meanings = {
  session_timezone: 'UTC',
  use_query_cache: 0,
  join_use_nulls: 0,
  group_by_use_nulls: 0,
  aggregate_functions_null_for_empty: 0,
  transform_null_in: 0,
  cast_keep_nullable: 0,
  join_default_strictness: 'ALL',
  limit: 0,
  offset: 0,
  timeout_overflow_mode: 'throw',
  result_overflow_mode: 'throw',
  read_overflow_mode: 'throw',
  group_by_overflow_mode: 'throw',
  sort_overflow_mode: 'throw',
  distinct_overflow_mode: 'throw',
  join_overflow_mode: 'throw',
  set_overflow_mode: 'throw',
  transfer_overflow_mode: 'throw',
} as const

/** How statements run over several shards. */
const distribution = {
  // An answer without a shard would be wrong in silence.
  skip_unavailable_shards: 0,
  distributed_group_by_no_merge: 0,
  // Another shard's rows are asked once, and sent to all.
  distributed_product_mode: 'global',
  // An insert has ended when each row is on its shard, where its identity puts it.
  distributed_foreground_insert: 1,
  parallel_distributed_insert_select: 0,
  async_insert: 0,
  lightweight_deletes_sync: 2,
} as const

/** Settings of every statement on a server that is not ours. */
export const standingSettings = { ...sharedSettings, ...meanings, ...distribution } as const

/** Settings where shards have replicas: what one has taken, the next question to another must see; and what was undone may come again as it was. */
export const replicaSettings = {
  insert_quorum: 'auto',
  insert_quorum_parallel: 0,
  select_sequential_consistency: 1,
  insert_deduplicate: 0,
} as const

/** Settings of questions there: nothing is written, and a client that goes away ends its query. */
export const readerGuards = { readonly: 2, cancel_http_readonly_queries_on_client_close: 1 } as const
