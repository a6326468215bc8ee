import { call, text } from '../../sql/node.ts'
import { toText } from '../convert.ts'
import { argument, type ScalarFunction } from '../function.ts'

/** What no network has: the place of addresses that are in none. */
const nowhere = 0

/** Where addresses are, by the dictionaries that the caller names. */
export const geoIpFunctions: readonly ScalarFunction[] = [
  {
    name: 'geo_info_from_ip_address',
    doc: 'Country, state, city, latitude and longitude of an IPv4 or IPv6 address, as the file of `--geoip` has them; null for addresses that it lacks.',
    example: ['', undefined],
    total: true,
    emit: (args, site) => {
      const address = toText(argument(args, 0))
      if (site.geoip === 'unknown') return text('')
      if (site.geoip === undefined) {
        return site.refuse(
          'missing-file',
          'geo_info_from_ip_address needs a file that knows where addresses are',
          'give one in MaxMind’s format, such as GeoLite2-City: --geoip FILE.mmdb',
        )
      }
      const { networks, locations } = site.geoip
      // IPv4 addresses become IPv6 ones, under ::ffff:0:0/96, and what is no address becomes NULL.
      const place = call('dictGet', networks, 'place', call('IPv6StringToNumOrNull', address))
      return call('dictGet', locations, 'location', call('toUInt64', call('ifNull', place, nowhere)))
    },
  },
]
