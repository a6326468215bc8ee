/** Why an operator of Kusto's is not offered, and what to write instead. */
export interface RefusedOperator {
  readonly name: string
  readonly why: string
  readonly hint?: string
}

const others: Readonly<Record<string, RefusedOperator>> = {
  GraphShortestPathsOperator: {
    name: 'graph-shortest-paths',
    why: 'of several shortest paths Kusto takes any',
    hint: 'graph-match with an edge such as -[e*1..5]->, then arg_min(array_length(…), *) by both ends',
  },
  GraphWhereNodesOperator: {
    name: 'graph-where-nodes',
    why: 'graphs are not filtered',
    hint: 'filter the tables that make-graph is given',
  },
  GraphWhereEdgesOperator: {
    name: 'graph-where-edges',
    why: 'graphs are not filtered',
    hint: 'filter the edges before make-graph',
  },
  ReduceByOperator: {
    name: 'reduce',
    why: 'its patterns depend on how Kusto clusters texts, which is not published',
    hint: 'mask what varies with replace_regex, then `summarize count(), take_any(…) by`',
  },
  ConsumeOperator: { name: 'consume', why: 'it gives no rows' },
  MacroExpandOperator: {
    name: 'macro-expand',
    why: 'there is one database only',
    hint: 'name the tables in a union',
  },
  ExecuteAndCacheOperator: { name: 'execute-and-cache', why: 'nothing is cached between queries' },
}

/** What to say of an operator that is known and refused. */
export function refusedOperator(syntax: string): RefusedOperator | undefined {
  return others[syntax]
}
