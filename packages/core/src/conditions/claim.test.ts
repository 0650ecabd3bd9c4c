import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { type ClaimValue, type Maybe, UNKNOWN } from '../model/fact.ts'
import { anonymousFacts } from '../testing/example-facts.ts'
import { claim } from './claim.ts'

const holds = (claims: Record<string, Maybe<ClaimValue>>) => ({ claims: new Map(Object.entries(claims)) })
const unbound = { capture: () => () => undefined }

describeVerdicts(claim, [
  { note: 'text, equal', spec: { tenant: 'acme' }, gives: 'met' },
  { note: 'text, one of several', spec: { tenant: ['globex', 'acme'] }, gives: 'met' },
  { note: 'a number, equal', spec: { level: 3 }, gives: 'met' },
  { note: 'true, equal', spec: { beta: true }, gives: 'met' },
  { note: 'false is not true', spec: { beta: false }, gives: 'other' },
  { note: 'among several values', spec: { regions: 'us' }, gives: 'met' },
  { note: 'several values, one of several written', spec: { regions: ['asia', 'eu'] }, gives: 'met' },
  { note: 'not among several values', spec: { regions: 'asia' }, gives: 'other' },
  { note: 'no part of a value', spec: { tenant: 'acm' }, gives: 'other' },
  { note: 'letter case counts', spec: { tenant: 'Acme' }, gives: 'other' },
  { note: 'another number', spec: { level: [1, 2] }, gives: 'other' },
  { note: 'the captured value', spec: { tenant: '$tenant' }, gives: 'met' },
  { note: 'another than the captured value', spec: { tenant: '$tenant' }, facts: holds({ tenant: 'globex' }), gives: 'other' },
  {
    note: 'the captured value among several',
    spec: { regions: '$tenant' },
    facts: holds({ regions: ['globex', 'acme'] }),
    gives: 'met',
  },
  { note: 'nothing was captured', spec: { tenant: '$tenant' }, scope: unbound, gives: 'unbound' },
  { note: 'nothing was captured, several values', spec: { regions: '$tenant' }, scope: unbound, gives: 'unbound' },
  { note: 'a captured number', spec: { level: '$n' }, scope: { capture: () => () => '3' }, gives: 'met' },
  { note: 'another spelling of the number', spec: { level: '$n' }, scope: { capture: () => () => '03' }, gives: 'other' },
  { note: 'a fraction has several spellings', spec: { level: '$n' }, facts: holds({ level: 1.5 }), gives: 'other_form' },
  { note: 'text where a number is written', spec: { level: 3 }, facts: holds({ level: '3' }), gives: 'other_form' },
  { note: 'a number where text is written', spec: { tenant: 'acme' }, facts: holds({ tenant: 7 }), gives: 'other_form' },
  { note: 'several values where a number is written', spec: { level: 3 }, facts: holds({ level: ['3'] }), gives: 'other_form' },
  { note: 'true where a name is captured', spec: { beta: '$tenant' }, gives: 'other_form' },
  { note: 'not told', spec: { country: 'de' }, gives: 'unknown' },
  {
    note: 'the source did not answer for this one',
    spec: { tenant: 'acme' },
    facts: holds({ tenant: UNKNOWN }),
    gives: 'unknown',
  },
  { note: 'the source did not answer', spec: { tenant: 'acme' }, facts: { claims: UNKNOWN }, gives: 'unknown' },
  { note: 'told to be absent', spec: { tenant: 'acme' }, facts: holds({ tenant: null }), gives: 'missing' },
  { note: 'nobody', spec: { tenant: 'acme' }, facts: anonymousFacts, gives: 'missing' },
  { note: 'several claims, all', spec: { tenant: 'acme', level: 3 }, gives: 'met' },
  { note: 'several claims: an unmet one outweighs one not known', spec: { country: 'de', level: 4 }, gives: 'other' },
  { note: 'several claims: one not known outweighs a met one', spec: { country: 'de', level: 3 }, gives: 'unknown' },
  { note: 'a name that every object has', spec: { constructor: 'x' }, gives: 'unknown' },
])
