import { CLOCK_SKEW, type Facts, type Opening, UNKNOWN } from '../model/fact.ts'
import type { RuleImage } from '../model/policy-image.ts'
import type { Test, Verdict } from '../model/verdict.ts'
import type { Atom } from './node.ts'

const CONDITION = 'how.break-glass'

const say = (tri: 1 | 0 | -1, code: string, by?: 'source'): Verdict => ({
  tri,
  code,
  condition: CONDITION,
  by,
  remedy: undefined,
})

const MET = say(1, 'met')
const CLOSED = say(0, 'breakglass.closed')
const UNARMED = say(0, 'breakglass.unarmed')
const UNREADABLE = say(-1, 'breakglass.unknown', 'source')

/** Requests arrive in another order than they are judged; a clock that was set back further opens nothing again. */
const isOpen = (at: number, opensFor: number, now: number): boolean => now >= at - CLOCK_SKEW && now < at + opensFor

const openingOf = ({ openings }: Facts, name: string): Opening | undefined =>
  openings === UNKNOWN || openings === null ? undefined : openings.get(name)

const testOf =
  (name: string, opensFor: number): Test =>
  (facts) => {
    if (facts.openings === UNKNOWN) return UNREADABLE
    const opening = openingOf(facts, name)
    if (opening === undefined) return MET
    if (opening === 'unarmed') return UNARMED
    return isOpen(opening, opensFor, facts.now) ? MET : CLOSED
  }

/** What a break-glass exception demands besides its own `how`; null for every other rule. */
export const createBreakGlass = ({ name, register }: RuleImage, nextId: () => number): Atom | null => {
  const opensFor = register?.breakGlass?.opensFor
  if (opensFor === undefined) return null
  const test = testOf(name, opensFor)
  // Not used yet: the request that is judged may be the use that opens it.
  const lapse = (facts: Facts): number => {
    const opening = openingOf(facts, name) ?? facts.now
    return opening === 'unarmed' ? Number.POSITIVE_INFINITY : opening + opensFor
  }
  return {
    type: 'atom',
    id: nextId(),
    test,
    condition: CONDITION,
    negated: false,
    reads: ['openings'],
    ofCaller: false,
    ofAcr: false,
    lapses: [lapse],
    tri: (facts) => test(facts).tri,
  }
}
