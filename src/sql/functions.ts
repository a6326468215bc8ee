/**
 * The only functions, aggregates and types that the printer lets through. None of them reads a file, a table,
 * a setting or the server's state, sleeps, or touches the network.
 */
const functions = new Set(
  `
  abs acos addMonths addSeconds addYears and array arrayConcat arrayCount arrayDistinct arrayElement arrayEnumerate
  arrayEnumerateUniq arrayExcept arrayExists arrayAll arrayFilter arrayFirst arrayFirstIndex arrayFlatten arrayFold arrayIntersect
  arrayJoin arrayLast arrayLastIndex arrayMap arrayMax arrayMin arrayPopBack arrayPopFront arrayPushBack arrayPushFront
  arrayResize arrayReverse arrayReverseSort arrayRotateLeft arrayRotateRight arrayShiftLeft arrayShiftRight arraySlice
  arraySort arrayStringConcat arraySum arrayAvg arrayProduct arrayCumSum arrayDifference arrayUnion arrayUniq arrayWithConstant arrayZip
  arrayZipUnaligned arrayReduce arrayReduceInRanges ascii asin assumeNotNull atan atan2 base64Decode base64Encode bitAnd
  bitCount bitNot bitOr bitShiftLeft bitShiftRight bitXor bin byteSwap cbrt ceil char coalesce concat concatWithSeparator cos
  cosh cutToFirstSignificantSubdomain cutURLParameter dateDiff date_diff dateTrunc decodeURLComponent degrees divide
  dictGet domain empty encodeURLComponent endsWith equals erf exp exp10 exp2 extract extractAll extractAllGroups
  extractAllGroupsVertical extractGroups farmHash64 floor format formatDateTime fragment fromUnixTimestamp64Micro
  fromUnixTimestamp64Milli fromUnixTimestamp64Nano gcd greater greaterOrEquals greatest has hasAll hasAny hasSubstr
  hasToken hasTokenCaseInsensitive hex hypot identity if ifNotFinite ifNull in indexOf intDiv intDivOrZero intDivOrNull intExp10 IPv4CIDRToRange
  IPv4NumToString IPv4StringToNum IPv4StringToNumOrNull IPv4ToIPv6 IPv6CIDRToRange IPv6NumToString IPv6StringToNum
  IPv6StringToNumOrNull isFinite isInfinite isIPAddressInRange isIPv4String isIPv6String isNaN isNotDistinctFrom
  isNotNull isNull isValidJSON isValidUTF8 JSONArrayLength JSONExtract JSONExtractArrayRaw JSONExtractBool
  JSONExtractFloat JSONExtractInt JSONExtractKeys JSONExtractKeysAndValuesRaw JSONExtractRaw JSONExtractString
  JSONExtractUInt JSONHas JSONKey JSONLength JSONType jumpConsistentHash lagInFrame leadInFrame least left
  leftPad leftPadUTF8 leftUTF8 length lengthUTF8 less lessOrEquals lgamma like log log10 log1p log2 lower lowerUTF8 lttb
  map mapApply mapConcat mapContains mapFilter mapFromArrays mapKeys mapSort mapValues mapAdd match max2 MD5 min2 minus modulo moduloOrNull
  moduloOrZero multiFuzzyMatchAny multiMatchAny multiMatchAnyIndex multiSearchAny multiSearchAnyCaseInsensitive
  multiSearchAnyCaseInsensitiveUTF8 multiSearchAnyUTF8 multiSearchFirstPosition multiIf multiply negate netloc
  normalizeUTF8NFC not notEmpty notEquals notIn now64 nullIf or path pathFull pi plus port position
  positionCaseInsensitive positionCaseInsensitiveUTF8 positionUTF8 positiveModulo pow protocol queryString radians
  rand64 randCanonical range regexpExtract regexpQuoteMeta reinterpret reinterpretAsFloat64 reinterpretAsInt64 reinterpretAsUInt64
  reinterpretAsString repeat replaceAll replaceOne replaceRegexpAll replaceRegexpOne reverse reverseUTF8 right rightPad
  rightPadUTF8 rightUTF8 round roundBankers SHA1 SHA224 SHA256 SHA512 sign sin sinh sipHash64
  splitByChar splitByRegexp splitByString sqrt startsWith startsWithUTF8 substring substringUTF8 subtractMonths
  tan tanh tgamma throwIf toBool toDate toDate32 toDateTime64 toDateTime64OrNull toDayOfMonth toDayOfWeek
  toDayOfYear toDecimal128 toDecimal128OrNull toDecimalString toFloat32 toFloat64 toFloat64OrNull toFloat64OrZero toHour toInt128
  toInt16 toInt256 toInt32 toInt32OrNull toInt64 toInt64OrNull toInt8 toIntervalMonth toIntervalSecond
  toIntervalYear toISOWeek toJSONString toMinute toMonth toNullable toQuarter toSecond toStartOfDay toStartOfMonth toStartOfSecond
  toStartOfWeek toStartOfYear toString toStringCutToZero toTypeName toUInt128 toUInt16 toUInt16OrNull toUInt256 toUInt32 toUInt64
  toUInt64OrNull toUInt8 toUnixTimestamp64Nano toUUID toUUIDOrNull toUUIDOrZero toValidUTF8 toYear tokens transform translate
  translateUTF8 trim trimBoth trimLeft trimRight trunc tryBase64Decode tryDecrypt tuple tupleElement unhex upper upperUTF8
  UUIDNumToString UUIDStringToNum xor xxHash64 generateUUIDv4 ngrams stem soundex URLHierarchy
  arrayFill arrayReverseFill materialize
  accurateCastOrNull toDateTime parseDateTime64BestEffortOrNull seriesDecomposeSTL seriesPeriodDetectFFT seriesOutliersDetectTukey
  h3IsValid geoToH3 h3ToGeo h3kRing h3GetResolution h3ToParent h3ToChildren geohashEncode geohashDecode
  greatCircleDistance geoDistance pointInPolygon IPv4StringToNumOrDefault bitTest bitPositionsToArray arrayPartialSort arrayPartialReverseSort arrayRemove arrayJaccardIndex
  levenshteinDistance damerauLevenshteinDistance crc32 CRC32 countSubstrings timeSlot finalizeAggregation emptyArrayToSingle emptyArrayString
  arrayNormalizedGini arrayROCAUC cutQueryStringAndFragment extractURLParameter extractURLParameterNames topLevelDomain caseFoldUTF8
  regexpPosition countMatches multiplyDecimal divideDecimal h3ToString stringToH3 h3HexRing h3ToGeoBoundary timezoneOffset toTimezone toDecimal256 toDecimal256OrNull erfc
  `
    .trim()
    .split(/\s+/),
)

