import { aggregate, call, column, integer, lambda, type Select, type SqlExpression } from '../../sql/node.ts'
import type { Emitter } from '../emitter.ts'
import { graphOf, idColumn, propertiesOf, type GraphNode } from '../graph/graph.ts'
import { columnNamed, joined, projected, renamed } from '../graph/steps.ts'
import { operator } from '../operator.ts'
import { child, childItems, nameOf } from '../parser/tree.ts'
import type { Column, PlanNode } from '../plan.ts'
import { passThrough } from '../planner.ts'
import { innerScope, physicalName, type Relation } from '../relation.ts'
import { ordered } from './summarize.ts'

/** A row for each node: its id, and the number of its component. */
interface ComponentsNode extends PlanNode {
  readonly kind: 'graph-mark-components'
  readonly edges: PlanNode
  readonly source: Column
  readonly target: Column
  readonly nodes: PlanNode
}

const ownId = '\u0000component of'
/** The labels of all nodes are looked at for each edge. */
const most = 20_000_000

export const graphMarkComponents = operator<ComponentsNode>({
  kind: 'graph-mark-components',
  syntax: ['GraphMarkComponentsOperator'],
  doc: 'Numbers the components of a graph, whatever the direction of its edges, from 0 in the order of their edges.',
  example: {
    query: `datatable(a: string, b: string)["x", "y", "v", "w", "z", "y"] | make-graph a --> b with_node_id=id
      | graph-mark-components with_component_id=part | graph-to-table nodes | sort by id asc`,
    rows: [
      ['v', 1],
      ['w', 1],
      ['x', 0],
      ['y', 0],
      ['z', 0],
    ],
  },
  plan: (node, input, planner): GraphNode => {
    const graph = graphOf(input, node, planner)
    const place = planner.place(node)
    const parameters = new Map(
      childItems(node, 'Parameters').map((item) => [nameOf(child(item, 'Name')), child(item, 'Expression')]),
    )
    const kind = parameters.get('kind')
    if (kind && nameOf(kind) !== 'weak')
      planner.refuse('unsupported-argument', 'components other than weak ones', kind)
    const named = parameters.get('with_component_id')
    const component: Column = { name: named ? nameOf(named) : 'ComponentId', type: 'long' }
    const { edges, source, target, nodes } = graph
    const id: Column = { name: idColumn, type: source.type }
    const columns = [{ ...id, name: ownId }, component]
    const components: ComponentsNode = {
      kind: 'graph-mark-components',
      edges,
      source,
      target,
      nodes,
      columns,
      place,
    }
    const others = renamed(nodes, (name) => name, place)
    const marked = joined(others, components, [{ left: idColumn, right: ownId }], 'inner', place)
    const properties = propertiesOf(graph).filter(({ name }) => name !== component.name)
    const items = passThrough([id, ...properties], place)
    const number = { name: component.name, expression: columnNamed(component, place) }
    return { ...graph, nodes: projected(marked, [...items, number], place), place }
  },
  emit: emitComponents,
})

/** Each edge gives the nodes with the greater of the labels of its ends the lesser one. */
function emitComponents(node: ComponentsNode, emitter: Emitter): Relation {
  const edges = emitter.bracket(ordered(emitter.relation(node.edges), emitter))
  const nodes = emitter.bracket(emitter.relation(node.nodes))
  const scope = innerScope(edges)
  const texts = (name: string): SqlExpression => call('ifNull', call('toString', scope(name).sql), '')
  const listed: Select = {
    columns: [
      { name: 'sources', expression: aggregate('groupArray', [texts(node.source.name)]) },
      { name: 'targets', expression: aggregate('groupArray', [texts(node.target.name)]) },
    ],
    from: edges.select.from,
  }
  const alias = emitter.alias()
  const [sources, targets] = [column('sources', alias), column('targets', alias)]
  const ids = call(
    'arrayDistinct',
    call(
      'arrayFlatten',
      call(
        'arrayMap',
        lambda(['s', 't'], (s, t) => call('array', s, t)),
        sources,
        targets,
      ),
    ),
  )
  const size = call('multiply', call('length', ids), call('length', sources))
  const tooMany = call(
    'throwIf',
    call('greater', size, most),
    'graph-mark-components: the graph is too large',
  )
  const step = lambda(['labels', 'i', 'j'], (labels, i, j) => {
    const [a, b] = [call('arrayElement', labels, i), call('arrayElement', labels, j)]
    const relabelled = lambda(['x'], (x) =>
      call('if', call('equals', x, call('greatest', a, b)), call('least', a, b), x),
    )
    return call('if', call('equals', a, b), labels, call('arrayMap', relabelled, labels))
  })
  const placed: Select = {
    columns: [
      { name: 'ids', expression: ids },
      { name: 'is', expression: places(sources, ids) },
      { name: 'js', expression: places(targets, ids) },
    ],
    from: { kind: 'select', select: listed, alias },
    where: call('equals', tooMany, 0),
  }
  const outer = emitter.alias()
  const folded: Select = {
    columns: [
      { name: 'ids', expression: column('ids', outer) },
      {
        name: 'labels',
        expression: call(
          'arrayFold',
          step,
          column('is', outer),
          column('js', outer),
          call(
            'arrayMap',
            lambda(['x'], (x) => call('toUInt64', x)),
            call('arrayEnumerate', column('ids', outer)),
          ),
        ),
      },
    ],
    from: { kind: 'select', select: placed, alias: outer },
  }
  return numbered(node, folded, nodes, emitter)
}

function places(values: SqlExpression, ids: SqlExpression): SqlExpression {
  const found = lambda(['x'], (x) => call('toUInt64', call('indexOf', ids, x)))
  return call('arrayMap', found, values)
}

/** Nodes of edges have the number of their label; each other node is a component of its own. */
function numbered(node: ComponentsNode, folded: Select, nodes: Relation, emitter: Emitter): Relation {
  const value = (name: string): SqlExpression => {
    const alias = emitter.alias()
    const columns = [{ name, expression: column(name, alias) }]
    return { kind: 'scalar', select: { columns, from: { kind: 'select', select: folded, alias } } }
  }
  const id = innerScope(nodes)(idColumn).sql
  const [ids, labels] = [value('ids'), value('labels')]
  const place = call('indexOf', ids, call('ifNull', call('toString', id), ''))
  const distinct = call('arrayDistinct', labels)
  const known = call('indexOf', distinct, call('arrayElement', labels, place))
  const [own, component] = node.columns
  if (!own || !component) throw new Error('components have two columns')
  const isolated: SqlExpression = {
    kind: 'window',
    call: aggregate('sum', [call('equals', place, 0)]),
    window: {
      partitionBy: [],
      orderBy: [{ expression: id, descending: false, nullsFirst: true }],
      rows: ['unbounded preceding', 'current row'],
    },
  }
  const number = call('if', call('equals', place, 0), call('plus', call('length', distinct), isolated), known)
  return emitter.bracket({
    select: {
      columns: [
        { name: physicalName(own.name), expression: id },
        {
          name: physicalName(component.name),
          expression: call('toInt64', call('minus', number, integer(1))),
        },
      ],
      from: nodes.select.from,
    },
    columns: node.columns.map((item) => ({ ...item, physical: physicalName(item.name) })),
    order: [],
    sealed: true,
  })
}
