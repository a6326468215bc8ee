import { amount, type Ask, type Row, text } from '../case/rows.ts'
import { requests } from './requests.ts'

/** A shared access signature that was used: what it allowed, for how long, and who used it. */
export interface SharedAccessSignature {
  readonly account: string
  readonly kind: string
  /** Hash of the signature; '' where the log carries none. */
  readonly signature: string
  readonly keySlot: string
  readonly keyHash: string
  /** `sp`, as written: r read, l list, w write, d delete and others. */
  readonly permissions: string
  /** Resources: `sr` of a service SAS, `ss` and `srt` of an account SAS. */
  readonly scope: string
  readonly start: string
  readonly expiry: string
  /** Address or range that may use it; '' for any. */
  readonly addresses: string
  readonly protocols: string
  /** Stored access policy, by which it can be revoked. */
  readonly policy: string
  /** Object id of who signed a user delegation SAS. */
  readonly signer: string
  readonly isPolicyViolated: boolean
  readonly callers: number
  readonly requests: number
  readonly bytes: number
  readonly first: string
  readonly last: string
  /** What makes it riskier than it need be. */
  readonly remarks: readonly string[]
}

/** KQL for a parameter of the request's address. */
function parameter(name: string): string {
  return `extract(@'[?&]${name}=([^&]*)', 1, Uri)`
}

const sasQuery = `${requests}
Requests
| where Means endswith 'SAS'
| summarize Callers = count_distinct(Address), Asked = count(), Bytes = sumif(ResponseBodySize, Act == 'read' and Succeeded),
    First = min(TimeGenerated), Last = max(TimeGenerated), Violations = countif(SasExpiryStatus startswith 'Policy violated')
  by Account, Means, Signature, KeySlot, KeyHash, Permissions = url_decode(${parameter('sp')}),
    Resource = ${parameter('sr')}, Services = ${parameter('ss')}, ResourceTypes = ${parameter('srt')},
    Start = url_decode(${parameter('st')}), Expiry = url_decode(${parameter('se')}), Addresses = url_decode(${parameter('sip')}),
    Protocols = url_decode(${parameter('spr')}), Policy = url_decode(${parameter('si')}), Signer = ${parameter('skoid')}
| sort by Account asc, First asc, Signature asc`

/** Every shared access signature that the logs show in use. */
export async function findSharedAccessSignatures(ask: Ask): Promise<readonly SharedAccessSignature[]> {
  return (await ask(sasQuery)).map(signatureOf)
}

function signatureOf(row: Row): SharedAccessSignature {
  const service = text(row, 'Services')
  const found = {
    account: text(row, 'Account'),
    kind: text(row, 'Means'),
    signature: text(row, 'Signature'),
    keySlot: text(row, 'KeySlot'),
    keyHash: text(row, 'KeyHash'),
    permissions: text(row, 'Permissions'),
    scope: service === '' ? text(row, 'Resource') : `${service} ${text(row, 'ResourceTypes')}`,
    start: text(row, 'Start'),
    expiry: text(row, 'Expiry'),
    addresses: text(row, 'Addresses'),
    protocols: text(row, 'Protocols'),
    policy: text(row, 'Policy'),
    signer: text(row, 'Signer'),
    isPolicyViolated: amount(row, 'Violations') > 0,
    callers: amount(row, 'Callers'),
    requests: amount(row, 'Asked'),
    bytes: amount(row, 'Bytes'),
    first: text(row, 'First'),
    last: text(row, 'Last'),
  }
  return { ...found, remarks: remarksOn(found) }
}

const longLifeDays = 7

function remarksOn(sas: Omit<SharedAccessSignature, 'remarks'>): readonly string[] {
  const life = (Date.parse(sas.expiry) - Date.parse(sas.start || sas.first)) / 86_400_000
  const remarks: readonly (readonly [boolean, string])[] = [
    [sas.isPolicyViolated, 'breaks the expiry policy of the account'],
    [life > longLifeDays, `lives ${Math.round(life)} days`],
    [sas.start === '', 'no start'],
    [/[wdacup]/i.test(sas.permissions), 'may change or delete'],
    [sas.addresses === '', 'any address'],
    [sas.protocols !== 'https', 'may go over HTTP'],
    [sas.policy === '' && sas.signer === '', 'revoked only with the key'],
  ]
  return remarks.filter(([holds]) => holds).map(([, remark]) => remark)
}
