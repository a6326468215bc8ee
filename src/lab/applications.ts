/** An application that people sign in to or through. Ids of Microsoft's own are the published ones. */
export interface Application {
  readonly id: string
  readonly name: string
}

/** What a token is for. */
export interface Resource extends Application {
  readonly servicePrincipalId: string
}

export const clients = {
  portal: { id: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c', name: 'Azure Portal' },
  cli: { id: '04b07795-8ddb-461a-bbee-02f9e1bf7b46', name: 'Microsoft Azure CLI' },
  powerShell: { id: '1950a258-227b-4e31-a9cf-717495945fc2', name: 'Microsoft Azure PowerShell' },
  azCopy: { id: '579a7132-0e58-4d80-b1e1-7a1e2d337859', name: 'AzCopy' },
  office: { id: 'd3590ed6-52b3-4102-aeff-aad2292ab01c', name: 'Microsoft Office' },
  officeHome: { id: '4765445b-32c6-49b0-83e6-1d93765276ca', name: 'OfficeHome' },
  teams: { id: '1fec8e78-bce4-4aaf-ab1b-5451cc387264', name: 'Microsoft Teams' },
  exchange: { id: '00000002-0000-0ff1-ce00-000000000000', name: 'Office 365 Exchange Online' },
} as const satisfies Readonly<Record<string, Application>>

const resourceNames = {
  arm: ['797f4846-ba00-4fd7-ba43-dac1f8f63013', 'Azure Resource Manager'],
  graph: ['00000003-0000-0000-c000-000000000000', 'Microsoft Graph'],
  storage: ['e406a681-f3d4-42a8-90b6-c2b029497af1', 'Azure Storage'],
  vault: ['cfa8b339-82a2-471a-a3c9-0fc0be7a4093', 'Azure Key Vault'],
  exchange: ['00000002-0000-0ff1-ce00-000000000000', 'Office 365 Exchange Online'],
  teams: ['cc15fd57-2c6c-4117-a88c-83b1d56b4bbe', 'Microsoft Teams Services'],
  devices: ['01cb2876-7ebd-4aa4-9cc9-d28bd4d359a9', 'Device Registration Service'],
} as const

export type ResourceName = keyof typeof resourceNames

export type Resources = Readonly<Record<ResourceName, Resource>>

/** The resources with the service principals that stand for them in this tenant. */
export function makeResources(guid: () => string, deviceRegistrationId: string): Resources {
  const make = (name: ResourceName): Resource => ({
    id: resourceNames[name][0],
    name: resourceNames[name][1],
    servicePrincipalId: guid(),
  })
  return {
    arm: make('arm'),
    graph: make('graph'),
    storage: make('storage'),
    vault: make('vault'),
    exchange: make('exchange'),
    teams: make('teams'),
    devices: {
      id: resourceNames.devices[0],
      name: resourceNames.devices[1],
      servicePrincipalId: deviceRegistrationId,
    },
  }
}

/** What Entra says of a failed sign-in. */
export const signInErrors: Readonly<Record<number, string>> = {
  50053:
    'The account is locked, you have tried to sign in too many times with an incorrect user ID or password.',
  50074: 'Strong Authentication is required.',
  50076:
    'Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.',
  50126: 'Error validating credentials due to invalid username or password.',
  50140: 'This error occurred due to "Keep me signed in" interrupt when the user was signing-in.',
  53003:
    'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
  500121: 'Authentication failed during strong authentication request.',
}
