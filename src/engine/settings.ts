/** Settings that every statement of ours runs with, on the private engine and on a cluster. */
export const resultSettings = {
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_denormals: 1,
  output_format_json_quote_decimals: 1,
  output_format_json_escape_forward_slashes: 0,
  // The engine would lose the rows whose condition is null, and move sums past the limits of their type.
  optimize_rewrite_aggregate_function_with_if: 0,
  optimize_rewrite_sum_if_to_count_if: 0,
  optimize_arithmetic_operations_in_aggregate_functions: 0,
} as const

// A person who reads a result page by page, or a slow disk, is no reason to end a statement; a closed socket is.
const socketTimeoutSeconds = 86_400

/** Settings of every user's profile. */
export const sharedSettings = {
  http_send_timeout: socketTimeoutSeconds,
  http_receive_timeout: socketTimeoutSeconds,
  max_query_size: 1 << 24,
} as const

/** What the reader's profile holds fast, and what a query may change without bounds. */
export const readerSettings = {
  fixed: {
    ...resultSettings,
    ...sharedSettings,
    cancel_http_readonly_queries_on_client_close: 1,
    allow_ddl: 0,
    allow_introspection_functions: 0,
    timeout_overflow_mode: 'throw',
    result_overflow_mode: 'throw',
  },
  free: [
    'aggregate_functions_null_for_empty',
    'cast_keep_nullable',
    'join_use_nulls',
    'group_by_use_nulls',
    'transform_null_in',
    'max_block_size',
    'join_algorithm',
    'optimize_read_in_order',
    'compile_expressions',
  ],
} as const

export interface ReaderLimit {
  readonly name: string
  readonly initial: number
  /** Above 0, because 0 means no limit. */
  readonly min: number
  readonly max: number
}

const day = 86_400
const noBound = 1_000_000_000_000_000

/** The limits that a query of the reader may set within bounds. */
export function readerLimits(sizes: {
  readonly memoryLimitBytes: number
  readonly threads: number
}): readonly ReaderLimit[] {
  const memory = Math.floor(sizes.memoryLimitBytes * 0.9)
  return [
    { name: 'max_execution_time', initial: 3600, min: 0.001, max: day },
    { name: 'max_memory_usage', initial: memory, min: 1, max: memory },
    { name: 'max_result_rows', initial: noBound, min: 1, max: noBound },
    { name: 'max_result_bytes', initial: noBound, min: 1, max: noBound },
  ]
}
