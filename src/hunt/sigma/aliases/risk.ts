import type { Aliases } from '../log-source.ts'

/** Detections of Identity Protection. */
export const riskAliases: Aliases = {
  message: ['RiskEventType', 'OperationName'],
  risktype: ['RiskEventType'],
  detectiontype: ['RiskEventType'],
  eventtype: ['RiskEventType'],
  user: ['UserPrincipalName', 'UserDisplayName'],
  username: ['UserPrincipalName', 'UserDisplayName'],
  ipaddress: ['IpAddress'],
  clientip: ['IpAddress'],
  useragent: ['AdditionalInfo.userAgent'],
  country: ['Location.countryOrRegion'],
  city: ['Location.city'],
}
