import type { Kind } from './data.ts'

/** What an expression is to be: a column's kind, or one of those that only expressions have. */
export type Want = Kind | 'inexact'

export interface Signature {
  readonly results: readonly Want[]
  /**
   * `<kind>` is an expression of the kind, `<=>` one of the result's, `{a|b}` a choice of texts, `«…»` may be left out,
   * `…*` after a placeholder repeats it up to three times.
   */
  readonly template: string
  /** What is exercised: a function's or an operator's name. */
  readonly names: readonly string[]
}

const scalars: readonly Want[] = ['bool', 'int', 'long', 'real', 'string', 'datetime', 'timespan', 'guid']
const all: readonly Want[] = [...scalars, 'dynamic']

/** Lines of `result: template`; the name is what stands before the bracket. */
function read(lines: string): Signature[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const [, result = '', template = ''] = /^\s*([\w,*]+): (.*)$/.exec(line) ?? []
      const results = result === 'all' ? all : result === 'scalars' ? scalars : (result.split(',') as Want[])
      return { results, template, names: [/^(\w+)\(/.exec(template)?.[1] ?? operatorOf(template)] }
    })
}

/** `(<long> + <long>)` exercises `+`. */
function operatorOf(template: string): string {
  const found = /^\(<[^>]+> (.+?) [<({"@]/.exec(template)
  if (!found?.[1]) throw new Error(`no name in ${template}`)
  return found[1]
}

const choices = `
all: iff(<bool>, <=>, <=>)
all: iif(<bool>, <=>, <=>)
all: case(<bool>, <=>, <bool>, <=>, <=>)
scalars: coalesce(<=>, <=>«, <=>»)
bool: not(<bool>)
bool: isnull(<any>)
bool: isnotnull(<any>)
bool: notnull(<any>)
bool: isempty(<any>)
bool: isnotempty(<any>)
bool: notempty(<any>)
long,int,real,datetime,timespan: max_of(<=>, <=>«, <=>»)
long,int,real,datetime,timespan: min_of(<=>, <=>«, <=>»)
bool: (<bool> and <bool>)
bool: (<bool> or <bool>)
`

const comparisons = ['==', '!=', '<', '<=', '>', '>='].flatMap((symbol) =>
  read(`
bool: (<long> ${symbol} <long>)
bool: (<int> ${symbol} <long>)
bool: (<real> ${symbol} <real>)
bool: (<real> ${symbol} <long>)
bool: (<datetime> ${symbol} <datetime>)
bool: (<timespan> ${symbol} <timespan>)
`),
)

const equalities = `
bool: (<string> == <string>)
bool: (<string> != <string>)
bool: (<bool> == <bool>)
bool: (<bool> != <bool>)
bool: (<guid> == <guid>)
bool: (<guid> != <guid>)
bool: (<dynamicpath> == {"a"|"abc"|""|"é"})
bool: (<dynamicpath> != {"a"|"abc"|""|"é"})
bool: (<long> between (<long> .. <long>))
bool: (<real> between (<real> .. <real>))
bool: (<datetime> between (<datetime> .. <datetime>))
bool: (<datetime> between (<datetime> .. {1d|36h|400d}))
bool: (<timespan> between (<timespan> .. <timespan>))
bool: (<long> !between (<long> .. <long>))
bool: (<datetime> !between (<datetime> .. <datetime>))
bool: (<long> in (<long>, <long>, 3))
bool: (<long> !in (<long>, <long>, 3))
bool: (<string> in (<string>, {"a"|"É"}))
bool: (<string> !in (<string>, {"a"|"É"}))
bool: (<string> in~ (<string>, {"a"|"É"|"МИР"}))
bool: (<string> !in~ (<string>, {"a"|"É"|"МИР"}))
bool: (<string> in (<texts>))
bool: (<string> =~ <string>)
bool: (<string> !~ <string>)
`

const textTests = ['contains', 'startswith', 'endswith', 'has', 'hasprefix', 'hassuffix'].flatMap((name) =>
  [name, `${name}_cs`, `!${name}`, `!${name}_cs`].flatMap((symbol) =>
    read(`
bool: (<string> ${symbol} <string>)
bool: (<string> ${symbol} {"a"|"beta"|"МИР"|"é"|"_"|"a-b"|"12"|" "|"B"|"bar"|"ALPHA"|"foo bar"})
`),
  ),
)

const textLists = `
bool: (<string> has_any ({"a"|"beta"}, {"мир"|"12"}))
bool: (<string> has_all ({"a"|"b"|"foo"}, {"b"|"bar"}))
bool: (<string> has_any (<texts>))
bool: (<string> matches regex {"^a"|"[0-9]+"|"b.$"|"(?i)ABC"|"a|é"|"мир"|"^$"})
`

const arithmetic = `
long: (<long> + <long>)
long: (<int> + <int>)
long: (<long> - <long>)
long: (<long> * <long>)
long: (<int> * <int>)
long: (<long> / <long>)
long: (<long> % <long>)
long: (<int> / <int>)
real: (<real> + <real>)
real: (<real> - <long>)
real: (<real> * <real>)
inexact: (<real> / <real>)
inexact: (<long> / <real>)
real: (<real> % <real>)
datetime: (<datetime> + <timespan>)
datetime: (<datetime> - <timespan>)
timespan: (<datetime> - <datetime>)
timespan: (<timespan> + <timespan>)
timespan: (<timespan> - <timespan>)
timespan: (<timespan> * {2|3|0.5|-1})
timespan: (<timespan> / {2|4})
inexact: (<timespan> / <timespan>)
long: (-<long>)
real: (-<real>)
timespan: (-<timespan>)
`

const numbers = `
long: abs(<long>)
int: abs(<int>)
real: abs(<real>)
timespan: abs(<timespan>)
inexact: acos(<real>)
inexact: asin(<real>)
inexact: atan(<real>)
inexact: atan2(<real>, <real>)
inexact: cos(<real>)
inexact: sin(<real>)
inexact: tan({-1.5|-1|0|0.5|1|2.25|3})
inexact: tan(<real>)
inexact: cot({-1.5|-1|0.5|1|2.25|3})
inexact: cot(<real>)
inexact: degrees(<real>)
inexact: radians(<real>)
inexact: exp(<real>)
inexact: exp2(<real>)
inexact: exp10(<real>)
inexact: log(<real>)
inexact: log2(<real>)
inexact: log10(<real>)
inexact: sqrt(<real>)
inexact: pow(<real>, {-1|0|0.5|2|3|real(nan)})
inexact: pi()
inexact: gamma({0.5|1|3|4.5|7})
inexact: loggamma({0.5|1|3|4.5|7})
inexact: erf(<real>)
inexact: erfc(<real>)
real: ceiling(<real>)
real: sign(<real>)
real: round(<real>)
real: round(<real>, {0|1|2|3})
long: bin(<long>, {1|3|10})
real: bin(<real>, {0.5|1|2|4})
datetime: bin(<datetime>, {1h|1d|7d|30d|1s|365d})
timespan: bin(<timespan>, {1h|1d|1s|7m})
long: floor(<long>, {1|3|10})
datetime: floor(<datetime>, {1h|1d})
long: bin_at(<long>, {1|3|10}, {0|1|-5})
real: bin_at(<real>, {0.5|2}, {0.25|-3.5})
datetime: bin_at(<datetime>, {1h|7d}, {datetime(2020-01-01)|datetime(2018-06-30 12:00)})
timespan: bin_at(<timespan>, {1h|1d}, {10m|-1d})
bool: isnan(<real>)
bool: isinf(<real>)
bool: isfinite(<real>)
long: binary_and(<long>, <long>)
long: binary_or(<long>, <long>)
long: binary_xor(<long>, <long>)
long: binary_not(<long>)
long: binary_shift_left(<long>, {0|1|5|63|64|70})
long: binary_shift_right(<long>, {0|1|5|63|64|70})
long: bitset_count_ones(<long>)
`

const conversions = `
bool: tobool(<string>)
bool: tobool(<long>)
bool: toboolean(<string>)
bool: toboolean(<dynamicpath>)
datetime: todatetime(<string>)
datetime: todatetime(<dynamicpath>)
real: todouble(<string>)
real: todouble(<long>)
real: todouble(<dynamicpath>)
real: toreal(<string>)
real: toreal(<int>)
guid: toguid(<string>)
string: tostring(<all>)
int: toint(<string>)
int: toint(<long>)
int: toint(<dynamicpath>)
long: tolong(<string>)
long: tolong(<real>)
long: tolong(<dynamicpath>)
long: tolong(<bool>)
timespan: totimespan(<string>)
timespan: totimespan(<dynamicpath>)
timespan: totime(<string>)
dynamic: parse_json(<string>)
dynamic: parsejson(<string>)
dynamic: todynamic(<string>)
dynamic: toobject(<string>)
string: dynamic_to_json(<dynamic>)
string: dynamic_to_json(<bag>)
string: gettype(<any>)
`

const strings = `
long: strlen(<string>)
long: string_size(<string>)
string: tolower(<string>)
string: toupper(<string>)
string: reverse(<string>)
string: strcat(<string>, <any>«, <string>»)
string: strcat_delim({"-"|""|", "}, <string>, <any>)
string: strcat_array(<texts>, {"-"|""|","})
string: strcat_array(<numbers>, {"-"|""|","})
string: array_strcat(<texts>, {"-"|""|","})
long: strcmp(<string>, <string>)
string: strrep(<string>, {0|1|3}«, {"-"|""}»)
string: substring(<string>, {-3|-1|0|1|2|9}«, {0|1|2|5}»)
long: indexof(<string>, {"a"|"b"|"bar"|"и"|""}«, {0|1|-2}»)
long: indexof(<string>, {"a"|"ab"}, 0, -1, {1|2|3})
string: trim({"a"|"[a-z]"|" "|"\\\\W"|"[^a-z]+"}, <string>)
string: trim_start({"a"|"[a-z]+"|" +"}, <string>)
string: trim_end({"a"|"[a-z]"|" +"}, <string>)
string: extract({"(a)(b)?"|"[0-9]+"|"(.)b"|"=([a-z]*)"}, {0|1}, <string>)
dynamic: extract_all({"([a-z])"|"([a-z])([0-9a-z])"|"(.)="}, <string>)
dynamic: extractall({"([a-z])"|"([0-9]+)"}, <string>)
string: replace_string(<string>, {"a"|"ab"|""|"и"}, {"x"|""|"aa"})
string: replace_regex(<string>, {"[a-z]"|"(a)(b)"|"[0-9]+"|"и"}, {"x"|""})
string: replace({"[a-z]"|"[0-9]+"|"b"}, {"x"|""}, <string>)
string: replace_strings(<string>, dynamic(["a", "b"]), dynamic(["b", "c"]))
texts: split(<string>, {","|"="|" "|"b"|""})
dynamic: split(<string>, {","|"="|"a"}, {0|1|5})
long: countof(<string>, {"a"|"ab"|"aba"})
long: countof(<string>, {"a"|"a.a"|"[0-9]"}, "regex")
string: translate({"abc"|"a"|"ба"}, {"x"|"xyz"|"b"}, <string>)
bool: isascii(<string>)
bool: isutf8(<string>)
numbers: to_utf8(<string>)
numbers: unicode_codepoints_from_string(<string>)
string: make_string({97|233|128512}, {dynamic([98, 1084])|100})
string: unicode_codepoints_to_string({97|233|128512}, {dynamic([98, 1084])|100})
string: regex_quote(<string>)
string: base64_encode_tostring(<string>)
string: base64_encodestring(<string>)
string: base64_decode_tostring(base64_encode_tostring(<string>))
string: base64_decodestring(base64_encode_tostring(<string>))
string: url_encode_component(<string>)
string: url_encode(<string>)
string: url_decode(url_encode_component(<string>))
long: has_any_index(<string>, {dynamic(["x", "a", "beta"])|dynamic(["МИР"])})
long: indexof_regex(<string>, {"[a-c]"|"[0-9]+"|"b.r"})
string: hash_md5(<string>)
string: hash_sha1(<string>)
string: hash_sha256(<string>)
string: tohex(<long>)
string: tohex({10|255|-1}, {4|8})
string: format_bytes({0|564|10332|20010332|-2048}, {0|1|2})
numbers: base64_decode_toarray({"S3VzdG8="|"AQID"|""})
string: base64_encode_fromarray(dynamic([75, 117, 0, 255]))
string: base64_encode_fromguid(<guid>)
guid: base64_decode_toguid(base64_encode_fromguid(<guid>))
texts: parse_csv({'aa,"b,b",c'|"x"|""|"1,,3"})
`

const times = `
datetime: now()
datetime: now({1h|-1d})
datetime: ago({1h|30d|0s})
datetime: startofday(<datetime>«, {-1|1|30}»)
datetime: startofweek(<datetime>«, {-1|1|30}»)
datetime: startofmonth(<datetime>«, {-1|1|30}»)
datetime: startofyear(<datetime>«, {-1|1}»)
datetime: endofday(<day>«, {-1|1|30}»)
datetime: endofweek(<day>«, {-1|1|30}»)
datetime: endofmonth(<day>«, {-1|1|30}»)
datetime: endofyear(<day>«, {-1|1}»)
timespan: dayofweek(<datetime>)
int: dayofmonth(<datetime>)
int: dayofyear(<datetime>)
int: hourofday(<datetime>)
int: monthofyear(<datetime>)
int: getmonth(<datetime>)
int: getyear(<datetime>)
long: week_of_year(<day>)
long: weekofyear(<day>)
long: datetime_part({"Year"|"Quarter"|"Month"|"Day"|"DayOfYear"|"Hour"|"Minute"|"Second"|"Millisecond"|"Microsecond"|"Nanosecond"}, <datetime>)
long: datepart({"year"|"quarter"|"month"|"day"|"hour"|"minute"|"second"}, <datetime>)
datetime: datetime_add({"year"|"quarter"|"month"|"week"|"day"|"hour"|"minute"|"second"|"millisecond"}, {-13|-1|0|1|5}, <day>)
long: datetime_diff({"year"|"quarter"|"month"|"week"|"day"|"hour"|"minute"|"second"|"millisecond"}, <datetime>, <datetime>)
datetime: make_datetime({2020|1999|9999|2021}, {1|2|13|12}, {1|29|31|0}«, {0|12|24}, {0|59|60}»)
timespan: make_timespan({0|1|23|24}, {0|59|60}«, {0|30|59}»)
timespan: make_timespan({0|1|365}, {0|1|23}, {0|59}, {0|30})
datetime: unixtime_seconds_todatetime({0|1546300800|-1|253402300799})
datetime: unixtime_milliseconds_todatetime({0|1546300800123|-1})
datetime: unixtime_microseconds_todatetime({0|1546300800123456|-1})
datetime: unixtime_nanoseconds_todatetime({0|1546300800123456789})
string: format_datetime(<datetime>, {"yyyy-MM-dd HH:mm:ss.fffffff"|"yy/M/d h:m:s tt"|"yyyy-MM-ddTHH:mm:ss"|"[HH] dd.MM"|"s.ffff"})
string: format_timespan(<timespan>, {"d.hh:mm:ss.fffffff"|"hh:mm"|"ddd h:m:s [fff]"|"HH:mm:ss"})
numbers: range({0|1|-3}, {3|5|-5}«, {1|2}»)
numbers: range({0.5|1.0}, {3.0|2.25}, {0.5|0.25})
`

const dynamics = `
dynamic: pack_array(<any>, <any>)
numbers: pack_array(<long>, <long>)
texts: pack_array(<string>, <string>)
bag: pack({"a"|"b"}, <any>, {"c"|"é"}, <any>)
bag: bag_pack({"a"|"b"}, <any>, {"c"|"é"}, <any>)
bag: pack_dictionary({"a"|"b"}, <any>, {"c"|"é"}, <any>)
long: array_length(<dynamic>)
long: array_length(<numbers>)
long: arraylength(<texts>)
numbers: array_concat(<numbers>, <numbers>)
texts: array_concat(<texts>, <texts>)
numbers: array_iff(dynamic([true, false, null]), <numbers>, <numbers>)
numbers: array_iif(dynamic([true, false, true]), <numbers>, <long>)
long: array_index_of(<texts>, {"a"|"é"|""})
long: array_index_of(<numbers>, {0|1|2.5})
dynamic: array_reverse(<dynamic>)
numbers: array_reverse(<numbers>)
texts: array_rotate_left(<texts>, {0|1|-1|7})
numbers: array_rotate_right(<numbers>, {0|1|-1|7})
numbers: array_shift_left(<numbers>, {0|1|-1|7}«, {0|-1}»)
numbers: array_shift_right(<numbers>, {0|1|-1|7}«, {0|-1}»)
texts: array_shift_left(<texts>, {0|1|-1|7})
numbers: array_slice(<numbers>, {0|1|-2}, {0|2|-1|5})
texts: array_slice(<texts>, {0|1|-2}, {0|2|-1|5})
numbers: array_sort_asc(<numbers>)
texts: array_sort_asc(<texts>)
numbers: array_sort_desc(<numbers>)
texts: array_sort_desc(<texts>)
real: array_sum(<numbers>)
dynamic: array_split(<numbers>, {1|2|-1|dynamic([1, 2])})
texts: array_sort_asc(bag_keys(<bag>))
long: array_length(bag_keys(<bag>))
bag: bag_merge(<bag>, <bag>)
bag: bag_remove_keys(<bag>, {dynamic(["a"])|dynamic(["b", "zz"])})
bag: bag_set_key(<bag>, {"a"|"zz"}, <any>)
bool: bag_has_key(<bag>, {"a"|"b"|"zz"})
bag: bag_zip(<texts>, <numbers>)
numbers: array_sort_asc(set_difference(<numbers>, <numbers>))
numbers: array_sort_asc(set_intersect(<numbers>, <numbers>))
numbers: array_sort_asc(set_union(<numbers>, <numbers>))
texts: array_sort_asc(set_union(<texts>, <texts>))
texts: array_sort_asc(set_difference(<texts>, <texts>))
texts: array_sort_asc(set_intersect(<texts>, <texts>))
dynamic: set_union(<texts>, <texts>)
bool: set_equals(<numbers>, <numbers>)
bool: set_equals(<texts>, <texts>)
bool: set_has_element(<texts>, {"a"|"é"|""})
bool: set_has_element(<numbers>, {0|1|7})
inexact: jaccard_index(<texts>, <texts>)
dynamic: repeat(<long>, {0|1|3})
texts: repeat(<string>, {0|2})
dynamic: zip(<numbers>, <texts>)
`

const named = (lines: readonly Signature[], names: (line: Signature) => readonly string[]): Signature[] =>
  lines.map((line) => ({ ...line, names: names(line) }))

/** What expressions can be made of. */
export const signatures: readonly Signature[] = [
  ...read(choices),
  ...comparisons,
  ...read(equalities),
  ...textTests,
  ...read(textLists),
  ...named(read(arithmetic.replaceAll('(-<', 'negate(<')), ({ names }) => names).map((line) => ({
    ...line,
    template: line.template.replace('negate(<', '(-<'),
  })),
  ...read(numbers),
  ...read(conversions),
  ...read(strings),
  ...read(times),
  ...named(read(dynamics), ({ template }) => [...new Set([...template.matchAll(/([a-z_]\w+)\(/g)].map(([, name = '']) => name))].filter((name) => name !== 'dynamic')),
]
