import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { UNKNOWN } from '../model/fact.ts'
import { agentFacts, anonymousFacts } from '../testing/example-facts.ts'
import { actingFor } from './acting-for.ts'

describeVerdicts(actingFor, [
  { note: 'an agent for this person', spec: 'corp/ada', facts: agentFacts, gives: 'met' },
  { note: 'an agent for one of these', spec: ['corp/grace', 'corp/ada'], facts: agentFacts, gives: 'met' },
  { note: 'an agent for whomever', spec: 'anyone', facts: agentFacts, gives: 'met' },
  { note: 'an agent for somebody else', spec: 'corp/grace', facts: agentFacts, gives: 'other' },
  { note: 'the captured person', spec: 'corp/$tenant', facts: { actingFor: 'corp/acme' }, gives: 'met' },
  {
    note: 'nothing was captured',
    spec: 'corp/$tenant',
    facts: agentFacts,
    scope: { capture: () => () => undefined },
    gives: 'unbound',
  },
  { note: 'a person acts for nobody, themselves included', spec: 'anyone', gives: 'missing' },
  { note: 'nobody', spec: 'anyone', facts: anonymousFacts, gives: 'missing' },
  { note: 'not known', spec: 'anyone', facts: { actingFor: UNKNOWN }, gives: 'unknown' },
])
