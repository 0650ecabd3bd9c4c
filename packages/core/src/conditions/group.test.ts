import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { UNKNOWN } from '../model/fact.ts'
import { anonymousFacts, exampleImage } from '../testing/example-facts.ts'
import { group } from './group.ts'

const held = (names: readonly string[], complete = true) => ({ groups: { names: new Set(names), complete } })
const unbound = { capture: () => () => undefined }

describeVerdicts(group, [
  { note: 'one of those held', spec: 'customers', gives: 'met' },
  { note: 'one of several', spec: ['admins', 'customers'], gives: 'met' },
  { note: 'held, though the list is not complete', spec: 'customers', facts: held(['customers'], false), gives: 'met' },
  { note: 'not among them', spec: 'admins', gives: 'other' },
  { note: 'letter case counts', spec: 'Customers', gives: 'other' },
  { note: 'none held, completely told', spec: 'admins', facts: held([]), gives: 'other' },
  {
    note: 'a name that is not listed may be held all the same',
    spec: 'admins',
    facts: held(['customers'], false),
    gives: 'unknown',
  },
  { note: 'the source did not answer', spec: 'customers', facts: { groups: UNKNOWN }, gives: 'unknown' },
  { note: 'nobody', spec: 'customers', facts: anonymousFacts, gives: 'missing' },
  { note: 'the captured name is held', spec: '$tenant', facts: held(['acme']), gives: 'met' },
  { note: 'the captured name is not held', spec: '$tenant', gives: 'other' },
  { note: 'nothing was captured', spec: '$tenant', scope: unbound, gives: 'unbound' },
  { note: 'a name that nobody captures', spec: '$nobody', gives: 'unbound' },
  { note: 'nothing was captured, but another is held', spec: ['$tenant', 'customers'], scope: unbound, gives: 'met' },
  {
    note: 'nothing was captured and the list is not complete',
    spec: '$tenant',
    scope: unbound,
    facts: held([], false),
    gives: 'unknown',
  },
  { note: 'an inherited property is no name', spec: 'constructor', scope: { image: exampleImage }, gives: 'other' },
])
