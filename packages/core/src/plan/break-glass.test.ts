import { describe, expect, test } from 'vitest'
import { exception, factsWith, guardrail, is, planWith, ruleIn, type RuleParts } from '../../../../test/support/small-policy.ts'
import { CLOCK_SKEW, type Facts, type Opening, UNKNOWN } from '../model/fact.ts'
import { EXAMPLE_NOW } from '../testing/example-facts.ts'
import { createBreakGlass } from './break-glass.ts'
import { atomsOf } from './node.ts'

const OPENS_FOR = 3_600_000
const breakGlass = { opensFor: OPENS_FOR, alarm: 'pager', drillBy: EXAMPLE_NOW, armed: { at: 0, by: 'security@example.com' } }
const register = {
  owner: 'a@example.com',
  approvedBy: 'b@example.com',
  reason: 'repairs',
  ticket: null,
  review: null,
  breakGlass,
}

const glass = (parts: RuleParts = {}) => exception('glass', { names: ['guard'], register, ...parts })
const plan = planWith(guardrail('guard'), glass())
const since = (opening: Opening | undefined, name = 'glass') => new Map(opening === undefined ? [] : [[name, opening]])

describe('a break-glass exception', () => {
  test.each<{ note: string; openings: Facts['openings']; gives: string }>([
    { note: 'nothing was opened', openings: null, gives: 'met 1' },
    { note: 'another was opened', openings: since(0, 'other'), gives: 'met 1' },
    { note: 'armed and not used', openings: since(undefined), gives: 'met 1' },
    { note: 'opened now', openings: since(EXAMPLE_NOW), gives: 'met 1' },
    { note: 'opened until just now', openings: since(EXAMPLE_NOW - OPENS_FOR + 1), gives: 'met 1' },
    { note: 'closed just now', openings: since(EXAMPLE_NOW - OPENS_FOR), gives: 'breakglass.closed 0' },
    { note: 'opened by a request that came later', openings: since(EXAMPLE_NOW + CLOCK_SKEW), gives: 'met 1' },
    {
      note: 'a clock that was set back opens nothing',
      openings: since(EXAMPLE_NOW + CLOCK_SKEW + 1),
      gives: 'breakglass.closed 0',
    },
    { note: 'not armed', openings: since('unarmed'), gives: 'breakglass.unarmed 0' },
    { note: 'nobody can tell', openings: UNKNOWN, gives: 'breakglass.unknown -1 by source' },
  ])('$note', ({ openings, gives }) => {
    const { how } = ruleIn(plan, 'glass')
    const facts = factsWith({ openings })
    const [leaf] = atomsOf(how)
    const { tri, code, by, condition } = leaf?.test(facts) ?? {}
    expect(`${code} ${tri}${by === undefined ? '' : ` by ${by}`}`).toBe(gives)
    expect([condition, how.tri(facts)]).toEqual(['how.break-glass', tri])
  })

  test.each<{ note: string; openings: Facts['openings']; at: number }>([
    { note: 'not used yet: from now', openings: null, at: EXAMPLE_NOW + OPENS_FOR },
    { note: 'when it closes', openings: since(EXAMPLE_NOW - 5), at: EXAMPLE_NOW - 5 + OPENS_FOR },
    { note: 'not armed: never', openings: since('unarmed'), at: Number.POSITIVE_INFINITY },
    { note: 'nobody can tell: from now', openings: UNKNOWN, at: EXAMPLE_NOW + OPENS_FOR },
  ])('may turn by time alone: $note', ({ openings, at }) => {
    expect(ruleIn(plan, 'glass').horizon?.(factsWith({ openings }))).toBe(at)
  })

  test('says what it reads', () => {
    const leaf = createBreakGlass(glass(), () => 7)
    expect(leaf).toMatchObject({ type: 'atom', id: 7, negated: false, reads: ['openings'], ofCaller: false, ofAcr: false })
  })

  test('demands what is written as well', () => {
    const { how } = ruleIn(planWith(glass({ how: is('circumstance.network', 'office') })), 'glass')
    expect(
      atomsOf(how)
        .map(({ condition }) => condition)
        .sort(),
    ).toEqual(['circumstance.network', 'how.break-glass'])
  })

  test.each([
    { note: 'one without a register', rule: exception('x') },
    { note: 'one whose register says nothing of it', rule: exception('x', { register: { ...register, breakGlass: null } }) },
  ])('is no other rule: $note', ({ rule }) => {
    expect(createBreakGlass(rule, () => expect.fail('numbered'))).toBeNull()
    expect(atomsOf(ruleIn(planWith(rule), 'x').how)).toEqual([])
  })
})
