import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { UNKNOWN } from '../model/fact.ts'
import { anonymousFacts } from '../testing/example-facts.ts'
import { provider } from './provider.ts'

describeVerdicts(provider, [
  { note: 'this one', spec: 'corp', gives: 'met' },
  { note: 'one of several', spec: ['partners', 'corp'], gives: 'met' },
  { note: 'another', spec: 'partners', gives: 'other' },
  { note: 'nobody', spec: 'corp', facts: anonymousFacts, gives: 'missing' },
  { note: 'not known', spec: 'corp', facts: { provider: UNKNOWN }, gives: 'unknown' },
])
