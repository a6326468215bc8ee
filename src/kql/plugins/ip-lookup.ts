import {
  aggregate,
  and,
  bound,
  call,
  column,
  lambda,
  when,
  type Select,
  type SelectColumn,
  type SqlExpression,
} from '../../sql/node.ts'
import type { Emitter } from '../emitter.ts'
import { isTabular, nameOf } from '../parser/tree.ts'
import { argumentOf, columnOf, plugin, type EvaluateNode, type Plugin, type PluginCall } from '../plugin.ts'
import type { Column, PlanNode } from '../plan.ts'
import type { Planner } from '../planner.ts'
import {
  innerScope,
  naturalOrder,
  naturalOrders,
  physicalName,
  type Relation,
  type RelationColumn,
} from '../relation.ts'
import { isText } from '../types.ts'

interface IpLookupNode extends EvaluateNode {
  readonly plugin: 'ipv4_lookup' | 'ipv6_lookup'
  readonly lookup: PlanNode
  readonly address: string
  readonly network: string
  readonly keepsUnmatched: boolean
}

/** The address of a text such as `10.0.0.0/8`, as bits, and the length of its prefix. */
interface Family {
  readonly bits: number
  readonly number: (address: SqlExpression) => SqlExpression
  readonly prefix: (address: SqlExpression, length: SqlExpression) => SqlExpression
}

const families: Readonly<Record<IpLookupNode['plugin'], Family>> = {
  ipv4_lookup: {
    bits: 32,
    number: (address) => call('toUInt128', call('assumeNotNull', call('IPv4StringToNumOrNull', address))),
    prefix: (_address, length) => length,
  },
  ipv6_lookup: {
    bits: 128,
    number: (address) =>
      call(
        'reinterpret',
        call('reverse', call('assumeNotNull', call('IPv6StringToNumOrNull', address))),
        'UInt128',
      ),
    // An IPv4 address is the end of an IPv6 one.
    prefix: (address, length) =>
      when(call('equals', call('position', address, ':'), 0), call('plus', length, 96), length),
  },
}

/** Length of the prefix that stands for a row without any network. */
const unmatched = 255

function ipLookup(name: IpLookupNode['plugin'], example: Plugin['example']): Plugin {
  return plugin<IpLookupNode>({
    name,
    doc: `Adds the rows of a table whose ${name.slice(0, 4).replace('ip', 'IP')} network holds the address.`,
    example,
    plan: (call, planner) => planLookup(name, call, planner),
    emit: emitLookup,
  })
}

function planLookup(name: IpLookupNode['plugin'], invocation: PluginCall, planner: Planner): IpLookupNode {
  const { node, input, args, named } = invocation
  const table = argumentOf(invocation, 0, planner)
  if (!isTabular(table))
    return planner.refuse('bad-argument', `the first argument of ${name} must be a table`, table)
  const lookup = planner.tabular(table)
  const address = columnOf(invocation, 1, planner)
  const network = nameOf(argumentOf(invocation, 2, planner))
  if (!lookup.columns.some((item) => item.name === network)) {
    planner.refuse(
      'bad-argument',
      `the lookup table has no column ${network}`,
      argumentOf(invocation, 2, planner),
    )
  }
  const keys = [
    input.columns.find((item) => item.name === address),
    lookup.columns.find((item) => item.name === network),
  ]
  if (keys.some((item) => item?.type !== 'string'))
    planner.refuse('bad-argument', `the keys of ${name} must be texts`, node)
  const option = named.get('return_unmatched') ?? args[3]
  const kept = option ? planner.scalar(option) : undefined
  if (args.length > 4 || (kept && (kept.kind !== 'literal' || typeof kept.value !== 'boolean'))) {
    planner.refuse(
      'unsupported-argument',
      `${name} takes a table, two keys and return_unmatched here`,
      node,
      'join extra keys afterwards',
    )
  }
  return {
    kind: 'evaluate',
    plugin: name,
    input,
    lookup,
    address,
    network,
    keepsUnmatched: kept?.kind === 'literal' && kept.value === true,
    columns: lookupColumns(name, input, lookup, invocation, planner),
    place: planner.place(node),
  }
}

