import { operator, required } from '../operator.ts'
import { readCall, type EvaluateNode } from '../plugin.ts'
import { pluginByName, refusedPlugins } from '../plugins.ts'

export const evaluate = operator<EvaluateNode>({
  kind: 'evaluate',
  syntax: ['EvaluateOperator'],
  doc: 'Calls a plugin.',
  example: {
    query:
      'datatable(n: long, d: dynamic)[1, dynamic({"a": "x"})] | evaluate bag_unpack(d) : (n: long, a: string)',
    rows: [[1, 'x']],
  },
  plan: (node, input, planner) => {
    const call = readCall(node, required(input), planner)
    const found = pluginByName(call.name)
    if (found?.approximate !== undefined)
      planner.warn('approximate', `${call.name}: ${found.approximate}`, node)
    if (found) return found.plan(call, planner)
    const reason = refusedPlugins.get(call.name)
    return planner.refuse(
      'unsupported-plugin',
      `the plugin ${call.name} is not supported${reason === undefined ? '' : `: ${reason}`}`,
      node,
    )
  },
  emit: (node, emitter) => {
    const found = pluginByName(node.plugin)
    if (!found) throw new Error(`no plugin ${node.plugin}`)
    return found.emit(node, emitter)
  },
})
