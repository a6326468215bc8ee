import { Option } from 'commander'
import { outputFormats, queryFormats } from './output.ts'

export function caseOption(): Option {
  return new Option('-c, --case <name|./dir>', 'the case: a name, or a folder (with a separator)')
}

/** Which servers hold the rows of a case: `EngineOptions`. */
export function engineOptions(): readonly Option[] {
  return [
    new Option(
      '--engine <url>',
      'a ClickHouse server as http(s)://user@host:port, once for each shard; the case remembers it',
    ).argParser<readonly string[] | undefined>((word, words) => [...(words ?? []), word]),
    new Option('--engine-cluster <name>', 'one of system.clusters, where the server belongs to several'),
    new Option(
      '--engine-database <name>',
      'how the names of the case’s databases begin there; azimuth otherwise',
    ),
    new Option('--engine-password-file <file>', 'the password of the user; or AZIMUTH_ENGINE_PASSWORD'),
  ].map((option) => option.helpGroup('On a ClickHouse server or cluster:'))
}

export function outputOption(): Option {
  return new Option('-o, --output <format>', 'how to print rows').choices(outputFormats).default('table')
}

/** A query that ends in `render` is drawn on a terminal, and elsewhere where that is asked for. */
export function queryOutputOption(): Option {
  return new Option(
    '-o, --output <format>',
    'how to print rows; a table otherwise, or on a terminal the chart of render',
  ).choices(queryFormats)
}

/** Which files questions may name: `FileOptions`. */
export function fileOptions(): readonly Option[] {
  return [
    new Option(
      '--external <dir>',
      'where the files of externaldata lie, as DIR/<host>/<path>; nothing is fetched',
    ),
    new Option(
      '--geoip <file.mmdb>',
      'where addresses are, in MaxMind’s format, for geo_info_from_ip_address',
    ),
  ]
}

/** How a question is asked: `QuestionOptions`. */
export function questionOptions(): readonly Option[] {
  return [
    new Option(
      '--as-of <time|end>',
      'what now() gives: a time in UTC, or end, the last record of the case; the present otherwise',
    ),
    ...fileOptions(),
    new Option(
      '--param <name=value>',
      'the value of a parameter that the query declares; may be given again',
    ).argParser<readonly string[] | undefined>((word, words) => [...(words ?? []), word]),
    new Option('--max-time <time>', 'how long a query may run, such as 30s; an hour otherwise'),
    new Option('--max-memory <size>', 'how much memory it may take, such as 2GB'),
    new Option('--max-rows <count>', 'how many rows its answer may have; more are an error'),
    new Option('--max-result-bytes <size>', 'how large its answer may be; a larger one is an error'),
    new Option(
      '--ingestion-time <which>',
      'what ingestion_time() gives: the time of the event, or the actual one',
    )
      .choices(['event', 'actual'])
      .default('event'),
  ]
}
