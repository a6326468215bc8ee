import { Option } from 'commander'
import { outputFormats } from './output.ts'

export function caseOption(): Option {
  return new Option('-c, --case <name|./dir>', 'the case: a name, or a folder (with a separator)')
}

export function outputOption(): Option {
  return new Option('-o, --output <format>', 'how to print rows').choices(outputFormats).default('table')
}
