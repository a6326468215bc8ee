import type { Recorder } from './recorder.ts'
import {
  countTuples,
  type FlowMinute,
  flowRecord,
  type FlowTuple,
  tuplesInOrder,
  tupleText,
} from './sources/flow.ts'
import { flowStream } from './streams.ts'
import type { VirtualMachine } from './tenant.ts'
import { minuteMs } from './time.ts'
import { TupleList } from './tuple-list.ts'
import type { Stream } from './writer.ts'

interface Marked {
  readonly text: string
  readonly mark: string
  readonly time: number
}

interface OpenMinute extends FlowMinute {
  readonly marked: Marked[]
  /** Lists that got tuples out of turn. */
  readonly unordered: Set<TupleList>
}

/** Gathers tuples by interface and minute and hands over each minute's record once it has passed. */
export class FlowRecorder {
  readonly #recorder: Recorder
  readonly #start: number
  readonly #end: number
  readonly #minutes = new Map<VirtualMachine, Map<number, OpenMinute>>()
  readonly #streams = new Map<VirtualMachine, Stream>()

  /** Flows outside the kept span are dropped, as no log holds them. */
  constructor(recorder: Recorder, start: number, end: number) {
    this.#recorder = recorder
    this.#start = start
    this.#end = end
  }

  keeps(time: number): boolean {
    return time >= this.#start && time < this.#end
  }

  /** The tuples of a rule in a minute; they must be added in order of time. */
  rule(machine: VirtualMachine, time: number, rule: string): TupleList {
    const { rules } = this.#minute(machine, time)
    let tuples = rules.get(rule)
    if (tuples === undefined) rules.set(rule, (tuples = new TupleList()))
    return tuples
  }

  add(machine: VirtualMachine, rule: string, tuple: FlowTuple, mark?: string): void {
    if (!this.keeps(tuple.time)) return
    const text = tupleText(tuple, machine.log.kind)
    const minute = this.#minute(machine, tuple.time)
    const tuples = this.rule(machine, tuple.time, rule)
    tuples.push(text)
    minute.unordered.add(tuples)
    if (mark !== undefined) minute.marked.push({ text, mark, time: tuple.time })
  }

  /** Hands over the records of all minutes before `until`. */
  recordUntil(until: number): void {
    for (const [machine, minutes] of this.#minutes) {
      const due = [...minutes.keys()]
        .filter((minute) => minute < until)
        .toSorted((left, right) => left - right)
      for (const key of due) {
        const minute = minutes.get(key)
        minutes.delete(key)
        if (minute !== undefined) this.#record(machine, minute)
      }
    }
  }

  #record(machine: VirtualMachine, minute: OpenMinute): void {
    for (const tuples of minute.unordered) tuples.sort()
    const order = minute.marked.length === 0 ? [] : tuplesInOrder(minute)
    const marks = minute.marked.map(({ text, mark, time }) => {
      const [, source = '', destination = '', sourcePort = '', destinationPort = ''] = text.split(',')
      const columns = {
        MacAddress: machine.mac,
        SrcIp: source,
        DestIp: destination,
        SrcPort: sourcePort,
        DestPort: destinationPort,
        Tuple: text,
      }
      return { mark, time, columns, ordinal: order.indexOf(text) + 1 }
    })
    const text = flowRecord(minute)
    this.#recorder.flow(
      this.#stream(machine),
      minute.minute + minuteMs - 143,
      text,
      countTuples(minute),
      marks,
    )
  }

  #minute(machine: VirtualMachine, time: number): OpenMinute {
    let minutes = this.#minutes.get(machine)
    if (minutes === undefined) this.#minutes.set(machine, (minutes = new Map()))
    const start = time - (time % minuteMs)
    let minute = minutes.get(start)
    if (minute === undefined)
      minutes.set(
        start,
        (minute = { machine, minute: start, rules: new Map(), marked: [], unordered: new Set() }),
      )
    return minute
  }

  #stream(machine: VirtualMachine): Stream {
    let stream = this.#streams.get(machine)
    if (stream === undefined) this.#streams.set(machine, (stream = flowStream(machine)))
    return stream
  }
}
