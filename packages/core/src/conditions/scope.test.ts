import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { UNKNOWN } from '../model/fact.ts'
import { anonymousFacts, workloadFacts } from '../testing/example-facts.ts'
import { scope } from './scope.ts'

const asks = (...scopes: readonly string[]) => ({ scopes })

const OF = { of: 'operation' }
const asking = (...sets: readonly (readonly string[])[]) => ({ operation: { id: 'createCharge', tags: [], scopes: sets } })

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
  {
    note: 'of the operation: one of its sets, whole',
    spec: OF,
    facts: asking(['charges.write', 'charges.read'], ['admin']),
    gives: 'met',
  },
  { note: 'of the operation, which needs none', spec: OF, facts: { scopes: null }, gives: 'met' },
  { note: 'of the operation, which needs none, whatever is held', spec: OF, facts: { scopes: UNKNOWN }, gives: 'met' },
  {
    note: 'of the operation: lacks one of the only set',
    spec: OF,
    facts: asking(['charges.write', 'refunds.write']),
    gives: 'missing',
    remedy: asks('refunds.write'),
  },
  {
    note: 'of the operation: lacks some of each set, any of which will do',
    spec: OF,
    facts: asking(['refunds.write', 'charges.read'], ['z', 'a']),
    gives: 'missing',
    remedy: [asks('refunds.write'), asks('a', 'z')],
  },
  {
    note: 'of the operation: what is lacking of one set is within what is lacking of another',
    spec: OF,
    facts: asking(['refunds.write', 'charges.read'], ['refunds.write', 'z']),
    gives: 'missing',
    remedy: asks('refunds.write'),
  },
  {
    note: 'of the operation: the same is lacking of two sets',
    spec: OF,
    facts: asking(['z', 'charges.read'], ['charges.write', 'z']),
    gives: 'missing',
    remedy: asks('z'),
  },
  {
    note: 'of the operation, by a key',
    spec: OF,
    facts: { ...asking(['z']), credential: 'api-key' },
    gives: 'missing',
    remedy: null,
  },
  { note: 'of the operation, nobody', spec: OF, facts: { ...anonymousFacts, ...asking(['z']) }, gives: 'missing', remedy: null },
  { note: 'of the operation, scopes not known', spec: OF, facts: { ...asking(['z']), scopes: UNKNOWN }, gives: 'unknown' },
  { note: 'of an operation that could not be found out', spec: OF, facts: { operation: UNKNOWN }, gives: 'unknown' },
  { note: 'of an operation that is not described', spec: OF, facts: { operation: { id: null, tags: [] } }, gives: 'undescribed' },
  { note: 'of an operation of a service that describes none', spec: OF, facts: { operation: null }, gives: 'undocumented' },
])