const aggregates = new Set(
  `
  varSampStable varSampStableIf varPopStable varPopStableIf stddevSampStable stddevSampStableIf stddevPopStable stddevPopStableIf
  any anyLast anyLastIf anyIf anyOrNull anyOrNullIf minOrNull minOrNullIf maxOrNull maxOrNullIf anyRespectNulls any_respect_nulls argMax argMaxIf argMin argMinIf avg avgIf corr count countIf covarPopStable covarPopStableIf covarSampStable covarSampStableIf
  dense_rank first_value first_value_respect_nulls groupArray groupArrayIf groupArrayArray groupArraySorted groupArraySortedArray groupBitAnd groupBitAndIf groupBitOr groupBitOrIf groupBitXor groupBitXorIf
  groupUniqArray groupUniqArrayIf kurtPop kurtSamp lagInFrame last_value last_value_respect_nulls leadInFrame max maxIf maxMap median min minIf
  quantileExact quantileExactIf quantileExactHigh quantileExactLow quantileExactInclusive quantileExactWeighted quantilesExact quantilesExactHigh quantilesExactLow quantilesExactWeighted
  rank row_number simpleLinearRegression skewPop skewSamp stddevPop stddevSamp stddevSampIf stddevPopIf sum sumIf sumMap sumKahan
  sumWithOverflow sumWithOverflowIf topK uniqExact uniqExactIf varPop varPopIf varSamp varSampIf uniq uniqHLL12 uniqCombined64 windowFunnel groupConcat groupArrayLast groupArraySample groupArrayMovingSum argAndMax
  `
    .trim()
    .split(/\s+/),
)

const typeWord =
  /^(?:(?:Nullable|Array|Tuple|Map|LowCardinality|U?Int(?:8|16|32|64|128|256)|Float(?:32|64)|String|Bool|UUID|IPv4|IPv6|Date32|DateTime64|Decimal|Date|Nothing)|[(), ]|'UTC'|\d+)+$/

export function isListedFunction(name: string): boolean {
  return functions.has(name)
}

export function isListedAggregate(name: string): boolean {
  return aggregates.has(name)
}

export function isListedType(type: string): boolean {
  return typeWord.test(type)
}
