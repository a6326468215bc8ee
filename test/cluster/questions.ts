/** Questions over the lab's tables whose answers have one order: each counts, joins or nests in another way. */
export const questions: readonly string[] = [
  'StorageBlobLogs | count',
  'StorageBlobLogs | summarize n = count(), users = dcount(RequesterObjectId), bytes = sum(ResponseBodySize) by OperationName | sort by n desc, OperationName asc',
  'StorageBlobLogs | where TimeGenerated > datetime(2020-01-01) | sort by TimeGenerated desc, CorrelationId asc | take 20 | project TimeGenerated, OperationName, CallerIpAddress, CorrelationId',
  'StorageBlobLogs | summarize arg_max(TimeGenerated, CorrelationId), arg_min(TimeGenerated, Uri) by AccountName, OperationName | sort by AccountName asc, OperationName asc | project AccountName, OperationName, TimeGenerated',
  'StorageBlobLogs | summarize percentiles(DurationMs, 50, 95, 99), stdev(DurationMs) by StatusText | sort by StatusText asc | extend stdev_DurationMs = round(stdev_DurationMs, 6)',
  'StorageBlobLogs | extend address = tostring(split(CallerIpAddress, ":")[0]) | summarize operations = array_sort_asc(make_set(OperationName)) by address | sort by address asc',
  'StorageBlobLogs | make-series n = count() default = 0 on TimeGenerated step 6h by OperationName | sort by OperationName asc',
  'StorageBlobLogs | where AccountName in ((StorageBlobLogs | where OperationName startswith "Get" | distinct AccountName)) | summarize count() by AccountName | sort by AccountName asc',
  'let loud = StorageBlobLogs | summarize n = count() by CallerIpAddress | where n > 1; StorageBlobLogs | join kind=inner loud on CallerIpAddress | summarize count() by OperationName | sort by OperationName asc',
  'StorageBlobLogs | where AccountName !in ((StorageBlobLogs | where OperationName == "GetBlob" | distinct AccountName)) | summarize count() by AccountName | sort by AccountName asc',
  'StorageBlobLogs | join kind=leftanti (StorageBlobLogs | where StatusText != "Success") on CorrelationId | summarize n = count()',
  'StorageBlobLogs | join kind=leftouter (AzureActivity | summarize calls = count() by CallerIpAddress) on CallerIpAddress | summarize n = count(), known = countif(isnotnull(calls))',
  'StorageBlobLogs | join kind=rightsemi (AzureActivity | extend AccountName = tostring(split(_ResourceId, "/")[-1])) on AccountName | summarize n = count() by AccountName | sort by AccountName asc',
  'union withsource = Source StorageBlobLogs, AzureActivity, AZKVAuditLogs | summarize n = count(), earliest = min(TimeGenerated) by Source | sort by Source asc',
  'union StorageBlobLogs, AZKVAuditLogs | where isnotempty(CallerIpAddress) | summarize n = count() by Type, bin(TimeGenerated, 12h) | sort by Type asc, TimeGenerated asc',
  'FlowTuples | summarize flows = count(), bytes = sum(BytesSent) by Decision, Direction, Protocol | sort by Decision asc, Direction asc, Protocol asc',
  'FlowTuples | where Decision == "Deny" | summarize ports = dcount(DestPort), n = count() by SrcIp | sort by n desc, SrcIp asc | take 10',
  'FlowTuples | sort by TimeGenerated asc, SrcIp asc, SrcPort asc, DestIp asc, DestPort asc, State asc | take 25 | project TimeGenerated, SrcIp, SrcPort, DestIp, DestPort, State',
  'FlowTuples | sort by TimeGenerated asc, SrcIp asc, SrcPort asc, DestIp asc, DestPort asc, State asc | serialize n = row_number(), gap = TimeGenerated - prev(TimeGenerated) | where n % 97 == 0 | project n, gap',
  'AzureActivity | summarize n = count() by Caller, ActivityStatusValue | sort by n desc, Caller asc, ActivityStatusValue asc',
  'AzureActivity | extend p = parse_json(Properties) | mv-expand key = bag_keys(p) to typeof(string) | summarize n = count() by key | sort by key asc',
  'AzureActivity | partition by ActivityStatusValue (summarize n = count() | extend part = 1) | summarize total = sum(n), parts = count()',
  'AZKVAuditLogs | summarize n = count() by OperationName, ResultType | sort by OperationName asc, ResultType asc',
  'AzureDiagnostics | where ResourceProvider == "MICROSOFT.KEYVAULT" | summarize n = count() by OperationName | sort by OperationName asc',
  'find where CallerIpAddress != "" project TimeGenerated | summarize n = count() by source_ | sort by source_ asc',
  'StorageBlobLogs | where toscalar(AzureActivity | count) > 0 | summarize n = count()',
  'StorageBlobLogs | summarize by _EvidenceId | count',
  'let ids = materialize(StorageBlobLogs | distinct CorrelationId); ids | count | extend other = toscalar(ids | summarize dcount(CorrelationId, 4))',
]

/** Questions of the same kind that take long to compile. */
export const longQuestions: readonly string[] = [
  'search in (StorageBlobLogs, AzureActivity) "Microsoft" | summarize n = count() by $table | sort by $table asc',
  'search "Microsoft" | summarize n = count() by $table | sort by $table asc',
]
