import { describe, expect, it } from 'vitest'
import type { CompileScope, Condition, Spec } from '../../packages/core/src/model/condition.ts'
import type { Facts, Unknown } from '../../packages/core/src/model/fact.ts'
import type { Remedy } from '../../packages/core/src/model/remedy.ts'
import { compileCondition } from '../../packages/core/src/model/say.ts'
import { exampleFacts, exampleScope } from '../../packages/core/src/testing/example-facts.ts'

/** One judgement: a spec, what differs from the example facts and scope, and the verdict. */
export interface VerdictRow {
  readonly note: string
  readonly spec: Spec
  readonly facts?: Partial<Facts>
  readonly scope?: Partial<CompileScope>
  /** `met`, or the part of the reason's code after the point. */
  readonly gives: string
  /** What the verdict offers to this caller; left out: not looked at. */
  readonly remedy?: Remedy | readonly Remedy[] | null | Unknown
}

const codeOf = (condition: Condition, gives: string) =>
  gives === 'met' ? 'met' : `${condition.key.replaceAll('-', '_')}.${gives}`

/** Runs the table of a condition, and fails when the table leaves one of its verdicts out. */
export function describeVerdicts(condition: Condition, rows: readonly VerdictRow[]): void {
  describe(`${condition.place}.${condition.key}`, () => {
    it.for(rows)('$gives: $note', ({ spec, facts, scope, gives, remedy }) => {
      const all: Facts = { ...exampleFacts, ...facts }
      const verdict = compileCondition(condition, spec, { ...exampleScope, ...scope })(all)
      expect(verdict.code).toBe(codeOf(condition, gives))
      if (remedy !== undefined) expect(verdict.remedy?.(all) ?? null).toEqual(remedy)
    })

    it('gives every verdict in some row', () => {
      const given = new Set(rows.map(({ gives }) => codeOf(condition, gives)))
      expect([...given].sort()).toEqual([...Object.keys(condition.reasons), 'met'].sort())
    })
  })
}
