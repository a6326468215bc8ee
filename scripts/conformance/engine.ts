import { resultSettings } from '../../src/engine/settings.ts'

/** A ClickHouse to run queries on: the one that `AZIMUTH_ENGINE` names. */
export interface QueryEngine {
  /** Rows of texts and nulls, or the engine's error. */
  rows(sql: string): Promise<readonly (readonly (string | null)[])[] | string>
}

export function openQueryEngine(): QueryEngine {
  const url = process.env['AZIMUTH_ENGINE']
  if (url === undefined) throw new Error('AZIMUTH_ENGINE must name a ClickHouse, as http://127.0.0.1:8123')
  const address = new URL(url)
  address.searchParams.set('default_format', 'JSONCompactEachRow')
  for (const [name, value] of Object.entries(resultSettings)) address.searchParams.set(name, String(value))
  return {
    rows: async (sql: string) => {
      const response = await fetch(address, { method: 'POST', body: sql })
      const body = await response.text()
      if (!response.ok) return body.trim()
      // The compiled SQL prints every cell as text or NULL.
      return body
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as (string | null)[])
    },
  }
}
