import type { StorageAccount } from '../tenant.ts'
import { hourMs, isoSecondsZ } from '../time.ts'
import type { StorageEvent } from './storage.ts'

const metricNames = ['Transactions', 'Egress', 'Ingress'] as const
type MetricName = (typeof metricNames)[number]

interface Series {
  readonly dimensions: readonly [apiName: string, authentication: string, responseType: string]
  readonly byHour: Map<number, Record<MetricName, number>>
}

/** What Azure Monitor counts of an account's blob traffic, whether or not a log is kept. */
export class AccountMetrics {
  readonly account: StorageAccount
  readonly #series = new Map<string, Series>()

  constructor(account: StorageAccount) {
    this.account = account
  }

  count(event: StorageEvent): void {
    const authentication = event.credential.type === 'DelegationSas' ? 'SAS' : event.credential.type
    const dimensions = [event.operation, authentication, event.statusText] as const
    const key = dimensions.join('/')
    let series = this.#series.get(key)
    if (series === undefined) this.#series.set(key, (series = { dimensions, byHour: new Map() }))
    const hour = Math.floor(event.time / hourMs)
    let sums = series.byHour.get(hour)
    if (sums === undefined) series.byHour.set(hour, (sums = { Transactions: 0, Egress: 0, Ingress: 0 }))
    sums.Transactions += 1
    sums.Egress += event.responseBytes
    sums.Ingress += event.requestBytes
  }

  /** Data points of one operation and means of authentication that are not zero, as they number in the file. */
  points(from: number, to: number, apiName: string, authentication: string): readonly MetricPoint[] {
    return this.#points(from, to).filter(
      ({ dimensions, total }) => dimensions[0] === apiName && dimensions[1] === authentication && total > 0,
    )
  }

  countPoints(from: number, to: number): number {
    return metricNames.length * this.#series.size * ((to - from) / hourMs)
  }

  /** The answer of `az monitor metrics list` with its three dimensions, hour by hour, as the command prints it. */
  document(from: number, to: number): string {
    const value = metricNames.map((name) => ({
      displayDescription: descriptions[name],
      errorCode: 'Success',
      id: `${this.account.id}/providers/Microsoft.Insights/metrics/${name}`,
      name: { localizedValue: name, value: name },
      resourceGroup: this.account.resourceGroup,
      timeseries: this.#sorted().map((series) => ({
        data: hoursOf(from, to).map((hour) => ({
          timeStamp: isoSecondsZ(hour * hourMs),
          total: series.byHour.get(hour)?.[name] ?? 0,
        })),
        metadatavalues: ['apiname', 'authentication', 'responsetype'].map((dimension, index) => ({
          name: { localizedValue: dimension, value: dimension },
          resourceGroup: this.account.resourceGroup,
          value: series.dimensions[index],
        })),
      })),
      type: 'Microsoft.Insights/metrics',
      unit: name === 'Transactions' ? 'Count' : 'Bytes',
    }))
    const answer = {
      cost: Math.round((to - from) / 60_000) * metricNames.length,
      interval: 'PT1H',
      namespace: 'Microsoft.Storage/storageAccounts',
      resourceregion: this.account.location,
      timespan: `${isoSecondsZ(from)}/${isoSecondsZ(to)}`,
      value,
    }
    return `${JSON.stringify(answer, undefined, 2)}\n`
  }

  #sorted(): readonly Series[] {
    return [...this.#series]
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([, series]) => series)
  }

  #points(from: number, to: number): readonly MetricPoint[] {
    const hours = hoursOf(from, to)
    const sorted = this.#sorted()
    return metricNames.flatMap((name, metricIndex) =>
      sorted.flatMap((series, seriesIndex) =>
        hours.map((hour, hourIndex) => ({
          metric: name,
          dimensions: series.dimensions,
          time: hour * hourMs,
          total: series.byHour.get(hour)?.[name] ?? 0,
          record: (metricIndex * sorted.length + seriesIndex) * hours.length + hourIndex + 1,
        })),
      ),
    )
  }
}

export interface MetricPoint {
  readonly metric: MetricName
  readonly dimensions: readonly [apiName: string, authentication: string, responseType: string]
  readonly time: number
  readonly total: number
  /** 1-based place among the file's data points. */
  readonly record: number
}

const descriptions: Readonly<Record<MetricName, string>> = {
  Transactions: 'The number of requests made to a storage service or the specified API operation.',
  Egress: 'The amount of egress data, in bytes.',
  Ingress: 'The amount of ingress data, in bytes.',
}

function hoursOf(from: number, to: number): readonly number[] {
  return Array.from(
    { length: Math.round((to - from) / hourMs) },
    (_, index) => Math.floor(from / hourMs) + index,
  )
}
