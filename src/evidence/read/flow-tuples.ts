/** Counts the flow tuples in a record's text, without parsing it: the strings in the brackets after `"flowTuples"`. */
export function countTuples(record: string): number {
  let tuples = 0
  for (const [, list = ''] of record.matchAll(/"flowTuples"\s*:\s*\[([^\]]*)/gu))
    tuples += list.split('"').length >>> 1
  return tuples
}
