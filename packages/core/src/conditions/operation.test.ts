import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { UNKNOWN } from '../model/fact.ts'
import { operation } from './operation.ts'

describeVerdicts(operation, [
  { note: 'this one', spec: 'createCharge', gives: 'met' },
  { note: 'one of several', spec: ['refundCharge', 'createCharge'], gives: 'met' },
  { note: 'another', spec: 'refundCharge', gives: 'other' },
  { note: 'letter case counts', spec: 'CREATECHARGE', gives: 'other' },
  {
    note: 'the document does not know the request',
    spec: 'createCharge',
    facts: { operation: { id: null, tags: [] } },
    gives: 'undescribed',
  },
  { note: 'the service has no document', spec: 'createCharge', facts: { operation: null }, gives: 'missing' },
  { note: 'not seen here', spec: 'createCharge', facts: { operation: UNKNOWN }, gives: 'unknown' },
])
