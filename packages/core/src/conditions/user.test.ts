import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { UNKNOWN } from '../model/fact.ts'
import { anonymousFacts, workloadFacts } from '../testing/example-facts.ts'
import { user } from './user.ts'

describeVerdicts(user, [
  { note: 'the very person', spec: 'corp/ada', gives: 'met' },
  { note: 'one of several', spec: ['corp/grace', 'corp/ada'], gives: 'met' },
  { note: 'the same subject at another provider', spec: 'partners/ada', gives: 'other' },
  { note: 'a longer subject', spec: 'corp/ad', gives: 'other' },
  { note: 'the captured subject', spec: 'corp/$tenant', facts: { user: 'corp/acme' }, gives: 'met' },
  { note: 'another than the captured subject', spec: 'corp/$tenant', gives: 'other' },
  { note: 'the captured subject at another provider', spec: 'corp/$tenant', facts: { user: 'partners/acme' }, gives: 'other' },
  { note: 'nothing was captured', spec: 'corp/$tenant', scope: { capture: () => () => undefined }, gives: 'unbound' },
  { note: 'a workload', spec: 'corp/b41d', facts: workloadFacts, gives: 'missing' },
  { note: 'nobody', spec: 'corp/ada', facts: anonymousFacts, gives: 'missing' },
  { note: 'not known', spec: 'corp/ada', facts: { user: UNKNOWN }, gives: 'unknown' },
])
