import type { Facts } from '../model/fact.ts'
import type { Plan } from '../plan/plan.ts'

const NOTHING: Readonly<Record<string, string>> = {}

/** Key of a recorded verdict: the second judgement (the person an agent acts for) has keys of its own. */
const keyOf = (key: string, judgement: number): string => (judgement === 0 ? key : `${key}@${judgement}`)

/**
 * Verdict codes of the matched conditions whose facts the log does not keep (header values, claims), by which the decision can be
 * made again without them.
 */
export const givenCodes = (plan: Plan, judgements: readonly Facts[]): Readonly<Record<string, string>> => {
  if (!plan.recordsVerdicts) return NOTHING
  let codes: Record<string, string> | null = null
  judgements.forEach((facts, index) => {
    for (const { key, test } of plan.atomsToRecord(plan.match(facts))) {
      codes ??= {}
      codes[keyOf(key, index)] = test(facts).code
    }
  })
  return codes ?? NOTHING
}

/** The codes of one judgement, as `withGiven` takes them. */
export const codesOfJudgement = (codes: Readonly<Record<string, string>>, judgement: number): ReadonlyMap<string, string> => {
  const suffix = `@${judgement}`
  const own = Object.entries(codes).filter(([key]) => (judgement === 0 ? !key.includes('@') : key.endsWith(suffix)))
  return new Map(own.map(([key, code]) => [judgement === 0 ? key : key.slice(0, -suffix.length), code]))
}
