import type { ActivityEvent } from '../sources/activity.ts'
import type { AuditEvent } from '../sources/audit.ts'
import type { SignInEvent } from '../sources/sign-in.ts'
import type { UnifiedAuditEvent } from '../sources/unified-audit.ts'
import type { Stream } from '../writer.ts'

/** A file that another tool left behind. */
export interface CollectedFile {
  readonly path: string
  /** Records in it by table; tuples of flow logs. */
  readonly tables: Readonly<Record<string, number>>
  readonly text: string
}

/** A tool that took part of the same events in a layout of its own. It is shown all and keeps what it would have taken. */
export interface Collector {
  signIn?(event: SignInEvent): void
  audit?(event: AuditEvent): void
  activity?(event: ActivityEvent): void
  unified?(event: UnifiedAuditEvent): void
  /** A Key Vault event with the text of its archive record. */
  vault?(time: number, text: string): void
  flow?(stream: Stream, time: number, text: string, tuples: number): void
  files(): readonly CollectedFile[]
}

/** The span of time that a tool was pointed at, and how much of a kind it takes before it stops. */
export interface Window {
  readonly from: number
  readonly to: number
  readonly most: number
}

/** What a tool took of one kind: events of its window, to its limit, in order of time. */
export class Taken<T extends { readonly time: number }> {
  readonly #window: Window
  readonly #events: T[] = []

  constructor(window: Window) {
    this.#window = window
  }

  offer(event: T): void {
    const { from, to, most } = this.#window
    if (event.time >= from && event.time < to && this.#events.length < most) this.#events.push(event)
  }

  inOrder(): readonly T[] {
    return this.#events.toSorted((left, right) => left.time - right.time)
  }
}

/** `20260226081500`, as tools stamp their files. */
export function stampOf(time: number): string {
  return new Date(time).toISOString().replaceAll(/\D/g, '').slice(0, 14)
}

export function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
