import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { UNKNOWN } from '../model/fact.ts'
import { anonymousFacts, workloadFacts } from '../testing/example-facts.ts'
import { workload } from './workload.ts'

describeVerdicts(workload, [
  { note: 'the declared subject at the declared provider', spec: 'settlement-batch', facts: workloadFacts, gives: 'met' },
  {
    note: 'the same subject at another provider',
    spec: 'settlement-batch',
    facts: { workload: 'partners/b41d' },
    gives: 'other',
  },
  { note: 'the name is not the subject', spec: 'settlement-batch', facts: { workload: 'corp/settlement-batch' }, gives: 'other' },
  { note: 'a person', spec: 'settlement-batch', gives: 'missing' },
  { note: 'nobody', spec: 'settlement-batch', facts: anonymousFacts, gives: 'missing' },
  { note: 'not known', spec: 'settlement-batch', facts: { workload: UNKNOWN }, gives: 'unknown' },
])
