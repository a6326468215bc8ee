import { LimitError } from '../engine/errors.ts'
import { Refusal } from '../kql/diagnostic.ts'
import type { TextRows } from '../kql/discovery.ts'
import type { PlanNode } from '../kql/plan.ts'
import type { Sql } from '../sql/template.ts'
import type { HuntContext } from './hunt-context.ts'
import { spanParameters, within, type Span } from './rule-query.ts'

export type Ask = (sql: Sql, parameters: Readonly<Record<string, string>>) => Promise<TextRows>

/** Asks plans that are made of a rule's. */
export class PlanAsker {
  readonly #ask: Ask
  readonly #context: HuntContext

  constructor(ask: Ask, context: HuntContext) {
    this.#ask = ask
    this.#context = context
  }

  /** Asks a plan of the rows of a span. */
  async ask(plan: PlanNode, span: Span): Promise<TextRows> {
    const sql = await this.#context.compiler.emit(plan, { rows: within(this.#context.rows) })
    return await this.#ask(sql, spanParameters(span))
  }

  /** Asks a plan over all runs; nothing where it cannot be made for each run by itself, or takes too much. */
  async tryTogether(
    plan: PlanNode,
    parameters: Readonly<Record<string, string>>,
    evidence = false,
  ): Promise<TextRows | undefined> {
    try {
      const rows = within(this.#context.rows)
      return await this.#ask(await this.#context.compiler.emit(plan, { evidence, rows }), parameters)
    } catch (error) {
      this.#context.signal?.throwIfAborted()
      if (error instanceof Refusal || error instanceof LimitError) return undefined
      throw error
    }
  }
}
