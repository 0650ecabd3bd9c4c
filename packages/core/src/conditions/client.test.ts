import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { UNKNOWN } from '../model/fact.ts'
import { anonymousFacts } from '../testing/example-facts.ts'
import { client } from './client.ts'

describeVerdicts(client, [
  { note: 'the declared id at the declared provider', spec: 'app', gives: 'met' },
  { note: 'one of several', spec: ['batch', 'app'], gives: 'met' },
  { note: 'another client', spec: 'batch', gives: 'other' },
  { note: 'the same id at another provider', spec: 'app', facts: { provider: 'partners' }, gives: 'other' },
  { note: 'the name is not the id', spec: 'app', facts: { client: 'app' }, gives: 'other' },
  { note: 'another client, whatever its provider', spec: 'batch', facts: { provider: UNKNOWN }, gives: 'other' },
  { note: 'this id at a provider that is not known', spec: 'app', facts: { provider: UNKNOWN }, gives: 'unknown' },
  { note: 'not known', spec: 'app', facts: { client: UNKNOWN }, gives: 'unknown' },
  { note: 'nobody', spec: 'app', facts: anonymousFacts, gives: 'missing' },
])
