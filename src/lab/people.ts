import type { Random } from './random.ts'

/** A place on the network, with what Entra says of it. Addresses are of documentation ranges only. */
export interface Address {
  readonly ip: string
  readonly city: string
  readonly state: string
  readonly country: string
  readonly latitude: number
  readonly longitude: number
  readonly asn: number
}

/** An address that a log leaves empty. */
export const nowhere: Address = {
  ip: '',
  city: '',
  state: '',
  country: '',
  latitude: 0,
  longitude: 0,
  asn: 0,
}

export interface Office {
  readonly address: Address
  readonly offsetHours: number
}

export type Duty = 'staff' | 'administrator' | 'helpdesk' | 'data' | 'engineer'

export interface User {
  readonly id: string
  readonly name: string
  readonly upn: string
  readonly duty: Duty
  readonly office: Office
  readonly home: Address
  readonly agent: string
  readonly system: string
  readonly browser: string
  readonly deviceId: string
  readonly puid: string
}

const lisbon = {
  city: 'Lisbon',
  state: 'Lisboa',
  country: 'PT',
  latitude: 38.7169,
  longitude: -9.1399,
  asn: 64496,
}
const toronto = {
  city: 'Toronto',
  state: 'Ontario',
  country: 'CA',
  latitude: 43.6532,
  longitude: -79.3832,
  asn: 64497,
}
const singapore = {
  city: 'Singapore',
  state: 'Singapore',
  country: 'SG',
  latitude: 1.28795,
  longitude: 103.85178,
  asn: 64498,
}

const headOffice: Office = { address: { ...lisbon, ip: '198.51.100.10' }, offsetHours: 0 }

const offices: readonly Office[] = [
  headOffice,
  { address: { ...toronto, ip: '198.51.100.20' }, offsetHours: -5 },
  { address: { ...singapore, ip: '198.51.100.30' }, offsetHours: 8 },
]

const travelPlaces: readonly Omit<Address, 'ip'>[] = [
  {
    city: 'Rotterdam',
    state: 'Zuid-Holland',
    country: 'NL',
    latitude: 51.9225,
    longitude: 4.4792,
    asn: 64500,
  },
  {
    city: 'Durban',
    state: 'KwaZulu-Natal',
    country: 'ZA',
    latitude: -29.8587,
    longitude: 31.0218,
    asn: 64501,
  },
  { city: 'Santos', state: 'Sao Paulo', country: 'BR', latitude: -23.9608, longitude: -46.3336, asn: 64502 },
  { city: 'Busan', state: 'Busan', country: 'KR', latitude: 35.1796, longitude: 129.0756, asn: 64503 },
]

const hostilePlaces: readonly Omit<Address, 'ip'>[] = [
  { city: 'Chisinau', state: 'Chisinau', country: 'MD', latitude: 47.0105, longitude: 28.8638, asn: 64505 },
  {
    city: 'Amsterdam',
    state: 'Noord-Holland',
    country: 'NL',
    latitude: 52.3676,
    longitude: 4.9041,
    asn: 64506,
  },
  { city: 'Ashburn', state: 'Virginia', country: 'US', latitude: 39.0438, longitude: -77.4874, asn: 64507 },
  { city: 'Helsinki', state: 'Uusimaa', country: 'FI', latitude: 60.1699, longitude: 24.9384, asn: 64508 },
]

/** Where a traveller signs in from. */
export function travelAddress(random: Random): Address {
  return { ip: `198.51.100.${random.between(230, 249)}`, ...random.pick(travelPlaces) }
}

/** Addresses of one attacker, all different. */
export function hostileAddresses(random: Random, count: number): readonly Address[] {
  const hosts = random.shuffle(Array.from({ length: 60 }, (_, index) => 130 + index)).slice(0, count)
  return hosts.map((host) => Object.assign({ ip: `203.0.113.${host}` }, random.pick(hostilePlaces)))
}

const givenNames = [
  'Alva',
  'Bruno',
  'Carla',
  'Dario',
  'Edda',
  'Farid',
  'Greta',
  'Hugo',
  'Ines',
  'Jonas',
  'Katya',
  'Lior',
  'Marta',
  'Nuno',
  'Odile',
  'Pavel',
  'Quim',
  'Rosa',
  'Samir',
  'Tess',
  'Ulla',
  'Vasco',
  'Wanda',
  'Xenia',
  'Yusuf',
  'Zelda',
]
const familyNames = [
  'Abrantes',
  'Boateng',
  'Castellan',
  'Dufresne',
  'Eklund',
  'Fontaine',
  'Gallardo',
  'Hartono',
  'Ivarsson',
  'Jardim',
  'Kowalczyk',
  'Lindqvist',
  'Moreau',
  'Nakagawa',
  'Okafor',
  'Pereira',
  'Quayle',
  'Ribeiro',
  'Sorensen',
  'Tavares',
  'Urquhart',
  'Vermeer',
  'Wexford',
  'Xavier',
  'Yilmaz',
  'Zoric',
]

const devices = [
  {
    system: 'Windows10',
    browser: 'Edge 144.0.0',
    agent:
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0 Safari/537.36 Edg/144.0.0.0',
  },
  {
    system: 'Windows10',
    browser: 'Chrome 144.0.0',
    agent:
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0 Safari/537.36',
  },
  {
    system: 'MacOs',
    browser: 'Safari 19.2',
    agent:
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.2 Safari/605.1.15',
  },
  {
    system: 'Linux',
    browser: 'Firefox 147.0',
    agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0',
  },
]

const fixedDuties: readonly Duty[] = [
  'administrator',
  'administrator',
  'administrator',
  'helpdesk',
  'data',
  'data',
  'engineer',
  'engineer',
]

/** The people of the tenant; of every 24 the first eight have duties, the rest are staff. */
export function makePeople(random: Random, count: number, domain: string): readonly User[] {
  const given = random.shuffle(givenNames)
  const family = random.shuffle(familyNames)
  return Array.from({ length: count }, (_, index) => {
    const first = given[index % given.length] ?? ''
    const last = family[(index + Math.floor(index / family.length) * 7) % family.length] ?? ''
    const round = Math.floor(index / (given.length * family.length))
    const office = offices[index < 4 ? 0 : random.below(offices.length)] ?? headOffice
    const device = random.pick(devices)
    const suffix = index < family.length ? '' : String(Math.floor(index / family.length) + round)
    return {
      id: random.guid(),
      name: `${first} ${last}`,
      upn: `${first}.${last}${suffix}@${domain}`.toLowerCase(),
      duty: fixedDuties[index % 24] ?? 'staff',
      office,
      home: { ...office.address, ip: homeAddress(index), asn: 64510 },
      ...device,
      deviceId: random.chance(0.6) ? random.guid() : '',
      puid: `1003200${random.hex(9).toUpperCase()}`,
    }
  })
}

/** Every fifth home has IPv6. */
function homeAddress(index: number): string {
  return index % 5 === 4
    ? `2001:db8:40:${(index % 4096).toString(16)}::${(index % 200) + 10}`
    : `198.51.100.${40 + (index % 180)}`
}
