import type { TreeNode } from '../../src/kql/parser/tree.ts'
import type { Fault } from './campaign.ts'
import type { Table } from './interpreter/value.ts'
import type { Trial } from './trial.ts'

/** A smaller query and fewer rows with a fault of the same kind, as far as some hundred tries find one. */
export async function shrunk(trial: Trial, fault: Fault, tries = 300): Promise<Fault> {
  let best = fault
  let left = tries
  const attempt = async (query: string, data: Fault['data']): Promise<boolean> => {
    if (left <= 0) return false
    left -= 1
    if (data !== best.data) await trial.fill(data)
    const outcome = await trial.run(query)
    if (outcome.kind === fault.outcome.kind) {
      best = { ...best, query, data, outcome }
      return true
    }
    if (data !== best.data) await trial.fill(best.data)
    return false
  }
  await trial.fill(best.data)
  while (
    await firstOf(smallerQueries(trial.bind(best.query), best.query), (query) => attempt(query, best.data))
  )
    continue
  while (await firstOf(smallerData(best.data), (data) => attempt(best.query, data))) continue
  return best
}

async function firstOf<T>(items: Iterable<T>, test: (item: T) => Promise<boolean>): Promise<boolean> {
  for (const item of items) if (await test(item)) return true
  return false
}

/** The query without a step, without one of several items, or with a part in place of the whole. */
function* smallerQueries(node: TreeNode, text: string): Generator<string> {
  const replaced = (whole: TreeNode, part: string): string =>
    text.slice(0, whole.start) + part + text.slice(whole.end)
  const left = node.kind === 'PipeExpression' ? node.children['Expression'] : undefined
  if (left) yield replaced(node, text.slice(left.start, left.end))
  const { items = [] } = node
  if (items.length > 1) {
    for (const item of items) {
      const others = items
        .filter((other) => other !== item)
        .map((other) => text.slice(other.start, other.end))
      yield replaced(node, others.join(', '))
    }
  }
  if (node.type?.kind === 'scalar') {
    for (const part of parts(node)) {
      const isSame = part.type?.kind === 'scalar' && part.type.type === node.type.type
      if (isSame && part.end - part.start < node.end - node.start)
        yield replaced(node, text.slice(part.start, part.end))
    }
  }
  for (const inner of [...Object.values(node.children), ...items]) yield* smallerQueries(inner, text)
}

function* parts(node: TreeNode): Generator<TreeNode> {
  for (const inner of [...Object.values(node.children), ...(node.items ?? [])]) {
    yield inner
    yield* parts(inner)
  }
}

/** The tables with one row less. */
function* smallerData(data: ReadonlyMap<string, Table>): Generator<ReadonlyMap<string, Table>> {
  for (const [name, table] of data) {
    for (const gone of table.rows) {
      const rows = table.rows.filter((row) => row !== gone)
      yield new Map([...data, [name, { ...table, rows, ranks: rows.map(() => 0) }]])
    }
  }
}
