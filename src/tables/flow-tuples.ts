import { all, has, not, oneOf } from './condition.ts'
import { byHour, byTime, column, exactly, repeated, table } from './declare.ts'
import type { Column } from './types.ts'

/** A flow tuple's columns come from `flow-records.ts`, which takes the records apart; they are declared here. */
function flow(name: string, type: Column['type'], doc: string, repeats = false): Column {
  return { name, type, doc, repeats, from: {} }
}

export const flowTuples = table({
  name: 'FlowTuples',
  doc: 'One row a tuple of NSG flow logs (versions 1 and 2) and virtual network flow logs (version 4), as it was logged. Our own table.',
  columns: [
    repeated('TenantId', 'string', 'A GUID of the case.'),
    column(
      'TimeGenerated',
      'datetime',
      'Time of the tuple; logged in seconds (NSG) or milliseconds (virtual network).',
    ),
    repeated('Type', 'string', 'Name of this table.'),
    flow('RecordTime', 'datetime', 'Time of the record that the tuple stands in: when it was logged.'),
    flow('FlowLogVersion', 'int', '1 or 2 for NSG flow logs, 4 for virtual network flow logs.'),
    flow(
      'LogResourceId',
      'string',
      'The network security group, or the flow log of a virtual network.',
      true,
    ),
    flow(
      'TargetResourceId',
      'string',
      'What the flow log watches: a network, subnet or interface; empty in NSG flow logs.',
      true,
    ),
    flow('MacAddress', 'string', 'MAC address of the network interface that logged the tuple.', true),
    flow(
      'AclId',
      'string',
      'Network security group or network manager that decided, or `unspecified`; in NSG flow logs the group itself.',
      true,
    ),
    flow('Rule', 'string', 'Rule that decided, with the prefix it was logged with.', true),
    { ...flow('SrcIp', 'string', 'Address of the side that opened the flow.'), packed: true },
    flow('SrcPort', 'int', 'Port of the side that opened the flow.'),
    { ...flow('DestIp', 'string', 'Address of the other side.'), packed: true },
    flow('DestPort', 'int', 'Port of the other side.'),
    flow('Protocol', 'int', 'IANA number: 6 is TCP (T in NSG flow logs), 17 is UDP (U).'),
    flow('Direction', 'string', 'Inbound or Outbound, as the interface sees it (I, O).', true),
    flow(
      'Decision',
      'string',
      'Allow or Deny: the letter A or D of NSG flow logs; in virtual network flow logs state D is Deny.',
      true,
    ),
    flow('State', 'string', 'B begun, C continuing, E ended, D denied; empty in version 1.', true),
    flow(
      'Encryption',
      'string',
      'Encryption of the flow in the virtual network: X, NX or NX with a reason; empty in NSG flow logs.',
      true,
    ),
    flow(
      'PacketsSent',
      'long',
      'Packets from source to destination since the last record of the flow; null where not logged.',
    ),
    flow(
      'BytesSent',
      'long',
      'Bytes from source to destination since the last record of the flow; null where not logged.',
    ),
    flow(
      'PacketsReceived',
      'long',
      'Packets from destination to source since the last record of the flow; null where not logged.',
    ),
    flow(
      'BytesReceived',
      'long',
      'Bytes from destination to source since the last record of the flow; null where not logged.',
    ),
  ],
  shapes: [
    {
      name: 'nsg',
      doc: 'Network security group flow log, version 1 or 2',
      form: 'envelope',
      unit: 'tuple',
      richness: 60,
      when: all(not(has('TimeGenerated')), oneOf(['category'], 'networksecuritygroupflowevent')),
    },
    {
      name: 'vnet',
      doc: 'Virtual network flow log, version 4',
      form: 'envelope',
      unit: 'tuple',
      richness: 60,
      when: all(not(has('TimeGenerated')), oneOf(['category'], 'flowlogflowevent')),
    },
  ],
  sortKey: [byHour, exactly('MacAddress'), exactly('Rule'), byTime],
  identity: { kind: 'record' },
})
