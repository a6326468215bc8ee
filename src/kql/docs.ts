import { aggregateFunctions } from './aggregates.ts'
import { scalarFunctions } from './functions.ts'
import { operators, splitters } from './operators.ts'
import { plugins } from './plugins.ts'
import { rowFunctions } from './window.ts'

interface Row {
  readonly name: string
  readonly doc: string
  readonly example: string
}

/** Kinds of plan nodes that are no operators of the language. */
const inner = new Set(['context', 'graph-edges', 'table'])

/** `docs/kql.md`: everything that is translated, from the tables that translate it. */
export function renderKqlDoc(): string {
  const sections: readonly (readonly [string, readonly Row[]])[] = [
    [
      'Operators',
      operators
        .filter(({ kind }) => !inner.has(kind))
        .map(({ kind, doc, example }) => ({ name: kind, doc, example: example.query }))
        .concat(splitters.map(({ name, doc, example }) => ({ name, doc, example: example.query }))),
    ],
    [
      'Scalar functions and operators',
      scalarFunctions
        .filter(({ name }) => name !== '== or null')
        .map(({ name, doc, example, approximate }) => ({
          name,
          doc: withDifference(doc, approximate?.([])),
          example: example[0],
        })),
    ],
    ['Functions over serialized rows', rowFunctions.map(({ name, doc }) => ({ name, doc, example: '' }))],
    [
      'Aggregates',
      aggregateFunctions.map(({ name, doc, example }) => ({ name, doc, example: example.query })),
    ],
    [
      'Plugins of evaluate',
      plugins.map(({ name, doc, example, approximate }) => ({
        name,
        doc: withDifference(doc, approximate),
        example: example.query,
      })),
    ],
  ]
  const parts = sections.map(([title, rows]) => `## ${title} (${rows.length})\n\n${table(rows)}`)
  return `# KQL in Azimuth\n\n${preface}\n\n${parts.join('\n\n')}\n`
}

const preface = `Everything in these lists gives Kusto's answer; every example is run as a test. Where Kusto does not publish how an answer
is found, the entry says what may differ, and so does a warning beside the answer. Whatever is not listed is refused before
anything runs, with a code, the place in the text and, where there is one, a way around. Nothing is guessed in silence and
nothing is fetched from the network.

Beside the lists: \`ingestion_time()\` next to a table's rows, and Sentinel's \`_GetWatchlist('NAME')\` and \`_GetWatchlistAlias\`
over the watchlists of a case. [Asking](ask.md) says how a query gets its time, its parameters, its files and its limits.`

/** What may differ from Kusto's answer stands in italics. */
function withDifference(doc: string, difference: string | undefined): string {
  return difference === undefined ? doc : `${doc} *With a warning: ${difference}.*`
}

function table(rows: readonly Row[]): string {
  const sorted = rows.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const lines = sorted.map(
    ({ name, doc, example }) => `| ${code(name)} | ${plain(doc)} | ${example === '' ? '' : code(example)} |`,
  )
  return ['| | | example |', '|---|---|---|', ...lines].join('\n')
}

function code(text: string): string {
  const quoted = text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ')
  return quoted.includes('`') ? `\`\` ${quoted} \`\`` : `\`${quoted}\``
}

function plain(text: string): string {
  return text.replaceAll('|', '\\|')
}
