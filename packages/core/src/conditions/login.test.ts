import { describe, expect, it } from 'vitest'
import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { type Facts, UNKNOWN } from '../model/fact.ts'
import { EXAMPLE_NOW, agentFacts, anonymousFacts, exampleFacts, exampleScope, workloadFacts } from '../testing/example-facts.ts'
import { login } from './login.ts'

const HOUR = 3_600_000
const spec = { 'max-age': '1h' }
const again = { login: { maxAge: HOUR } }
const ago = (ms: number) => ({ loginAt: EXAMPLE_NOW - ms })

describeVerdicts(login, [
  { note: 'recent', spec, gives: 'met' },
  { note: 'as old as allowed', spec, facts: ago(HOUR), gives: 'met' },
  { note: 'a millisecond older', spec, facts: ago(HOUR + 1), gives: 'too_old', remedy: again },
  { note: 'dated ahead within the skew of clocks', spec, facts: ago(-30_000), gives: 'met' },
  { note: 'dated ahead beyond it', spec, facts: ago(-30_001), gives: 'too_old', remedy: again },
  { note: 'a person whose provider says there was none', spec, facts: { loginAt: null }, gives: 'missing', remedy: again },
  { note: 'a workload has no login', spec, facts: workloadFacts, gives: 'missing', remedy: null },
  { note: 'nor has an agent', spec, facts: agentFacts, gives: 'missing', remedy: null },
  { note: 'nobody: signing in is for the decision to ask', spec, facts: anonymousFacts, gives: 'missing', remedy: null },
  {
    note: 'whether a person could is not known',
    spec,
    facts: { loginAt: null, kind: UNKNOWN },
    gives: 'missing',
    remedy: UNKNOWN,
  },
  { note: 'not told', spec, facts: { loginAt: UNKNOWN }, gives: 'unknown', remedy: null },
])

describe('how long a login lasts', () => {
  it.each<[Partial<Facts>, number]>([
    [{}, EXAMPLE_NOW + HOUR / 2 + 1],
    [ago(2 * HOUR), Number.POSITIVE_INFINITY],
    [{ loginAt: null }, Number.POSITIVE_INFINITY],
    [{ loginAt: UNKNOWN }, Number.POSITIVE_INFINITY],
  ])('of %o until %d', (facts, until) => {
    expect(login.lapses?.(spec, exampleScope)({ ...exampleFacts, ...facts })).toBe(until)
  })
})
