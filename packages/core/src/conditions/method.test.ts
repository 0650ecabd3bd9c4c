import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { METHODS } from '../model/access-request.ts'
import { method } from './method.ts'

describeVerdicts(method, [
  { note: 'this one', spec: 'POST', gives: 'met' },
  { note: 'one of several', spec: ['PUT', 'POST'], gives: 'met' },
  { note: 'another', spec: 'PUT', gives: 'other' },
  { note: 'HEAD is judged as GET', spec: 'GET', facts: { method: 'HEAD' }, gives: 'met' },
  { note: 'HEAD is not judged as POST', spec: 'POST', facts: { method: 'HEAD' }, gives: 'other' },
  ...METHODS.map((each) => ({
    note: `${each} reads`,
    spec: 'read',
    facts: { method: each },
    gives: ['GET', 'HEAD', 'OPTIONS'].includes(each) ? 'met' : 'other',
  })),
  ...METHODS.map((each) => ({
    note: `${each} writes`,
    spec: 'write',
    facts: { method: each },
    gives: ['POST', 'PUT', 'PATCH', 'DELETE'].includes(each) ? 'met' : 'other',
  })),
])
