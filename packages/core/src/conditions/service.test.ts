import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { service } from './service.ts'

describeVerdicts(service, [
  { note: 'this one', spec: 'payments', gives: 'met' },
  { note: 'one of several', spec: ['console', 'payments'], gives: 'met' },
  { note: 'another', spec: 'console', gives: 'other' },
])