/** The engine puts the table's columns first for IPv6, unlike the binder. */
function lookupColumns(
  name: IpLookupNode['plugin'],
  input: PlanNode,
  lookup: PlanNode,
  { node, declared }: PluginCall,
  planner: Planner,
): readonly Column[] {
  const columns = planner.columns(node)
  if (declared || columns.length !== input.columns.length + lookup.columns.length) {
    return planner.refuse('unsupported-argument', `${name} with declared columns is not supported`, node)
  }
  if (name === 'ipv4_lookup') return columns
  const known = new Set(input.columns.map((item) => item.name))
  const clash = lookup.columns.find((item) => known.has(item.name))
  if (clash)
    planner.refuse(
      'unsupported-argument',
      `both tables have a column ${clash.name}`,
      node,
      'rename one of them',
    )
  return [...lookup.columns, ...input.columns]
}

function emitLookup(node: IpLookupNode, emitter: Emitter): Relation {
  const family = families[node.plugin]
  const names = { size: emitter.hidden('row'), prefix: emitter.hidden('row') }
  const networks = networkRows(node, family, names, emitter)
  const lengths: SqlExpression = {
    kind: 'scalar',
    select: {
      columns: [{ name: 'lengths', expression: aggregate('groupUniqArray', [column(names.size, 'n')]) }],
      from: { kind: 'select', select: networks.select, alias: 'n' },
    },
  }
  const rows = addressRows(node, family, names, lengths, networks, emitter)
  const [left, right] = [emitter.alias(), emitter.alias()]
  const columns: RelationColumn[] = []
  const selected: SelectColumn[] = []
  const ofInput = rows.columns.map((item) => ({ item, alias: left }))
  const ofTable = networks.columns.map((item) => ({ item, alias: right }))
  const sources = node.plugin === 'ipv6_lookup' ? [...ofTable, ...ofInput] : [...ofInput, ...ofTable]
  for (const [index, { item, alias }] of sources.entries()) {
    const name = node.columns[index]?.name ?? item.name
    columns.push({
      ...item,
      name,
      physical: physicalName(name),
      ...(alias === right ? { nullable: true } : {}),
    })
    selected.push({ name: physicalName(name), expression: column(item.physical, alias) })
  }
  const order = rows.order.map(({ physical }) => {
    const place = emitter.hidden('row')
    selected.push({ name: place, expression: column(physical, left) })
    return naturalOrder(place)
  })
  const on = and(
    call('equals', column(names.size, left), column(names.size, right)),
    call('equals', column(names.prefix, left), column(names.prefix, right)),
  )
  return {
    select: {
      columns: selected,
      from: {
        kind: 'join',
        join: node.keepsUnmatched ? 'LEFT' : 'INNER',
        left: { kind: 'select', select: rows.select, alias: left },
        right: { kind: 'select', select: networks.select, alias: right },
        on,
      },
    },
    columns,
    order,
    sealed: false,
  }
}

interface PrefixNames {
  readonly size: string
  readonly prefix: string
}

/** The first bits of an address. */
function prefixOf(number: SqlExpression, size: SqlExpression, { bits }: Family): SqlExpression {
  const none = call('toUInt128', 0)
  return when(call('equals', size, 0), none, call('bitShiftRight', number, call('minus', bits, size)))
}

/** Address, and the length of the prefix after the slash or all bits; NULL where the text is no address. */
function parsed(
  value: SqlExpression,
  family: Family,
): { readonly address: SqlExpression; readonly size: SqlExpression } {
  const parts = call('splitByChar', '/', call('trimBoth', value))
  const address = call('arrayElement', parts, 1)
  const given = call('toUInt16OrNull', call('arrayElement', parts, 2))
  const size = when(
    call('equals', call('length', parts), 1),
    call('toUInt16', family.bits),
    family.prefix(address, given),
  )
  const isAddress = call(
    'isNotNull',
    call(family.bits === 32 ? 'IPv4StringToNumOrNull' : 'IPv6StringToNumOrNull', address),
  )
  const isFit = and(
    isAddress,
    call('lessOrEquals', call('length', parts), 2),
    call('ifNull', call('lessOrEquals', size, family.bits), 0),
  )
  return { address, size: when(isFit, size, { kind: 'null' }) }
}

