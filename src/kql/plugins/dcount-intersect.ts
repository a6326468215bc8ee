import { call } from '../../sql/node.ts'
import { hashesOf } from '../functions/sketches.ts'
import { columnsFrom, plugin, type EvaluateNode } from '../plugin.ts'
import { innerScope } from '../relation.ts'
import { replaceRelation } from './replace.ts'

interface DcountIntersectNode extends EvaluateNode {
  readonly hlls: readonly string[]
}

export const dcountIntersect = plugin<DcountIntersectNode>({
  name: 'dcount_intersect',
  doc: 'Distinct values of the first hll, of the first two together, and so on; counted exactly.',
  example: {
    query:
      'range x from 1 to 10 step 1 | summarize a = hll(x), b = hll(x * 2) | evaluate dcount_intersect(a, b) | project s0, s1',
    rows: [[10, 5]],
  },
  plan: (call, planner) => {
    const hlls = columnsFrom(call, 0, planner)
    if (hlls.length < 2) planner.refuse('bad-argument', 'dcount_intersect takes 2 to 16 hlls', call.node)
    return {
      kind: 'evaluate',
      plugin: 'dcount_intersect',
      input: call.input,
      hlls,
      columns: planner.columns(call.node),
      place: planner.place(call.node),
    }
  },
  emit: (node, emitter) => {
    const base = emitter.bracket(emitter.relation(node.input))
    const scope = innerScope(base)
    const sets = node.hlls.map((name) => hashesOf(scope(name).sql))
    const computed = sets.map((_set, index) => {
      const common = sets
        .slice(1, index + 1)
        .reduce((left, right) => call('arrayIntersect', left, right), sets[0] ?? call('array'))
      return { name: `s${index}`, type: 'long' as const, sql: call('toInt64', call('length', common)) }
    })
    return replaceRelation(base, node.columns, computed, emitter)
  },
})
