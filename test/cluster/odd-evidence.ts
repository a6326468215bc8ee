import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fixtureOf } from '../../src/tables/fixtures.ts'

/** Evidence that reaches the engine in every way: large lines and documents, other tables between, and what fits nowhere. */
export function writeOddEvidence(folder: string): string {
  mkdirSync(folder)
  const lines = Array.from({ length: 6000 }, (_, index) => JSON.stringify(activity(index)))
  lines[10] = ''
  lines[1000] = '{"time":"2026-03-01T00:00:00Z","cut'
  lines[2000] = '{"neither":"one nor the other"}'
  lines[3000] = JSON.stringify({ ...activity(3000), time: 'yesterday' })
  lines[4000] = JSON.stringify({
    TimeGenerated: '2026-03-01T04:00:00Z',
    Type: 'Door_CL',
    Room_s: 'attic',
    Floor_d: 4,
  })
  lines[5000] = JSON.stringify(activity(4999))
  // Larger than what is sent at once; some lines end in CRLF, the last one in nothing.
  writeFileSync(
    join(folder, 'lines.json'),
    lines.map((line, index) => (index % 7 === 0 ? `${line}\r` : line)).join('\n'),
  )
  const records = Array.from({ length: 2000 }, (_, index) => activity(5000 + index))
  writeFileSync(join(folder, 'document.json'), JSON.stringify({ records }))
  writeFileSync(join(folder, 'pretty.json'), JSON.stringify({ records: records.slice(0, 3) }, undefined, 2))
  const reads = Array.from({ length: 1500 }, (_, index) => blobRead(index))
  writeFileSync(join(folder, 'reads.json'), reads.join('\n'))
  writeFileSync(join(folder, 'few-reads.json'), reads.slice(0, 9).join('\n'))
  writeFileSync(join(folder, 'flows.json'), JSON.stringify({ records: [flows] }))
  return folder
}

/** Of some records a key is spelled in another way. */
function blobRead(index: number): string {
  const correlationId = `00000001-0000-4000-8000-${String(index).padStart(12, '0')}`
  const line = JSON.stringify({ ...fixtureOf('StorageBlobLogs/diagnostic'), correlationId })
  return index % 5 === 2 ? line.replace('"operationName":', '"OperationName":') : line
}

function activity(index: number): Readonly<Record<string, unknown>> {
  return {
    time: new Date(Date.UTC(2026, 2, 1) + index * 977).toISOString(),
    resourceId:
      '/SUBSCRIPTIONS/11111111-2222-3333-4444-555555555555/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.WEB/SITES/SHOP',
    operationName: 'MICROSOFT.WEB/SITES/RESTART/ACTION',
    category: 'Administrative',
    resultType: index % 2 === 0 ? 'Start' : 'Success',
    correlationId: `00000000-0000-4000-8000-${String(index >> 1).padStart(12, '0')}`,
    callerIpAddress: `192.0.2.${index % 250}`,
    level: 'Information',
    properties: { text: 'Łódź 日本 \u2028'.repeat(8), number: index },
  }
}

const flows = {
  time: '2026-03-01T00:01:00.0000000Z',
  category: 'NetworkSecurityGroupFlowEvent',
  resourceId: '/SUBSCRIPTIONS/S/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/NSG',
  operationName: 'NetworkSecurityGroupFlowEvents',
  properties: {
    Version: 2,
    flows: [
      {
        rule: 'DefaultRule_DenyAllInBound',
        flows: [
          {
            mac: '000D3AF8801A',
            flowTuples: [
              '1772323200,203.0.113.9,10.0.0.4,40000,22,T,I,D,B,,,,',
              '1772323201,203.0.113.9,10.0.0.4,40000,22,T,I,X,B,,,,',
              'no tuple',
            ],
          },
        ],
      },
    ],
  },
}