/** A relation's rows with the number and the size of an address in them; rows without one have no size. */
function numbered(
  input: Relation,
  name: string,
  family: Family,
  names: PrefixNames,
  emitter: Emitter,
): Relation {
  const base = emitter.bracket(input)
  const order = naturalOrders(base)
  const kept = new Set([...base.columns, ...order].map(({ physical }) => physical))
  const { address, size } = parsed(innerScope(base)(name).sql, family)
  const select: Select = {
    ...base.select,
    columns: [
      ...base.select.columns.filter((item) => kept.has(item.name)),
      { name: names.size, expression: size },
      { name: names.prefix, expression: family.number(address) },
    ],
  }
  return emitter.bracket({ select, columns: base.columns, order, sealed: true })
}

function networkRows(node: IpLookupNode, family: Family, names: PrefixNames, emitter: Emitter): Relation {
  const base = numbered(emitter.relation(node.lookup), node.network, family, names, emitter)
  const at = hiddenOf(base)
  const length = call('assumeNotNull', at(names.size))
  const types = new Map(base.columns.map(({ physical, type }) => [physical, type]))
  const columns = base.select.columns.flatMap(({ name, expression }): SelectColumn[] => {
    const type = types.get(name)
    if (type === undefined) return []
    return [{ name, expression: isText(type) ? expression : call('toNullable', expression) }]
  })
  const prefix = prefixOf(at(names.prefix), length, family)
  const select: Select = {
    ...base.select,
    columns: [
      ...columns,
      { name: names.size, expression: length },
      { name: names.prefix, expression: prefix },
    ],
    where: call('isNotNull', at(names.size)),
  }
  return { select, columns: base.columns, order: [], sealed: true }
}

/** Each row once for each network that holds its address. */
function addressRows(
  node: IpLookupNode,
  family: Family,
  names: PrefixNames,
  lengths: SqlExpression,
  networks: Relation,
  emitter: Emitter,
): Relation {
  const base = numbered(emitter.relation(node.input), node.address, family, names, emitter)
  const at = hiddenOf(base)
  const known: Select = {
    columns: [names.size, names.prefix].map((name) => ({ name, expression: column(name, 'n') })),
    from: { kind: 'select', select: networks.select, alias: 'n' },
  }
  const length = emitter.hidden('row')
  const holding = call(
    'arrayFilter',
    lambda(['l'], (size): SqlExpression => {
      const pair = call('tuple', size, prefixOf(at(names.prefix), size, family))
      return and(call('ifNull', call('lessOrEquals', size, at(names.size)), 0), {
        kind: 'in',
        value: pair,
        select: known,
        negated: false,
      })
    }),
    // A constant would be filtered before the set is read.
    call('materialize', lengths),
  )
  const all = node.keepsUnmatched
    ? bound(holding, (sizes) =>
        when(call('empty', sizes), call('arrayResize', sizes, 1, call('toUInt16', unmatched)), sizes),
      )
    : holding
  const size = column(length)
  const own = new Set([names.size, names.prefix])
  const bits = call('least', size, family.bits)
  const prefix = when(
    call('equals', size, unmatched),
    call('toUInt128', 0),
    prefixOf(at(names.prefix), bits, family),
  )
  const select: Select = {
    ...base.select,
    columns: [
      ...base.select.columns.filter(({ name }) => !own.has(name)),
      { name: names.size, expression: size },
      { name: names.prefix, expression: prefix },
    ],
    arrayJoin: [{ name: length, expression: all }],
  }
  return { select, columns: base.columns, order: base.order, sealed: true }
}

function hiddenOf(base: Relation): (name: string) => SqlExpression {
  const alias = base.select.from.kind === 'select' ? base.select.from.alias : undefined
  return (name) => column(name, alias)
}

const networks = 'datatable(network: string, country: string)["10.0.0.0/8", "A", "10.1.0.0/16", "B"]'
const addresses = 'datatable(ip: string)["10.1.2.3", "192.168.0.1"]'

export const ipv4Lookup = ipLookup('ipv4_lookup', {
  query: `let N = ${networks}; ${addresses} | evaluate ipv4_lookup(N, ip, network, return_unmatched = true) | sort by country asc`,
  rows: [
    ['192.168.0.1', '', ''],
    ['10.1.2.3', '10.0.0.0/8', 'A'],
    ['10.1.2.3', '10.1.0.0/16', 'B'],
  ],
})

export const ipv6Lookup = ipLookup('ipv6_lookup', {
  query:
    'let N = datatable(network: string, n: long)["2001:db8::/32", 1]; print ip = "2001:db8::5" | evaluate ipv6_lookup(N, ip, network)',
  rows: [['2001:db8::/32', 1, '2001:db8::5']],
})
