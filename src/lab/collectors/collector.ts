import type { ActivityEvent } from '../sources/activity.ts'
import type { AuditEvent } from '../sources/audit.ts'
import type { SignInEvent } from '../sources/sign-in.ts'
import type { StorageEvent } from '../sources/storage.ts'
import type { Stream } from '../writer.ts'

/** A file that another tool left behind. */
export interface CollectedFile {
  readonly path: string
  readonly table: string
  /** Records in it; tuples of flow logs. */
  readonly records: number
  readonly text: string
}

/** A tool that took part of the same events in a layout of its own. It is shown all and keeps what it would have taken. */
export interface Collector {
  signIn?(event: SignInEvent): void
  audit?(event: AuditEvent): void
  activity?(event: ActivityEvent): void
  /** A Key Vault event with the text of its archive record. */
  vault?(time: number, text: string): void
  flow?(stream: Stream, time: number, text: string, tuples: number): void
  classic?(event: StorageEvent, text: string): void
  files(): readonly CollectedFile[]
}

/** The span of time that a tool was pointed at, and how much it takes before it stops. */
export interface Window {
  readonly from: number
  readonly to: number
  readonly most: number
}
