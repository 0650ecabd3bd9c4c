import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { UNKNOWN } from '../model/fact.ts'
import { tag } from './tag.ts'

describeVerdicts(tag, [
  { note: 'this one', spec: 'money', gives: 'met' },
  { note: 'one of several', spec: ['internal', 'money'], gives: 'met' },
  { note: 'another', spec: 'internal', gives: 'other' },
  { note: 'letter case counts', spec: 'MONEY', gives: 'other' },
  {
    note: 'the document does not know the request',
    spec: 'money',
    facts: { operation: { id: null, tags: [] } },
    gives: 'undescribed',
  },
  { note: 'the service has no document', spec: 'money', facts: { operation: null }, gives: 'missing' },
  { note: 'not seen here', spec: 'money', facts: { operation: UNKNOWN }, gives: 'unknown' },
])
