import {
  CONDITIONS,
  createDescribedJudge,
  type Decision,
  explain,
  type Explanation,
  type Plan,
  type PolicyImage,
  type ServiceImage,
} from '@balustrade/core/kit'
import { factsFromWords, type PolicyCase } from '@balustrade/core/policy'

/** What a case says of a request; `when` null is now, `opened` left out: nothing is open. */
export type Described = Pick<PolicyCase, 'request' | 'as' | 'from' | 'when' | 'headers' | 'upgrade'> &
  Partial<Pick<PolicyCase, 'opened'>>

export interface JudgedCase {
  readonly decision: Decision
  readonly service: string | null
  /** null: refused before any rule was asked. */
  readonly explanation: Explanation | null
}

export interface CaseJudge {
  readonly plan: Plan
  readonly judge: (described: Described) => JudgedCase
}

/** Judges cases by the steps of a point; their words say who calls, in place of a credential. */
export const createCaseJudge = (image: PolicyImage): CaseJudge => {
  const { plan, judge } = createDescribedJudge(image, CONDITIONS)
  return {
    plan,
    judge: ({ request, as, from, when, headers, upgrade, opened = {} }) => {
      const at = when ?? Date.now()
      const description = {
        request,
        headers,
        at,
        ...(from === null ? {} : { from }),
        ...(upgrade === null ? {} : { upgrade }),
      }
      const openings = new Map(Object.entries(opened).map(([name, age]) => [name, at - age]))
      const caller = ({ credentials }: ServiceImage) => factsFromWords(as, { image, now: at, accepts: credentials })
      const judged = judge(description, caller, openings)
      return {
        decision: judged.decision,
        service: judged.serviceName,
        explanation: judged.facts.length === 0 ? null : explain(plan, judged.facts),
      }
    },
  }
}
