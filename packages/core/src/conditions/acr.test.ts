import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { UNKNOWN } from '../model/fact.ts'
import { anonymousFacts, workloadFacts } from '../testing/example-facts.ts'
import { acr } from './acr.ts'

const again = { acr: ['gold', 'platinum'] }
const spec = ['gold', 'platinum']

describeVerdicts(acr, [
  { note: 'this one', spec: 'silver', gives: 'met' },
  { note: 'one of several', spec: ['gold', 'silver'], gives: 'met' },
  { note: 'another; preference is kept', spec, gives: 'other', remedy: again },
  { note: 'letter case counts', spec: 'Silver', gives: 'other' },
  { note: 'not stated', spec, facts: { acr: null }, gives: 'missing', remedy: again },
  { note: 'software', spec, facts: workloadFacts, gives: 'missing', remedy: null },
  { note: 'nobody', spec, facts: anonymousFacts, gives: 'missing', remedy: null },
  { note: 'whether a person could is not known', spec, facts: { credential: UNKNOWN }, gives: 'other', remedy: UNKNOWN },
  { note: 'not known', spec, facts: { acr: UNKNOWN }, gives: 'unknown', remedy: null },
])
