import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { UNKNOWN } from '../model/fact.ts'
import { anonymousFacts, workloadFacts } from '../testing/example-facts.ts'
import { scope } from './scope.ts'

const asks = (...scopes: readonly string[]) => ({ scopes })

describeVerdicts(scope, [
  { note: 'has it', spec: 'charges.write', gives: 'met' },
  { note: 'has all', spec: { all: ['charges.read', 'charges.write'] }, gives: 'met' },
  { note: 'has one', spec: { any: ['refunds.write', 'charges.write'] }, gives: 'met' },
  { note: 'lacks it', spec: 'refunds.write', gives: 'missing', remedy: asks('refunds.write') },
  { note: 'a longer scope is another', spec: 'charges', gives: 'missing' },
  {
    note: 'lacks one of all: asks for that',
    spec: { all: ['refunds.write', 'charges.write'] },
    gives: 'missing',
    remedy: asks('refunds.write'),
  },
  { note: 'lacks several of all: sorted', spec: { all: ['z', 'a', 'z'] }, gives: 'missing', remedy: asks('a', 'z') },
  { note: 'lacks any: either will do', spec: { any: ['z', 'a'] }, gives: 'missing', remedy: [asks('z'), asks('a')] },
  {
    note: 'a workload can obtain scopes too',
    spec: 'refunds.write',
    facts: workloadFacts,
    gives: 'missing',
    remedy: asks('refunds.write'),
  },
  {
    note: 'a credential without scopes',
    spec: 'charges.write',
    facts: { scopes: null },
    gives: 'missing',
    remedy: asks('charges.write'),
  },
  {
    note: 'a session has no scopes, and none can be had for it',
    spec: 'charges.write',
    facts: { credential: 'session', scopes: null },
    gives: 'missing',
    remedy: null,
  },
  {
    note: 'a key was given what it has',
    spec: { any: ['refunds.write', 'z'] },
    facts: { ...workloadFacts, credential: 'api-key' },
    gives: 'missing',
    remedy: null,
  },
  { note: 'nobody', spec: 'charges.write', facts: anonymousFacts, gives: 'missing', remedy: null },
  {
    note: 'whether there is a credential is not known',
    spec: 'z',
    facts: { credential: UNKNOWN },
    gives: 'missing',
    remedy: UNKNOWN,
  },
  { note: 'not known', spec: 'charges.write', facts: { scopes: UNKNOWN }, gives: 'unknown', remedy: null },
])
