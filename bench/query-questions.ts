/** A question in KQL, and as a careful hand writes it in ClickHouse SQL over the case's tables. */
export interface Question {
  readonly name: string
  readonly kql: string
  readonly sql: string
}

const day = `toDateTime64('2025-03-05 00:00:00', 7, 'UTC')`
const nextDay = `toDateTime64('2025-03-06 00:00:00', 7, 'UTC')`

export const questions: readonly Question[] = [
  {
    name: 'flows: most bytes in a day',
    kql: `FlowTuples
      | where TimeGenerated between (datetime(2025-03-05) .. datetime(2025-03-06))
      | summarize Bytes = sum(BytesSent + BytesReceived) by SrcIp
      | top 20 by Bytes`,
    sql: `SELECT SrcIp, sum(BytesSent + BytesReceived) AS Bytes FROM logs.FlowTuples
      WHERE TimeGenerated BETWEEN ${day} AND ${nextDay} GROUP BY SrcIp ORDER BY Bytes DESC LIMIT 20`,
  },
  {
    name: 'flows: denied by hour and rule',
    kql: `FlowTuples
      | where Decision == 'Deny' and Direction == 'Inbound'
      | summarize count() by bin(TimeGenerated, 1h), Rule`,
    sql: `SELECT toStartOfHour(TimeGenerated) AS Hour, Rule, count() FROM logs.FlowTuples
      WHERE Decision = 'Deny' AND Direction = 'Inbound' GROUP BY Hour, Rule`,
  },
  {
    name: 'flows: who scans',
    kql: `FlowTuples
      | where TimeGenerated >= datetime(2025-03-08) and Decision == 'Deny'
      | summarize Ports = dcount(DestPort), Hosts = dcount(DestIp) by SrcIp
      | where Ports > 8`,
    sql: `SELECT SrcIp, uniqExact(DestPort) AS Ports, uniqExact(DestIp) AS Hosts FROM logs.FlowTuples
      WHERE TimeGenerated >= toDateTime64('2025-03-08 00:00:00', 7, 'UTC') AND Decision = 'Deny' GROUP BY SrcIp HAVING Ports > 8`,
  },
  {
    name: 'flows: one address',
    kql: `FlowTuples
      | where SrcIp == '203.0.113.7' or DestIp == '203.0.113.7'
      | summarize Flows = count(), First = min(TimeGenerated), Last = max(TimeGenerated) by DestPort`,
    sql: `SELECT DestPort, count(), min(TimeGenerated), max(TimeGenerated) FROM logs.FlowTuples
      WHERE SrcIp = '203.0.113.7' OR DestIp = '203.0.113.7' GROUP BY DestPort`,
  },
  {
    name: 'flows: out to public addresses',
    kql: `FlowTuples
      | where TimeGenerated between (datetime(2025-03-05) .. datetime(2025-03-06)) and Direction == 'Outbound'
      | where not(ipv4_is_private(DestIp))
      | summarize Bytes = sum(BytesSent) by DestIp
      | top 10 by Bytes`,
    sql: `SELECT DestIp, sum(BytesSent) AS Bytes FROM logs.FlowTuples
      WHERE TimeGenerated BETWEEN ${day} AND ${nextDay} AND Direction = 'Outbound'
        AND isIPv4String(DestIp) AND NOT (isIPAddressInRange(DestIp, '10.0.0.0/8') OR isIPAddressInRange(DestIp, '172.16.0.0/12') OR isIPAddressInRange(DestIp, '192.168.0.0/16'))
      GROUP BY DestIp ORDER BY Bytes DESC LIMIT 10`,
  },
  {
    name: 'flows: the latest of a port',
    kql: `FlowTuples
      | where DestPort == 3389 and Decision == 'Allow'
      | top 50 by TimeGenerated desc
      | project TimeGenerated, SrcIp, DestIp, BytesSent`,
    sql: `SELECT TimeGenerated, SrcIp, DestIp, BytesSent FROM logs.FlowTuples
      WHERE DestPort = 3389 AND Decision = 'Allow' ORDER BY TimeGenerated DESC LIMIT 50`,
  },
  {
    name: 'sign-ins: failures by address and hour',
    kql: `SigninLogs
      | where ResultType != '0'
      | summarize Failures = count(), Users = dcount(UserPrincipalName) by IPAddress, bin(TimeGenerated, 1h)
      | where Failures > 1`,
    sql: `SELECT IPAddress, toStartOfHour(TimeGenerated) AS Hour, count() AS Failures, uniqExact(UserPrincipalName) AS Users
      FROM logs.SigninLogs WHERE ResultType != '0' GROUP BY IPAddress, Hour HAVING Failures > 1`,
  },
  {
    name: 'sign-ins: one person, a day',
    kql: `SigninLogs
      | where TimeGenerated between (datetime(2025-03-05) .. datetime(2025-03-06))
      | where UserPrincipalName =~ 'PERSON42@example.test'
      | project TimeGenerated, AppDisplayName, IPAddress, ResultType
      | sort by TimeGenerated asc`,
    sql: `SELECT TimeGenerated, AppDisplayName, IPAddress, ResultType FROM logs.SigninLogs
      WHERE TimeGenerated BETWEEN ${day} AND ${nextDay} AND lowerUTF8(UserPrincipalName) = 'person42@example.test'
      ORDER BY TimeGenerated`,
  },
  {
    name: 'sign-ins: a term in the user agent',
    kql: `SigninLogs | where UserAgent has 'python' | summarize count() by AppDisplayName, ResultType`,
    sql: `SELECT AppDisplayName, ResultType, count() FROM logs.SigninLogs
      WHERE match(UserAgent, '(?i)(?:^|[^\\\\p{L}\\\\p{N}])python(?:$|[^\\\\p{L}\\\\p{N}])') GROUP BY AppDisplayName, ResultType`,
  },
  {
    name: 'sign-ins: by city',
    kql: `SigninLogs
      | where tostring(LocationDetails.city) == 'Oslo'
      | summarize count() by tostring(LocationDetails.countryOrRegion), ResultType`,
    sql: `SELECT JSONExtractString(LocationDetails, 'countryOrRegion') AS Country, ResultType, count() FROM logs.SigninLogs
      WHERE JSONExtractString(LocationDetails, 'city') = 'Oslo' GROUP BY Country, ResultType`,
  },
  {
    name: 'sign-ins: devices out of order',
    kql: `SigninLogs
      | where DeviceDetail.isCompliant == false and DeviceDetail.operatingSystem startswith 'windows'
      | summarize count() by tostring(DeviceDetail.operatingSystem)`,
    sql: `SELECT JSONExtractString(DeviceDetail, 'operatingSystem') AS System, count() FROM logs.SigninLogs
      WHERE JSONExtractRaw(DeviceDetail, 'isCompliant') = 'false' AND startsWith(lower(System), 'windows') GROUP BY System`,
  },
  {
    name: 'sign-ins: success after failures',
    kql: `let sprayers = SigninLogs | where ResultType == '50126' | summarize Failed = dcount(UserId) by IPAddress | where Failed > 3;
      SigninLogs
      | where ResultType == '0'
      | join kind=inner sprayers on IPAddress
      | summarize Users = dcount(UserId), Failed = max(Failed) by IPAddress`,
    sql: `SELECT l.IPAddress, uniqExact(l.UserId), max(r.Failed) FROM logs.SigninLogs AS l
      INNER JOIN (SELECT IPAddress, uniqExact(UserId) AS Failed FROM logs.SigninLogs WHERE ResultType = '50126' GROUP BY IPAddress HAVING Failed > 3) AS r
      ON l.IPAddress = r.IPAddress WHERE l.ResultType = '0' GROUP BY l.IPAddress`,
  },
]
