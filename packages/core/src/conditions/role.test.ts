import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { UNKNOWN } from '../model/fact.ts'
import { anonymousFacts, exampleImage } from '../testing/example-facts.ts'
import { role } from './role.ts'

const held = (names: readonly string[], complete = true) => ({ roles: { names: new Set(names), complete } })
const unbound = { capture: () => () => undefined }

describeVerdicts(role, [
  { note: 'one of those held', spec: 'editor', gives: 'met' },
  { note: 'one of several', spec: ['auditor', 'editor'], gives: 'met' },
  { note: 'held, though the list is not complete', spec: 'editor', facts: held(['editor'], false), gives: 'met' },
  { note: 'not among them', spec: 'auditor', gives: 'other' },
  { note: 'letter case counts', spec: 'Editor', gives: 'other' },
  { note: 'none held, completely told', spec: 'auditor', facts: held([]), gives: 'other' },
  {
    note: 'a name that is not listed may be held all the same',
    spec: 'auditor',
    facts: held(['editor'], false),
    gives: 'unknown',
  },
  { note: 'the source did not answer', spec: 'editor', facts: { roles: UNKNOWN }, gives: 'unknown' },
  { note: 'nobody', spec: 'editor', facts: anonymousFacts, gives: 'missing' },
  { note: 'the captured name is held', spec: '$tenant', facts: held(['acme']), gives: 'met' },
  { note: 'the captured name is not held', spec: '$tenant', gives: 'other' },
  { note: 'nothing was captured', spec: '$tenant', scope: unbound, gives: 'unbound' },
  { note: 'a name that nobody captures', spec: '$nobody', gives: 'unbound' },
  { note: 'nothing was captured, but another is held', spec: ['$tenant', 'editor'], scope: unbound, gives: 'met' },
  {
    note: 'nothing was captured and the list is not complete',
    spec: '$tenant',
    scope: unbound,
    facts: held([], false),
    gives: 'unknown',
  },
  { note: 'an inherited property is no name', spec: 'constructor', scope: { image: exampleImage }, gives: 'other' },
])
