import { all, has, hasKey } from './condition.ts'
import { riskTable } from './risk.ts'

export const aadRiskyUsers = riskTable({
  name: 'AADRiskyUsers',
  doc: 'Users at risk, one row a change of their risk.',
  category: 'riskyusers',
  types: {
    CorrelationId: 'string',
    Id: 'string',
    IsDeleted: 'bool',
    IsProcessing: 'bool',
    OperationName: 'string',
    RiskDetail: 'string',
    RiskLastUpdatedDateTime: 'datetime',
    RiskLevel: 'string',
    RiskState: 'string',
    UserDisplayName: 'string',
    UserPrincipalName: 'string',
  },
  times: ['riskLastUpdatedDateTime'],
  graph: all(has('riskLastUpdatedDateTime'), hasKey('userPrincipalName')),
  signature: all(hasKey('RiskLastUpdatedDateTime'), hasKey('UserPrincipalName')),
  changedAt: 'RiskLastUpdatedDateTime',
})
