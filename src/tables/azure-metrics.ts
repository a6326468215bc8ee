import { all, has, hasKey, not } from './condition.ts'
import { byHour, byTime, column, exactly, repeated, table } from './declare.ts'
import { isExport, standardColumns } from './standard.ts'
import { at, extract, first, lastSegment, segment } from './value.ts'

/** The resource in front of the metric's own part of an id. */
const resourceOfSeries = extract(at('id'), '(?i)^(.*?)(?:/providers/microsoft.insights/metrics/[^/]*)?$')

export const azureMetrics = table({
  name: 'AzureMetrics',
  doc: 'Measurements of resources, one row a metric, resource and time. Dimensions is our own column: exports by diagnostic settings have none, answers of the metrics API do.',
  columns: [
    ...standardColumns('AzureMetrics', {
      diagnostic: { time: first(at('time'), at('timeStamp')), resourceId: at('resourceId') },
      series: { time: at('point', 'timeStamp'), resourceId: resourceOfSeries },
    }),
    repeated('MetricName', 'string', 'Metric, such as Egress or Transactions.', {
      diagnostic: at('metricName'),
      series: first(at('name', 'value'), at('name')),
    }),
    column('Total', 'real', 'Sum over the time grain.', {
      diagnostic: at('total'),
      series: at('point', 'total'),
    }),
    column('Count', 'real', 'Number of measurements.', {
      diagnostic: at('count'),
      series: at('point', 'count'),
    }),
    column('Minimum', 'real', 'Least measurement.', {
      diagnostic: at('minimum'),
      series: at('point', 'minimum'),
    }),
    column('Maximum', 'real', 'Greatest measurement.', {
      diagnostic: at('maximum'),
      series: at('point', 'maximum'),
    }),
    column('Average', 'real', 'Mean of the measurements.', {
      diagnostic: at('average'),
      series: at('point', 'average'),
    }),
    repeated('UnitName', 'string', 'Unit of the metric.', { diagnostic: at('unit'), series: at('unit') }),
    repeated('TimeGrain', 'string', 'Time that a row stands for, such as PT1M.', {
      diagnostic: at('timeGrain'),
      series: at('interval'),
    }),
    column(
      'Dimensions',
      'dynamic',
      'Dimensions of the row, such as ApiName or Authentication, with their values.',
      {
        series: at('dimensions'),
      },
    ),
    repeated('ResourceId', 'string', 'Resource that was measured, in the case it arrived in.', {
      diagnostic: at('resourceId'),
      series: resourceOfSeries,
    }),
    repeated('Resource', 'string', 'Name of that resource.', {
      diagnostic: lastSegment(at('resourceId')),
      series: lastSegment(resourceOfSeries),
    }),
    repeated('ResourceGroup', 'string', 'Resource group of that resource.', {
      diagnostic: segment(at('resourceId'), 'resourcegroups'),
      series: first(segment(at('id'), 'resourcegroups'), at('resourceGroup')),
    }),
    repeated('ResourceProvider', 'string', 'Resource provider of that resource.', {
      diagnostic: segment(at('resourceId'), 'providers'),
      series: segment(resourceOfSeries, 'providers'),
    }),
    repeated('SubscriptionId', 'string', 'Subscription of that resource.', {
      diagnostic: segment(at('resourceId'), 'subscriptions'),
      series: segment(at('id'), 'subscriptions'),
    }),
    repeated('CallerIpAddress', 'string', 'Caller, where a workspace filled it.'),
    repeated('Category', 'string', 'Category, where a workspace filled it.'),
    repeated('Confidence', 'string', 'Confidence of threat intelligence about an address.'),
    repeated('CorrelationId', 'string', 'Correlation id, where a workspace filled it.'),
    repeated('Description', 'string', 'Description of threat intelligence about an address.'),
    column('DurationMs', 'long', 'Duration, in milliseconds, where a workspace filled it.'),
    repeated('FirstReportedDateTime', 'string', 'When an address was first reported.'),
    repeated('IndicatorThreatType', 'string', 'Kind of threat that an address stands for.'),
    repeated('IsActive', 'string', 'Whether the threat intelligence is in force.'),
    repeated('LastReportedDateTime', 'string', 'When an address was last reported.'),
    repeated('MaliciousIP', 'string', 'Address found in threat intelligence.'),
    repeated('OperationName', 'string', 'Operation, where a workspace filled it.'),
    repeated('OperationVersion', 'string', 'Version of the record.'),
    repeated('RemoteIPCountry', 'string', 'Country of an address found in threat intelligence.'),
    column('RemoteIPLatitude', 'real', 'Latitude of that address.'),
    column('RemoteIPLongitude', 'real', 'Longitude of that address.'),
    repeated('ResultDescription', 'string', 'Result in words, where a workspace filled it.'),
    repeated('ResultSignature', 'string', 'Result in a word, where a workspace filled it.'),
    repeated('ResultType', 'string', 'Result, where a workspace filled it.'),
    column('Severity', 'int', 'Severity of threat intelligence about an address.'),
    repeated('TLPLevel', 'string', 'Traffic light of threat intelligence about an address.'),
  ],
  shapes: [
    {
      name: 'diagnostic',
      doc: 'Metrics exported by a diagnostic setting',
      form: 'envelope',
      richness: 60,
      when: all(
        has('metricName'),
        has('resourceId'),
        not(hasKey('TimeGenerated')),
        not(hasKey('TimeGenerated [UTC]')),
      ),
    },
    {
      name: 'series',
      doc: 'Answer of the metrics API or of `az monitor metrics list`: one row a point of a series',
      unit: 'point',
      richness: 70,
      when: all(hasKey('timeseries'), hasKey('name'), hasKey('id')),
    },
    {
      name: 'logAnalytics',
      doc: 'AzureMetrics exported from Log Analytics',
      form: 'logAnalytics',
      csv: true,
      richness: 50,
      when: isExport('AzureMetrics', all(hasKey('MetricName'), hasKey('TimeGrain'))),
    },
  ],
  sortKey: [exactly('MetricName'), byHour, byTime],
  identity: { kind: 'unkeyed' },
})
