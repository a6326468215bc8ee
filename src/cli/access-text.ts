import type { Chain, Link, Step } from '../access/story.ts'
import type { AccessReport } from '../access/report.ts'
import type { Use } from '../access/uses.ts'
import { byteText, countText } from '../quantity.ts'
import type { Sink, Style } from './terminal.ts'
import { textTable } from './text-table.ts'
import { minuteText, secondText } from './time-text.ts'
import { visible } from './visible.ts'

const mostUses = 40
const styles: Readonly<Record<Chain['level'], Style>> = {
  high: ['bold', 'red'],
  medium: ['bold', 'yellow'],
  low: 'dim',
}

/** The page of `access`: what could be seen, who reached data, which signatures are about, and the chains. */
export function accessText(sink: Sink, report: AccessReport): string {
  const heading = (text: string): string => sink.paint(['bold', 'cyan'], text)
  const blocks = [
    `${heading('What the logs could show')}\n${accountsText(sink, report)}`,
    `${heading('Who reached storage')}\n${usesText(sink, report.uses)}`,
    ...(report.vaults.length > 0 ? [`${heading('Who reached vaults')}\n${vaultsText(sink, report)}`] : []),
    ...(report.signatures.length > 0
      ? [`${heading('Shared access signatures in use')}\n${signaturesText(sink, report)}`]
      : []),
    `${heading('Chains from credential to bytes')}\n${chainsText(sink, report.chains)}`,
  ]
  return blocks.join('\n')
}

function accountsText(sink: Sink, { accounts }: AccessReport): string {
  if (accounts.length === 0) return '  no storage account is named by any log\n'
  const rows = accounts.map(({ account, verdict, reads, writes, deletes, why }) => [
    account,
    verdict,
    countText(reads),
    countText(writes),
    countText(deletes),
    why,
  ])
  return textTable(sink, ['Account', 'Reads are', 'Read', 'Write', 'Delete', 'Why'], rows, {
    right: [2, 3, 4],
    prose: 5,
  })
}

function usesText(sink: Sink, uses: readonly Use[]): string {
  if (uses.length === 0) return '  no request to storage is in any log\n'
  const most = uses.toSorted((left, right) => right.bytes - left.bytes || right.requests - left.requests)
  const rows = most
    .slice(0, mostUses)
    .map((use) => [
      use.account,
      credentialText(use),
      use.caller,
      use.agent,
      minuteText(use.first),
      minuteText(use.last),
      countText(use.requests),
      countText(use.objects),
      byteText(use.bytes),
    ])
  const table = textTable(
    sink,
    ['Account', 'By', 'From', 'With', 'First (UTC)', 'Last (UTC)', 'Requests', 'Objects', 'Bytes out'],
    rows,
    { right: [6, 7, 8] },
  )
  const rest = most.length - rows.length
  return rest > 0 ? `${table}  and ${countText(rest)} more; --output json gives all\n` : table
}

/** The means of a use, and whose it was. */
export function credentialText(use: Use): string {
  const whose =
    use.requesterName || use.requesterId || [use.keySlot, use.signature.slice(0, 8)].join(' ').trim()
  return whose === '' ? use.means : `${use.means} ${whose}`
}

function vaultsText(sink: Sink, { vaults }: AccessReport): string {
  const rows = vaults.map((use) => [
    use.vault,
    use.name || use.identity,
    use.address,
    minuteText(use.first),
    minuteText(use.last),
    countText(use.requests),
    countText(use.refused),
    countText(use.objects),
    use.operations.join(' '),
  ])
  return textTable(
    sink,
    ['Vault', 'By', 'From', 'First (UTC)', 'Last (UTC)', 'Requests', 'Refused', 'Objects', 'Operations'],
    rows,
    { right: [5, 6, 7], prose: 8 },
  )
}

function signaturesText(sink: Sink, { signatures }: AccessReport): string {
  const rows = signatures.map((sas) => [
    sas.account,
    sas.kind,
    sas.signature.slice(0, 8) || '-',
    sas.keySlot || sas.signer || '-',
    sas.permissions,
    minuteText(sas.expiry),
    countText(sas.callers),
    byteText(sas.bytes),
    sas.remarks.join(', '),
  ])
  return textTable(
    sink,
    ['Account', 'Kind', 'Signature', 'Signed by', 'May', 'Expires', 'Callers', 'Bytes out', 'Remarks'],
    rows,
    { right: [6, 7], prose: 8 },
  )
}

function chainsText(sink: Sink, chains: readonly Chain[]): string {
  if (chains.length === 0)
    return '  none: no new user of a credential and no new receiver of one is in the logs above\n'
  const grave = chains.filter(({ level }) => level !== 'low')
  const low = chains.length - grave.length
  const none = grave.length === 0 ? ['  none of medium weight or more\n'] : []
  const rest =
    low > 0 ? [`  ${low} of little weight, explained by what was usual; --output json tells them\n`] : []
  return [...none, ...grave.map((chain) => chainText(sink, chain)), ...rest].join('\n')
}

function chainText(sink: Sink, chain: Chain): string {
  const names = new Map(chain.steps.map((step, index) => [step.id, index + 1]))
  const kinds = Math.max(...chain.steps.map(({ kind }) => kind.length))
  const lines = [
    `  ${sink.paint(styles[chain.level], chain.level.toUpperCase())} ${chain.id}  ${visible(chain.accounts.join(', '))}  ${minuteText(chain.first)} to ${minuteText(chain.last)}`,
    `  ${sink.paint('dim', visible(chain.reasons.map(({ text }) => text).join('; ')))}`,
    ...chain.steps.flatMap((step, index) => stepLines(sink, step, index + 1, kinds, chain.links, names)),
    ...chain.gaps.map(
      ({ account, missing, why, steps }) =>
        `  ${sink.paint('yellow', 'missing')}${besideText(steps, names)} ${visible([account, missing].filter((part) => part !== '').join(': '))} (${visible(why)})`,
    ),
  ]
  return `${lines.join('\n')}\n`
}

function besideText(steps: readonly string[], names: ReadonlyMap<string, number>): string {
  const places = steps.map((id) => names.get(id) ?? 0).toSorted((left, right) => left - right)
  return places.length === 0 ? '' : ` beside ${places.join(', ')}`
}

function stepLines(
  sink: Sink,
  step: Step,
  place: number,
  kinds: number,
  links: readonly Link[],
  names: ReadonlyMap<string, number>,
): readonly string[] {
  const amounts = [
    step.requests > 1 ? `${countText(step.requests)} requests` : '',
    step.objects > 0 ? `${countText(step.objects)} objects` : '',
    step.bytes > 0 ? byteText(step.bytes) : '',
  ].filter((part) => part !== '')
  const came = links
    .filter(({ to }) => to === step.id)
    .map(({ from, by, certainty }) => `${certainty} from ${names.get(from) ?? '?'} by ${by}`)
  const who = [step.who, step.address, step.tool].filter((part) => part !== '').join(' · ')
  const indent = ' '.repeat(28 + kinds)
  return [
    `  ${String(place).padStart(2)}  ${secondText(step.first)}  ${sink.paint('bold', step.kind.padEnd(kinds))}  ${visible(step.title)}${amounts.length > 0 ? `: ${amounts.join(', ')}` : ''}`,
    ...(who === '' ? [] : [`${indent}${sink.paint('dim', visible(who))}`]),
    ...(came.length === 0 ? [] : [`${indent}${sink.paint('dim', visible(came.join('; ')))}`]),
    ...(step.unseen === undefined ? [] : [`${indent}${visible(step.unseen)}`]),
  ]
}
