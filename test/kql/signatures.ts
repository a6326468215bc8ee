import type { Kind } from './data.ts'

/** What an expression is to be: a column's kind, or one of those that only expressions have. */
export type Want = Kind | 'inexact' | 'series'

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
  return found?.[1] ?? 'negate'
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
string: extract({"(a)(b)?"|"([0-9])[0-9]+"|"(.)b"|"=([a-z]*)"}, {0|1}, <string>)
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
string: format_datetime(<datetime>, {"yyyy-MM-dd HH:mm:ss.fffffff"|"yy/M/d h:m:s tt"|"yyyy/MM/dd HH-mm-ss"|"[HH] dd.MM"|"s.ffff"})
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
inexact: toreal(jaccard_index(<texts>, <texts>))
dynamic: repeat(<long>, {0|1|3})
texts: repeat(<string>, {0|2})
dynamic: zip(<numbers>, <texts>)
`

const parsing = `
string: extract_json({"$.a"|"$.b[0]"|"$.a.b"|"$.zz"}, <string>)
string: extractjson({"$.a"|"$.b[1]"|"$.a.b"}, <string>)
long: extract_json({"$.a"|"$.b[0]"}, {'{"a":5,"b":[1,"x"]}'|'{"a":"7"}'|'{}'}, typeof(long))
long: hash(<string>)
long: hash(<string>, 1)
long: hash(<datetime>)
long: hash_xxhash64(<string>)
bool: has_ipv4({"a 10.0.0.1 b"|"x10.0.0.1"|"(10.0.0.1)"|"10.0.0.12"|""}, {"10.0.0.1"|"10.0.0.12"})
bool: has_ipv4(<string>, "10.0.0.1")
bool: has_any_ipv4({"a 10.0.0.1 b"|"x10.0.0.1"|"1.2.3.4,10.0.0.1"}, {"10.0.0.1"|"10.0.0.12"}, "1.2.3.4")
bool: has_any_ipv4(<string>, dynamic(["10.0.0.1", "1.2.3.4"]))
bool: has_ipv4_prefix({"a 10.0.0.1 b"|"x10.0.0.1"|"(10.0.0.1)"}, {"10."|"10.0."|"10.0"|"10.0.0.1"})
bool: has_any_ipv4_prefix(<string>, {"10."|"192.168."}, "1.")
long: parse_ipv4({"10.1.2.3"|"10.1.2.3/8"|"255.255.255.255"|"1.2.3"|""|"256.1.1.1"})
long: parse_ipv4(<string>)
long: parse_ipv4_mask({"10.1.2.3"|"10.1.2.3/8"|"x"}, {0|8|24|32})
long: ipv4_compare({"10.1.2.3"|"10.1.2.3/8"|"x"}, {"10.1.2.4"|"10.9.9.9/8"|"10.1.2.3"})
long: ipv4_compare({"10.1.2.3"|"10.1.2.3/8"}, {"10.1.2.4"|"10.9.9.9/8"}, {8|24|31})
bool: ipv4_is_match({"10.1.2.3"|"10.1.2.3/8"|"x"}, {"10.1.2.4"|"10.9.9.9/8"|"10.1.2.3"})
bool: ipv4_is_match(<string>, "10.0.0.1")
bool: ipv4_is_in_range({"10.1.2.3"|"11.1.2.3"|"x"}, {"10.0.0.0/8"|"10.1.2.3"|"0.0.0.0/0"})
bool: ipv4_is_in_any_range({"10.1.2.3"|"11.1.2.3"}, {"10.0.0.0/8"|"10.1.2.3"}, "1.0.0.0/8")
bool: ipv4_is_in_any_range({"10.1.2.3"|"11.1.2.3"}, dynamic(["11.0.0.0/8", "1.1.1.1"]))
bool: ipv4_is_private({"10.1.2.3"|"11.1.2.3"|"192.168.0.1"|"172.32.0.1"|"x"})
long: ipv4_netmask_suffix({"10.1.2.3"|"10.1.2.3/8"|"x"})
string: format_ipv4({"10.1.2.3"|"10.1.2.3/8"|"x"}«, {0|8|24|31}»)
string: format_ipv4_mask({"10.1.2.3"|"10.1.2.3/8"|"x"}, {0|8|24|31})
string: parse_ipv6({"fe80::1"|"::"|"1:2:3:4:5:6:7:8/16"|"10.0.0.1"|"x"})
string: parse_ipv6_mask({"fe80::1"|"1:2:3:4:5:6:7:8"|"10.0.0.1"|"x"}, {0|16|64|120|128})
long: ipv6_compare({"fe80::1"|"fe80::2"|"fe80::1/64"}, {"fe80::2"|"fe80::ffff/64"})
bool: ipv6_is_match({"fe80::1"|"fe80::2"|"fe80::1/64"|"::ffff:10.0.0.1"}, {"fe80::2"|"fe80::ffff/64"|"10.0.0.1"})
bool: ipv6_is_in_range({"fe80::1"|"2001:db8::1"}, {"fe80::/10"|"2001:db8::/32"})
bool: ipv6_is_in_any_range({"fe80::1"|"2001:db8::1"}, dynamic(["fe80::/10", "::1"]))
inexact: beta_cdf({0.25|0.5|0.75}, {2.0|3.0}, {2.0|4.0})
inexact: beta_pdf({0.25|0.5|0.75}, {2.0|3.0}, {2.0|4.0})
bag: parse_url({"https://u:p@h.io:8080/p/q?k=v&k2=w#f"|"ftp://h/x"|"http://h.io"})
bag: parseurl({"https://u@h.io:8080/p/q?k=v#f"|"http://h.io/"})
dynamic: parse_urlquery({"k=v&k2=w"|"a="|""})
dynamic: parseurlquery({"k=v&k2=w"|"a=1"})
bag: parse_path({@"C:\temp\file.txt"|"/var/log/x.gz"|"/usr/lib/file"})
bool: (parse_version({"1.2.3"|"1.10"|"2"}) > parse_version({"1.2.3.4"|"1.9"|"1.10.0"}))
texts: parse_command_line({"echo \\"a b\\" c"|"x y"|"one"}, "windows")
string: punycode_from_string({"académie-française"|"bücher"|"мир"})
string: punycode_to_string({"acadmie-franaise-npb1a"|"bcher-kva"})
string: punycode_domain_from_string({"xn--bcher-kva.de"|"example.com"})
string: gzip_decompress_from_base64_string({"H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA=="|"H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA=="})
string: zlib_decompress_from_base64_string({"eJwLSS0uUSguKcrMS1cwNDIGACxqBQ4="|"x"})
bag: pack_all()
bag: pack_all(true)
long: strlen(tostring(new_guid()))
bool: (rand() < 1)
bool: assert((<long> == <long>) or true, "never")
datetime: datetime_utc_to_local({datetime(2020-02-02 20:02:20)|datetime(2019-07-01)|datetime(2022-03-27 01:00)}, {"US/Pacific"|"Europe/Brussels"|"Asia/Tokyo"|"Asia/Kolkata"})
datetime: datetime_local_to_utc({datetime(2020-02-02 20:02:20)|datetime(2019-07-01 12:00)}, {"US/Pacific"|"Europe/Brussels"|"Asia/Tokyo"})
inexact: convert_angle(<real>, {"Degree"|"Radian"|"Arcminute"}, {"Arcsecond"|"Degree"|"Revolution"})
inexact: convert_energy(<real>, {"Joule"|"KilowattHour"}, {"Kilojoule"|"WattHour"|"Joule"})
inexact: convert_force(<real>, {"Newton"|"Kilonewton"}, {"Decanewton"|"Millinewton"})
inexact: convert_length(<real>, {"Meter"|"Foot"|"Mile"}, {"Inch"|"Kilometer"|"Meter"})
inexact: convert_mass(<real>, {"Kilogram"|"Pound"}, {"Gram"|"Milligram"})
inexact: convert_speed(<real>, {"MeterPerSecond"|"MilePerHour"}, {"KilometerPerHour"|"MeterPerSecond"})
inexact: convert_volume(<real>, {"CubicMeter"|"Liter"}, {"Milliliter"|"CubicDecimeter"})
inexact: convert_temperature(<real>, {"Kelvin"|"DegreeCelsius"}, {"DegreeFahrenheit"|"Kelvin"})
`

const lists = ['dynamic([1, 2, 4])', 'dynamic([4, 2.5, 1])', 'dynamic([3, 1, 2, 8])', 'dynamic([0.5, 4, 2])']
const list = `{${lists.join('|')}}`
const seriesNames = (names: string): readonly string[] => names.split(' ')

const series = [
  ...seriesNames('abs ceiling cos exp floor log sign sin tan atan').map(
    (name) => `series: series_${name}(${list})`,
  ),
  ...seriesNames('abs ceiling cos exp floor sign sin atan').map(
    (name) => `series: series_${name}(<numbers>)`,
  ),
  ...seriesNames('acos asin').map(
    (name) => `series: series_${name}({dynamic([0.5, -1, 0])|dynamic([1, 0.25])})`,
  ),
  ...seriesNames('add subtract multiply equals not_equals less less_equals greater greater_equals').flatMap(
    (name) => [`series: series_${name}(${list}, ${list})`, `series: series_${name}(<numbers>, <numbers>)`],
  ),
  ...seriesNames('divide pow').map((name) => `series: series_${name}(${list}, ${list})`),
  ...seriesNames('sum product magnitude').map((name) => `inexact: series_${name}(${list})`),
  ...seriesNames('dot_product cosine_similarity pearson_correlation').flatMap((name) => [
    `inexact: series_${name}({dynamic([1, 2, 4])|dynamic([4, 2.5, 1])}, {dynamic([4, 2.5, 1])|dynamic([0.5, 4, 2])})`,
  ]),
  `series: series_stats_dynamic(${list})`,
  `series: series_fit_line_dynamic(${list})`,
  `inexact: toreal(series_stats(${list}))`,
  `inexact: toreal(series_fit_line(${list}))`,
  'series: series_fill_const(<numbers>, {0|-1|2.5})',
  'series: series_fill_forward(<numbers>)',
  'series: series_fill_backward(<numbers>)',
  'series: series_fill_linear({dynamic([null, 1, null, 4])|dynamic([2, null, null, 8, null])})',
  `series: series_fir(${list}, {dynamic([1, -1])|dynamic([1, 1, 1])}, {true|false}, false)`,
  `series: series_fir(${list}, dynamic([1, 1, 1]), true, true)`,
  `series: series_iir(${list}, {dynamic([1])|dynamic([1, 2])}, {dynamic([1, -1])|dynamic([2, 1])})`,
  `series: series_seasonal({dynamic([1, 3, 5, 1, 3, 5, 2, 4, 6])|dynamic([1, 2, 1, 2.5, 3, 2])}, {2|3})`,
  'series: todynamic(tostring(series_fft({dynamic([1, 2, 3, 4])|dynamic([1, 0])})))',
  'series: todynamic(tostring(series_ifft({dynamic([1, 2, 3, 4])|dynamic([1, 0])})))',
].join('\n')

/** All functions of a template. */
function calledIn(template: string): readonly string[] {
  const names = [...template.matchAll(/([a-z_]\w+)\(/g)].map(([, name = '']) => name)
  return [...new Set(names)].filter((name) => !['dynamic', 'datetime', 'typeof'].includes(name))
}

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
  ...read(parsing).map((line) => ({ ...line, names: calledIn(line.template) })),
  ...read(series).map((line) => ({ ...line, names: calledIn(line.template) })),
  ...named(read(dynamics), ({ template }) => calledIn(template)),
]
