import type { Scenario } from '../src/lab/lab.ts'
import { identitySteps } from './investigation-answers.ts'

/** What hunts, chains and trails must make of a scenario of the lab. */
export interface Story {
  /** Rules of which one alerts on a step, by the step. */
  readonly alerts: Readonly<Record<string, string | readonly string[]>>
  /** Steps of which the gravest chain holds every record. */
  readonly access: readonly string[]
  /** Steps of signing in, of which a chain holds the sign-ins whose tokens it saw in use. */
  readonly entry: readonly string[]
  /** By the choice that names an identity: steps of which its trail holds every record. */
  readonly trails: Readonly<Record<string, readonly string[]>>
}

export const stories: Readonly<Record<Exclude<Scenario, 'quiet'>, Story>> = {
  exfiltration: {
    alerts: {
      spray: 'entra/password-spray-from-one-address.yaml',
      'sign-in': 'entra/sprayed-user-signs-in-from-new-address.yaml',
      tokens: 'control-plane/change-after-risky-sign-in.yaml',
      discovery: 'entra/graph-enumeration-burst.yaml',
      credential: 'entra/new-credential-used-by-whoever-added-it.yaml',
      'role-assignment': 'control-plane/strong-role-assigned.yaml',
      'application-sign-in': 'entra/new-credential-used-by-whoever-added-it.yaml',
      secrets: 'key-vault/mass-read-by-new-caller.yaml',
      'open-port': 'control-plane/nsg-opened-to-the-caller.yaml',
      'run-command': 'control-plane/run-command.yaml',
      'lateral-movement': 'traffic/administration-spreads-inside.yaml',
      beacon: 'traffic/regular-calls-to-new-address.yaml',
      'list-keys': 'storage/keys-of-many-accounts-listed.yaml',
      'list-keys-application': 'storage/keys-of-many-accounts-listed.yaml',
      'list-keys-archive': 'storage/keys-of-many-accounts-listed.yaml',
      sas: [
        'storage/keys-listed-from-unfamiliar-address.yaml',
        'storage/user-delegation-key-by-new-caller.yaml',
      ],
      enumerate: 'storage/listed-by-new-user-of-credential.yaml',
      download: 'storage/bulk-read-by-new-user-of-credential.yaml',
      stage: 'storage/copied-into-account-by-new-caller.yaml',
      'copy-out': 'storage/copy-by-the-service.yaml',
      'blind-read': 'storage/reads-beyond-usual-in-metrics.yaml',
      tamper: 'tampering/diagnostic-setting-deleted.yaml',
    },
    access: [
      ...[
        'secrets',
        'list-keys',
        'list-keys-application',
        'list-keys-archive',
        'sas',
        'enumerate',
        'download',
      ],
      ...['stage', 'copy-out', 'blind-read', 'tamper'],
    ],
    entry: ['sign-in', 'tokens', 'application-sign-in'],
    trails: {
      victim: identitySteps,
    },
  },
  ransom: {
    alerts: {
      'sign-in': 'entra/prompts-refused-then-accepted.yaml',
      tokens: 'control-plane/change-after-risky-sign-in.yaml',
      'list-keys': 'storage/keys-of-many-accounts-listed.yaml',
      'list-keys-legacy': 'storage/keys-of-many-accounts-listed.yaml',
      'list-keys-application': 'storage/keys-of-many-accounts-listed.yaml',
      enumerate: 'storage/listed-by-new-user-of-credential.yaml',
      download: 'storage/bulk-read-by-new-user-of-credential.yaml',
      locks: 'control-plane/change-after-risky-sign-in.yaml',
      recovery: 'ransom/recovery-removed.yaml',
      'foreign-key': 'ransom/account-encrypted-with-foreign-key.yaml',
      'delete-blobs': 'storage/many-blobs-deleted.yaml',
      note: 'ransom/note-left.yaml',
      'delete-machines': 'ransom/resources-deleted-in-bulk.yaml',
    },
    access: [
      ...['list-keys', 'list-keys-legacy', 'list-keys-application', 'enumerate', 'download', 'locks'],
      ...['foreign-key', 'delete-blobs', 'note'],
    ],
    entry: ['sign-in', 'tokens'],
    trails: {
      victim: [
        ...[
          'sign-in',
          'detection',
          'tokens',
          'list-keys',
          'list-keys-legacy',
          'list-keys-application',
          'locks',
        ],
        ...['recovery', 'foreign-key', 'delete-machines'],
      ],
    },
  },
  application: {
    alerts: {
      'application-sign-in': 'entra/service-principal-from-new-network.yaml',
      'federated-credential': 'entra/federated-credential-added-to-application.yaml',
      'federated-sign-in': 'entra/federated-credential-first-used.yaml',
      secrets: 'key-vault/mass-read-by-new-caller.yaml',
      'run-command': 'control-plane/run-command.yaml',
      'identity-token': 'entra/managed-identity-token-used-outside.yaml',
      'list-keys': 'storage/keys-of-many-accounts-listed.yaml',
      'list-keys-application': 'storage/keys-of-many-accounts-listed.yaml',
      'list-keys-legacy': 'storage/keys-of-many-accounts-listed.yaml',
      enumerate: 'storage/listed-by-new-user-of-credential.yaml',
      download: 'storage/bulk-read-by-new-user-of-credential.yaml',
    },
    access: [
      ...['secrets', 'run-command', 'list-keys', 'list-keys-application', 'list-keys-legacy', 'enumerate'],
      'download',
    ],
    entry: ['federated-sign-in', 'identity-token'],
    trails: {
      application: [
        ...['application-sign-in', 'federated-credential', 'federated-sign-in', 'secrets', 'run-command'],
      ],
      managedIdentity: ['identity-token', 'list-keys', 'list-keys-application', 'list-keys-legacy'],
    },
  },
  session: {
    alerts: {
      'sign-in': 'entra/phishing-page-in-the-middle.yaml',
      detection: 'entra/risk-of-a-certain-kind.yaml',
      tokens: 'entra/session-in-two-networks.yaml',
      discovery: 'entra/graph-enumeration-burst.yaml',
      device: 'entra/device-registered-from-new-address.yaml',
      mail: 'entra/mail-or-files-read-from-new-address.yaml',
      'mail-rule': 'entra/mail-rule-hides-or-forwards.yaml',
      enumerate: 'storage/listed-by-new-user-of-credential.yaml',
      download: 'storage/bulk-read-by-identity-from-new-address.yaml',
    },
    access: ['enumerate', 'download'],
    entry: ['tokens'],
    trails: {
      victim: [
        ...['sign-in', 'detection', 'tokens', 'discovery', 'device', 'mail', 'mail-rule', 'enumerate'],
        'download',
      ],
    },
  },
  'old-key': {
    alerts: {
      enumerate: 'storage/listed-by-new-user-of-credential.yaml',
      download: 'storage/bulk-read-by-new-user-of-credential.yaml',
      'copy-out': 'storage/copy-by-the-service.yaml',
    },
    access: ['enumerate', 'download', 'copy-out'],
    entry: [],
    trails: { administrator: [] },
  },
}
