/**
 * How to recognise what sends a request: the first pattern that matches names the family. Groups are the parts of the
 * version; for devices the model, and in it what belongs to the family's name. Families bear the names that they have in published user agent lists.
 */
export interface AgentRule {
  readonly pattern: string
  readonly family: string
  /** Parts of the version that do not stand in the text. */
  readonly version?: readonly string[]
}

export interface DeviceRule {
  readonly pattern: string
  /** Before the model, where there is a group. */
  readonly family: string
  readonly brand: string
  readonly model?: string
}

const numbers = '(\\d+)(?:\\.(\\d+))?(?:\\.(\\d+))?'

function named(token: string, family = token): AgentRule {
  return { pattern: `${token}/${numbers}`, family }
}

export const browserRules: readonly AgentRule[] = [
  named('AdobeAIR'),
  { pattern: `Series60/${numbers}.*Safari`, family: 'Nokia OSS Browser' },
  { pattern: `[Gg]ooglebot/${numbers}`, family: 'Googlebot' },
  { pattern: `[Bb]ingbot/${numbers}`, family: 'bingbot' },
  named('PostmanRuntime'),
  named('python-requests', 'Python Requests'),
  named('Python-urllib'),
  named('aiohttp', 'aiohttp'),
  named('Apache-HttpClient'),
  named('Go-http-client'),
  named('okhttp'),
  named('axios'),
  named('curl'),
  named('Wget'),
  { pattern: `(?:EdgA|EdgiOS)/${numbers}`, family: 'Edge Mobile' },
  { pattern: `(?:Edg|Edge)/${numbers}`, family: 'Edge' },
  named('SamsungBrowser', 'Samsung Internet'),
  named('YaBrowser', 'Yandex Browser'),
  named('Vivaldi'),
  named('Electron'),
  { pattern: `OPR/${numbers}.*Mobile|Mobile.*OPR/${numbers}`, family: 'Opera Mobile' },
  named('OPR', 'Opera'),
  { pattern: `^Opera/.*Version/${numbers}`, family: 'Opera' },
  named('FxiOS', 'Firefox iOS'),
  { pattern: `(?:Mobile|Tablet);.*Firefox/${numbers}`, family: 'Firefox Mobile' },
  named('Firefox'),
  named('CriOS', 'Chrome Mobile iOS'),
  named('HeadlessChrome'),
  { pattern: `; wv\\).*Chrome/${numbers}`, family: 'Chrome Mobile WebView' },
  { pattern: `Chrome/${numbers}(?:\\.\\d+)? Mobile`, family: 'Chrome Mobile' },
  named('Chrome'),
  { pattern: `Android.*Version/${numbers}.*Safari/`, family: 'Android' },
  { pattern: `(?:iPhone|iPad|iPod).*Version/${numbers}.*Safari/`, family: 'Mobile Safari' },
  { pattern: '(?:iPhone|iPad|iPod).*AppleWebKit/', family: 'Mobile Safari UI/WKWebView' },
  { pattern: `Version/${numbers}.*Safari/`, family: 'Safari' },
  { pattern: 'Trident/7\\.0.*rv:(\\d+)\\.(\\d+)', family: 'IE' },
  { pattern: 'MSIE (\\d+)\\.(\\d+)', family: 'IE' },
]

function windows(release: string, ...version: readonly string[]): AgentRule {
  return { pattern: `Windows NT ${release.replace('.', '\\.')}`, family: 'Windows', version }
}

export const systemRules: readonly AgentRule[] = [
  { pattern: 'Windows Phone (?:OS )?(\\d+)\\.(\\d+)', family: 'Windows Phone' },
  windows('10.0', '10'),
  windows('6.3', '8', '1'),
  windows('6.2', '8'),
  windows('6.1', '7'),
  windows('6.0', 'Vista'),
  windows('5.2', 'XP'),
  windows('5.1', 'XP'),
  windows('5.0', '2000'),
  { pattern: 'Windows', family: 'Windows' },
  { pattern: 'SymbianOS/(\\d+)\\.(\\d+)', family: 'Symbian OS' },
  { pattern: `Android[ -]${numbers}`, family: 'Android' },
  { pattern: 'Android', family: 'Android' },
  { pattern: '(?:iPhone|iPad|iPod).* OS (\\d+)_(\\d+)(?:_(\\d+))?', family: 'iOS' },
  { pattern: 'iPhone|iPad|iPod', family: 'iOS' },
  { pattern: 'Mac OS X (\\d+)[_.](\\d+)(?:[_.](\\d+))?', family: 'Mac OS X' },
  { pattern: 'Macintosh', family: 'Mac OS X' },
  { pattern: `CrOS [a-z0-9_]+ ${numbers}`, family: 'Chrome OS' },
  { pattern: `Ubuntu/${numbers}`, family: 'Ubuntu' },
  { pattern: 'Ubuntu', family: 'Ubuntu' },
  { pattern: 'Fedora', family: 'Fedora' },
  { pattern: 'Linux', family: 'Linux' },
]

export const deviceRules: readonly DeviceRule[] = [
  { pattern: 'bot[/;) ]|[Ss]pider|[Cc]rawler', family: 'Spider', brand: 'Spider', model: 'Desktop' },
  { pattern: 'Nokia(([A-Z]\\d+)(?:-\\d+)?)', family: 'Nokia ', brand: 'Nokia' },
  { pattern: 'iPhone', family: 'iPhone', brand: 'Apple', model: 'iPhone' },
  { pattern: 'iPad', family: 'iPad', brand: 'Apple', model: 'iPad' },
  { pattern: 'iPod', family: 'iPod', brand: 'Apple', model: 'iPod' },
  { pattern: 'Macintosh', family: 'Mac', brand: 'Apple', model: 'Mac' },
  { pattern: 'Android.*; (?:SAMSUNG )?(SM-[A-Za-z0-9]+)', family: 'Samsung ', brand: 'Samsung' },
  { pattern: 'Android.*; (Pixel[A-Za-z0-9 ]*?)(?: Build|\\))', family: '', brand: 'Google' },
  { pattern: 'Android.*Mobile', family: 'Generic Smartphone', brand: 'Generic', model: 'Smartphone' },
  { pattern: 'Android', family: 'Generic Tablet', brand: 'Generic', model: 'Tablet' },
]
