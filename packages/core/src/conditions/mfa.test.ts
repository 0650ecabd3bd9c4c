import { describe, expect, it } from 'vitest'
import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { type Facts, type MfaLevel, UNKNOWN, type Unknown } from '../model/fact.ts'
import { compileCondition } from '../model/say.ts'
import { EXAMPLE_NOW, agentFacts, anonymousFacts, exampleFacts, exampleScope, workloadFacts } from '../testing/example-facts.ts'
import { mfa } from './mfa.ts'

type Proof = readonly [level: MfaLevel, age: number | Unknown]

const MINUTE = 60_000
const proved = (...proofs: readonly Proof[]): Partial<Facts> => ({
  factors: proofs.map(([level, age]) => ({ level, at: age === UNKNOWN ? UNKNOWN : EXAMPLE_NOW - age })),
})
const fresh = { level: 'phishing-resistant', 'max-age': '5m' } as const
const stepUp = { stepUp: { level: 'phishing-resistant', maxAge: 5 * MINUTE } } as const

describeVerdicts(mfa, [
  { note: 'strong and fresh', spec: fresh, gives: 'met' },
  { note: 'as old as allowed', spec: fresh, facts: proved(['phishing-resistant', 5 * MINUTE]), gives: 'met' },
  {
    note: 'a millisecond older',
    spec: fresh,
    facts: proved(['phishing-resistant', 5 * MINUTE + 1]),
    gives: 'too_old',
    remedy: stepUp,
  },
  { note: 'stronger than asked', spec: fresh, facts: proved(['hardware', 0]), gives: 'met' },
  { note: 'weaker than asked', spec: fresh, facts: proved(['any', 0]), gives: 'too_weak', remedy: stepUp },
  {
    note: 'one old and strong, one fresh and weak',
    spec: fresh,
    facts: proved(['hardware', 60 * MINUTE], ['any', 0]),
    gives: 'too_old',
  },
  { note: 'the second of two', spec: fresh, facts: proved(['any', 0], ['hardware', 0]), gives: 'met' },
  { note: 'dated ahead within the skew of clocks', spec: fresh, facts: proved(['hardware', -30_000]), gives: 'met' },
  { note: 'dated ahead beyond it', spec: fresh, facts: proved(['hardware', -30_001]), gives: 'too_old' },
  { note: 'not dated', spec: fresh, facts: proved(['hardware', UNKNOWN]), gives: 'undated', remedy: null },
  { note: 'not dated, where age does not matter', spec: 'hardware', facts: proved(['hardware', UNKNOWN]), gives: 'met' },
  { note: 'not dated and too weak', spec: fresh, facts: proved(['any', UNKNOWN]), gives: 'too_weak' },
  { note: 'one not dated, another satisfies', spec: fresh, facts: proved(['hardware', UNKNOWN], ['hardware', 0]), gives: 'met' },
  {
    note: 'one not dated, another too old',
    spec: fresh,
    facts: proved(['hardware', 60 * MINUTE], ['hardware', UNKNOWN]),
    gives: 'undated',
  },
  {
    note: 'the same in the other order',
    spec: fresh,
    facts: proved(['hardware', UNKNOWN], ['hardware', 60 * MINUTE]),
    gives: 'undated',
  },
  { note: 'of any age', spec: 'any', facts: proved(['any', 90 * 24 * 60 * MINUTE]), gives: 'met' },
  { note: 'none proved', spec: 'any', facts: proved(), gives: 'missing', remedy: { stepUp: { level: 'any', maxAge: null } } },
  { note: 'absent', spec: fresh, facts: { factors: null }, gives: 'missing', remedy: stepUp },
  { note: 'nobody: signing in is for the decision to ask', spec: fresh, facts: anonymousFacts, gives: 'missing', remedy: null },
  { note: 'software has no factor', spec: fresh, facts: workloadFacts, gives: 'missing', remedy: null },
  { note: 'nor has an agent', spec: fresh, facts: agentFacts, gives: 'missing', remedy: null },
  {
    note: 'whether a person could is not known',
    spec: fresh,
    facts: { ...proved(), kind: UNKNOWN },
    gives: 'missing',
    remedy: UNKNOWN,
  },
  { note: 'the source did not answer', spec: 'any', facts: { factors: UNKNOWN }, gives: 'unknown', remedy: null },
])

describe('how long a proof lasts', () => {
  it.each<{ note: string; facts: Partial<Facts>; until: number }>([
    { note: 'its age is left', facts: {}, until: EXAMPLE_NOW + 3 * MINUTE + 1 },
    { note: 'the latest of two', facts: proved(['hardware', 4 * MINUTE], ['hardware', 0]), until: EXAMPLE_NOW + 5 * MINUTE + 1 },
    { note: 'a weak one does not count', facts: proved(['hardware', 4 * MINUTE], ['any', 0]), until: EXAMPLE_NOW + MINUTE + 1 },
    { note: 'unmet: only a new proof changes it', facts: proved(['any', 0]), until: Number.POSITIVE_INFINITY },
    { note: 'absent', facts: { factors: null }, until: Number.POSITIVE_INFINITY },
    { note: 'not known', facts: { factors: UNKNOWN }, until: Number.POSITIVE_INFINITY },
  ])('$note', ({ facts, until }) => {
    const lapses = mfa.lapses?.(fresh, exampleScope)
    const test = compileCondition(mfa, fresh, exampleScope)
    const all = { ...exampleFacts, ...facts }
    expect(lapses?.(all)).toBe(until)
    if (test(all).tri !== 1) return
    expect(test({ ...all, now: until - 1 }).tri).toBe(1)
    expect(test({ ...all, now: until }).tri).toBe(0)
  })

  it('is without end where no age is asked', () => {
    expect(mfa.lapses?.('any', exampleScope)(exampleFacts)).toBe(Number.POSITIVE_INFINITY)
  })
})
