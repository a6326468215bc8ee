import type { Agenda } from './agenda.ts'
import type { FlowRecorder } from './flow-recorder.ts'
import type { Recorder } from './recorder.ts'
import type { Tenant } from './tenant.ts'

/** All that a generator of events needs. */
export interface World {
  readonly tenant: Tenant
  readonly recorder: Recorder
  readonly flows: FlowRecorder
  readonly agenda: Agenda
  readonly start: number
  readonly end: number
  /** From when flow logs are kept. */
  readonly flowStart: number
  /** Multiplies benign volume. */
  readonly scale: number
}

/** Makes the benign events of a span of time; called for one span after another. */
export type Generator = (from: number, to: number) => void

/** Puts a day's plans into the agenda; called at the start of each day. */
export type Planner = (day: number) => void
