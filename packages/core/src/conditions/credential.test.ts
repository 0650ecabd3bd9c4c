import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { UNKNOWN } from '../model/fact.ts'
import { anonymousFacts, workloadFacts } from '../testing/example-facts.ts'
import { credential } from './credential.ts'

describeVerdicts(credential, [
  { note: 'of this kind', spec: 'jwt', gives: 'met' },
  { note: 'of a workload', spec: ['jwt'], facts: workloadFacts, gives: 'met' },
  { note: 'one of these kinds', spec: ['session', 'api-key'], facts: { credential: 'api-key' }, gives: 'met' },
  { note: 'of another kind', spec: 'session', gives: 'other_kind' },
  { note: 'of none of these kinds', spec: ['jwt', 'session'], facts: { credential: 'api-key' }, gives: 'other_kind' },
  { note: 'none', spec: 'jwt', facts: anonymousFacts, gives: 'missing' },
  { note: 'not checked', spec: 'jwt', facts: { credential: UNKNOWN }, gives: 'unknown' },
])
