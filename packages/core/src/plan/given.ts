import type { CredentialFacts, Facts } from '../model/fact.ts'
import type { Test, Verdict } from '../model/verdict.ts'

/** Verdict codes by replay key: what was recorded in place of a fact whose value the log does not keep. */
export type GivenCodes = ReadonlyMap<string, string>

const GIVEN: unique symbol = Symbol('balustrade.given')
type Replayed = Facts & { readonly [GIVEN]?: Given }

interface Given {
  readonly codes: GivenCodes
  /** The caller was put in the place of another: what was recorded of the first says nothing of the second. */
  readonly otherCaller: boolean
}

/** The same facts, with recorded verdicts to be taken instead of the tests they were recorded for. */
export const withGiven = (facts: Facts, codes: GivenCodes): Facts =>
  ({ ...facts, [GIVEN]: { codes, otherCaller: false } }) as Facts

/** The same request by another caller. */
export const byCaller = (facts: Facts, caller: CredentialFacts): Facts => {
  const given = (facts as Replayed)[GIVEN]
  if (given === undefined) return { ...facts, ...caller }
  return { ...facts, ...caller, [GIVEN]: { codes: given.codes, otherCaller: true } } as Facts
}

interface Replay {
  readonly key: string
  readonly ofCaller: boolean
  /** Every verdict the test can give. */
  readonly verdicts: readonly Verdict[]
}

/** A test that answers as recorded where something was recorded. A code it never gives is no record of it and is passed over. */
export const replayable = (test: Test, { key, ofCaller, verdicts }: Replay): Test => {
  const byCode = new Map(verdicts.map((verdict) => [verdict.code, verdict]))
  return (facts) => {
    const given = (facts as Replayed)[GIVEN]
    if (given === undefined || (ofCaller && given.otherCaller)) return test(facts)
    return byCode.get(given.codes.get(key) ?? '') ?? test(facts)
  }
}
