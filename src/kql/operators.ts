import type { Operator, Operators, Splitter } from './operator.ts'
import { as } from './operators/as.ts'
import { count } from './operators/count.ts'
import { datatable } from './operators/datatable.ts'
import { distinct } from './operators/distinct.ts'
import { evaluate } from './operators/evaluate.ts'
import { extend } from './operators/extend.ts'
import { externaldata } from './operators/externaldata.ts'
import { facet } from './operators/facet.ts'
import { find } from './operators/find.ts'
import { fork } from './operators/fork.ts'
import { getschema } from './operators/getschema.ts'
import { graphEdges } from './operators/graph-edges.ts'
import { graphMarkComponents } from './operators/graph-mark-components.ts'
import { graphMatch } from './operators/graph-match.ts'
import { graphToTable } from './operators/graph-to-table.ts'
import { invoke } from './operators/invoke.ts'
import { join, lookup } from './operators/join.ts'
import { makeGraph } from './operators/make-graph.ts'
import { makeSeries } from './operators/make-series.ts'
import { mvExpand } from './operators/mv-expand.ts'
import { context } from './operators/context.ts'
import { mvApply } from './operators/mv-apply.ts'
import { parseKv } from './operators/parse-kv.ts'
import { partition } from './operators/partition.ts'
import { parse, parseWhere } from './operators/parse.ts'
import { print } from './operators/print.ts'
import { project, projectAway, projectKeep, projectRename, projectReorder } from './operators/project.ts'
import { range } from './operators/range.ts'
import { render } from './operators/render.ts'
import { sample, sampleDistinct } from './operators/sample.ts'
import { scan } from './operators/scan.ts'
import { search } from './operators/search.ts'
import { serialize } from './operators/serialize.ts'
import { sort } from './operators/sort.ts'
import { summarize } from './operators/summarize.ts'
import { table } from './operators/table.ts'
import { take } from './operators/take.ts'
import { top } from './operators/top.ts'
import { topHitters } from './operators/top-hitters.ts'
import { topNested } from './operators/top-nested.ts'
import { union } from './operators/union.ts'
import { where } from './operators/where.ts'

/** All tabular operators. A new one is a file in `operators/` and a line here. */
export const operators: readonly Operator[] = [
  as,
  count,
  datatable,
  distinct,
  evaluate,
  extend,
  externaldata,
  find,
  getschema,
  graphEdges,
  graphMarkComponents,
  graphMatch,
  graphToTable,
  invoke,
  join,
  lookup,
  makeGraph,
  makeSeries,
  context,
  mvApply,
  mvExpand,
  parse,
  parseWhere,
  parseKv,
  partition,
  print,
  project,
  projectAway,
  projectKeep,
  projectRename,
  projectReorder,
  range,
  render,
  sample,
  sampleDistinct,
  scan,
  search,
  serialize,
  sort,
  summarize,
  table,
  take,
  top,
  topHitters,
  topNested,
  union,
  where,
]

/** Operators that give several tables. */
export const splitters: readonly Splitter[] = [facet, fork]

const byKind = new Map(operators.map((definition) => [definition.kind, definition]))
const bySyntax = new Map(
  operators.flatMap((definition) => definition.syntax.map((kind) => [kind, definition] as const)),
)
const splittersBySyntax = new Map(splitters.map((definition) => [definition.syntax, definition]))

/** The table by kind of plan node and by kind of the parser's node. */
export const operatorTable: Operators = {
  byKind: (kind) => {
    const found = byKind.get(kind)
    if (!found) throw new Error(`no operator ${kind}`)
    return found
  },
  forSyntax: (syntax) => bySyntax.get(syntax),
  splitterFor: (syntax) => splittersBySyntax.get(syntax),
}
