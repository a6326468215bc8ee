/** Why an operator of Kusto's is not offered, and what to write instead. */
export interface RefusedOperator {
  readonly name: string
  readonly why: string
  readonly hint?: string
}

const graphHint = 'follow edges with joins, one for each hop'

/** By the parser's node kinds. */
const graphOperators: Readonly<Record<string, string>> = {
  MakeGraphOperator: 'make-graph',
  GraphMatchOperator: 'graph-match',
  GraphShortestPathsOperator: 'graph-shortest-paths',
  GraphMarkComponentsOperator: 'graph-mark-components',
  GraphToTableOperator: 'graph-to-table',
  GraphWhereNodesOperator: 'graph-where-nodes',
  GraphWhereEdgesOperator: 'graph-where-edges',
}

const others: Readonly<Record<string, RefusedOperator>> = {
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
  const graph = graphOperators[syntax]
  return graph === undefined
    ? others[syntax]
    : { name: graph, why: 'graphs are not supported', hint: graphHint }
}
