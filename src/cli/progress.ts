import { fitWidth } from './display-width.ts'
import type { Sink } from './terminal.ts'
import { visible } from './visible.ts'

const liveIntervalMs = 100
const plainIntervalMs = 5000

/** What goes on, on stderr: one live line on a terminal, else a plain line every few seconds. Disposing it ends the line. */
export class Progress implements Disposable {
  readonly #sink: Sink
  readonly #now: () => number
  #lastMs: number
  #isShown = false

  constructor(sink: Sink, now: () => number = () => performance.now()) {
    this.#sink = sink
    this.#now = now
    this.#lastMs = sink.isTerminal ? -Infinity : now()
  }

  /** Shows the latest state; called as often as one likes. */
  show(text: string): void {
    const nowMs = this.#now()
    if (nowMs - this.#lastMs < (this.#sink.isTerminal ? liveIntervalMs : plainIntervalMs)) return
    this.#lastMs = nowMs
    this.#isShown = this.#sink.isTerminal
    const safe = visible(text)
    this.#write(
      this.#sink.isTerminal
        ? `\r\u001b[K${this.#sink.paint('dim', fitWidth(safe, this.#sink.columns - 1))}`
        : `${safe}\n`,
    )
  }

  /** Removes the live line, so that something else can be printed. */
  clear(): void {
    if (!this.#isShown) return
    this.#isShown = false
    this.#write('\r\u001b[K')
  }

  [Symbol.dispose](): void {
    this.clear()
  }

  #write(text: string): void {
    // Progress that cannot be shown is no reason to stop the work.
    this.#sink.write(text).catch(() => {})
  }
}
