import { all, has, hasKey, not } from './condition.ts'
import { riskTable } from './risk.ts'

export const aadRiskyServicePrincipals = riskTable({
  name: 'AADRiskyServicePrincipals',
  doc: 'Applications at risk, one row a change of their risk.',
  category: 'riskyserviceprincipals',
  types: {
    AccountEnabled: 'bool',
    AppId: 'string',
    CorrelationId: 'string',
    DisplayName: 'string',
    Id: 'string',
    IsProcessing: 'bool',
    OperationName: 'string',
    RiskDetail: 'string',
    RiskLastUpdatedDateTime: 'datetime',
    RiskLevel: 'string',
    RiskState: 'string',
    ServicePrincipalType: 'string',
  },
  times: ['riskLastUpdatedDateTime'],
  graph: all(
    has('riskLastUpdatedDateTime'),
    hasKey('servicePrincipalType'),
    not(hasKey('userPrincipalName')),
  ),
  signature: all(hasKey('RiskLastUpdatedDateTime'), hasKey('ServicePrincipalType')),
  changedAt: 'RiskLastUpdatedDateTime',
})
