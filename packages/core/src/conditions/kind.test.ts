import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { UNKNOWN } from '../model/fact.ts'
import { agentFacts, anonymousFacts, workloadFacts } from '../testing/example-facts.ts'
import { kind } from './kind.ts'

describeVerdicts(kind, [
  { note: 'a person', spec: 'human', gives: 'met' },
  { note: 'an agent, among several', spec: ['human', 'agent'], facts: agentFacts, gives: 'met' },
  { note: 'a workload is no person', spec: 'human', facts: workloadFacts, gives: 'other' },
  { note: 'nobody', spec: ['human', 'workload', 'agent'], facts: anonymousFacts, gives: 'missing' },
  { note: 'not known, whatever is listed', spec: ['human', 'workload', 'agent'], facts: { kind: UNKNOWN }, gives: 'unknown' },
])
