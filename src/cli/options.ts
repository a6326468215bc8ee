import { Option } from 'commander'
import { outputFormats } from './output.ts'

export function caseOption(): Option {
  return new Option('-c, --case <name|./dir>', 'the case: a name, or a folder (with a separator)')
}

export function outputOption(): Option {
  return new Option('-o, --output <format>', 'how to print rows').choices(outputFormats).default('table')
}

/** How a question is asked: `QuestionOptions`. */
export function questionOptions(): readonly Option[] {
  return [
    new Option(
      '--as-of <time|end>',
      'what now() gives: a time in UTC, or end, the last record of the case; the present otherwise',
    ),
    new Option(
      '--external <dir>',
      'where the files of externaldata lie, as DIR/<host>/<path>; nothing is fetched',
    ),
  ]
}
