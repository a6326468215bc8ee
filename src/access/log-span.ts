import { between, day } from './time.ts'

/** First and last record of a log in the evidence; '' where there is none. */
export interface LogSpan {
  readonly first: string
  readonly last: string
}

/** A log that begins or ends this far from the others was off, or is not in the evidence. */
const farMs = day

/** Whether a log begins late beside the others. */
export function beginsLate(first: string, evidence: LogSpan): boolean {
  return between(evidence.first, first) > farMs
}

/** Whether a log ends early beside the others. */
export function endsEarly(last: string, evidence: LogSpan): boolean {
  return between(last, evidence.last) > farMs
}

/** Whether a log can have shown what happened at a time, as far as its ends tell. */
export function covers({ first, last }: LogSpan, time: string, evidence: LogSpan): boolean {
  if (first === '') return false
  return !(time < first && beginsLate(first, evidence)) && !(time > last && endsEarly(last, evidence))
}
