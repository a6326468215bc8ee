import { type Ask, text } from '../case/rows.ts'

const addressesQuery = `
declare query_parameters(addresses: string);
union
  (SigninLogs | where ResultType == '0' | project TimeGenerated, Address = IPAddress, Identity = UserId),
  (AADNonInteractiveUserSignInLogs | where ResultType == '0' | project TimeGenerated, Address = IPAddress, Identity = UserId),
  (AADServicePrincipalSignInLogs | where ResultType == '0' | project TimeGenerated, Address = IPAddress, Identity = ServicePrincipalId),
  (AADManagedIdentitySignInLogs | where ResultType == '0' | project TimeGenerated, Address = IPAddress, Identity = ServicePrincipalId),
  (AzureActivity | project TimeGenerated, Address = CallerIpAddress, Identity = Caller)
| where set_has_element(parse_json(addresses), Address)
| summarize First = min(TimeGenerated) by Address, Identity`

/** Which identities used an address, and since when. */
export type KnownAddresses = ReadonlyMap<string, ReadonlyMap<string, string>>

/** By address, by identity (object id; the Activity Log's `Caller`): the first sign-in with success or control-plane call. */
export async function findAddresses(ask: Ask, addresses: readonly string[]): Promise<KnownAddresses> {
  const known = new Map<string, Map<string, string>>()
  for (const row of await ask(addressesQuery, { addresses: JSON.stringify(addresses) })) {
    const identities = known.get(text(row, 'Address')) ?? new Map<string, string>()
    known.set(text(row, 'Address'), identities.set(text(row, 'Identity'), text(row, 'First')))
  }
  return known
}
