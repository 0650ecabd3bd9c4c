import type { z } from 'zod'
import type { ClaimType, Facts, FactName } from './fact.ts'
import type { Method } from './access-request.ts'
import type { Noun, PolicyImage, RuleKind } from './policy-image.ts'
import type { ReasonText } from './reason.ts'
import type { Test, Verdict, RemedyFor } from './verdict.ts'

/** Zod's builder, handed in by `policy/`, so that enforcing loads no schema library. */
export type SchemaKit = typeof z

/**
 * Where a condition may stand. `any`: in every place, which gives it its role. `circumstance`: in a guardrail's `when` and in any `how`. Conditions of any place may stand in a
 * guardrail's `how`; those of `who` in any `how` but that of a public entry. Place is part of a condition's identity: `who.workload`.
 */
export const PLACES = ['who', 'what', 'when', 'circumstance', 'how', 'any'] as const
export type Place = (typeof PLACES)[number]

/** JSON as written in the policy, after validation. */
export type Spec = string | number | boolean | readonly Spec[] | { readonly [key: string]: Spec }

export interface Reference {
  readonly noun: Noun
  readonly name: string
}

/** What a condition needs of the policy around it when it is compiled. */
export interface CompileScope {
  readonly image: PolicyImage
  /** Zone of the rule's file, null when none is declared. */
  readonly zone: string | null
  /** Value of a `$name` captured by the rule's `what`; null for a name nobody captures. Undefined at run time: not captured. */
  readonly capture: (name: string) => ((facts: Facts) => string | undefined) | null
}

/**
 * Where a `$name` takes its value: a path segment by position, or the first label of the host. `bind` reads it, and answers
 * undefined for a request that the pattern holding the name is not about: position alone does not say that the name is bound.
 */
export type Capture = { readonly name: string; readonly bind: (facts: Facts) => string | undefined } & (
  | { readonly from: 'path'; readonly segment: number }
  | { readonly from: 'host' }
)

/**
 * A superset of what a spec may be met by or be unknown for, over total facts only: paths are to be compared without regard to
 * ASCII case and one trailing slash. `exact`: the spec is met by just these and unmet by all others, so the test may be left out;
 * `as-spelled`: met by paths that are spelled as one of `paths` is, so the test may be left out for those alone.
 */
export interface Hint {
  readonly services?: readonly string[]
  readonly methods?: readonly Method[]
  /** Path patterns as written: `/a/*`, `/a/$x/**`. */
  readonly paths?: readonly string[]
  readonly exact: boolean | 'as-spelled'
}

/** What is declared round a rule, and where in it a condition stands: for conditions that check more than a schema can. */
export interface SpecPlace {
  readonly kind: RuleKind
  readonly slot: 'who' | 'what' | 'when' | 'how'
  /** Claims of the providers that the rule's services accept; null for one that they declare with different types. */
  readonly claims: ReadonlyMap<string, ClaimType | null>
  /** `$name`s that every alternative of the rule's `what` binds. */
  readonly captures: readonly string[]
  readonly names: (noun: Noun) => ReadonlySet<string>
}

export interface SpecScope {
  readonly zone: string | null
  /** Left out: what is declared is not known here, and is not asked about. */
  readonly place?: SpecPlace
}

/** A part of a condition that is shown with its value: `depth` 0 is the whole. */
export interface TraceStep {
  readonly text: string
  readonly value: string
  readonly depth: number
}

export interface ConditionReason extends ReasonText {
  readonly tri: 0 | -1
  /** There may be a remedy: `not` over such a condition is an error in `how`. */
  readonly remedy: boolean
  readonly by?: 'caller'
}

/** Makes the verdict constants of one compiled condition: `say('mfa.too_old', remedy)`, `say('met')`. */
export type Say<Code extends string> = (code: Code | 'met', remedy?: RemedyFor) => Verdict

/** Examples for documentation and for the test that every condition goes through; written as in a policy. */
export interface ConditionExamples {
  /** Accepted spellings, at least one. */
  readonly accepted: readonly Spec[]
  /** Refused spellings with the diagnostic code each must give. */
  readonly refused: readonly { readonly spec: unknown; readonly code: string }[]
  /** Facts (over those of `exampleFacts` of testing/) that meet, do not meet, and leave `accepted[0]` unknown. */
  readonly met: Partial<Facts>
  readonly unmet: Partial<Facts>
  /** Facts where what is read is absent; total facts are never absent, hence optional. */
  readonly absent?: Partial<Facts>
  readonly unknown?: Partial<Facts>
}

/** A condition states once what it means; schema, reference, explain, sentence, index and tests derive from it. */
export interface Condition<S extends Spec = Spec, Code extends string = string> {
  readonly key: string
  readonly place: Place
  /**
   * Keys of the same map that belong to this condition (`zone` beside `hours`). A condition that has modifiers is always given the
   * object of its own key and the modifiers present; all others are given the bare value.
   */
  readonly modifiers?: readonly string[]
  /** One sentence for the reference page. */
  readonly about: string
  readonly schema: (kit: SchemaKit) => z.ZodType<S>
  readonly reads: readonly FactName[]
  /** Which of `reads` a spec reads; left out: all of them. */
  readonly readsOf?: (spec: S) => readonly FactName[]
  readonly reasons: Readonly<Record<Code, ConditionReason>>
  readonly compile: (spec: S, scope: CompileScope, say: Say<Code>) => Test
  /** English, to follow "who", "for", "when" or "if": no full stop. */
  readonly sentence: (spec: S) => string
  readonly examples: ConditionExamples
  readonly index?: (spec: S) => Hint
  /** Names the spec refers to; each must be declared. */
  readonly refers?: (spec: S) => readonly Reference[]
  /** `$name`s this condition binds (path, host). */
  readonly captures?: (spec: S) => readonly Capture[]
  /** `$name`s whose bound value this condition compares with. */
  readonly compares?: (spec: S) => readonly string[]
  /** Faults a schema cannot express: one message for each, empty when there is none. */
  readonly faults?: (spec: S, scope: SpecScope) => readonly ConditionFault[]
  /** The spec is a text of another language: it is written in quotes or as a block, so that YAML leaves it as it is. */
  readonly quoted?: true
  /** Zones whose clocks the spec reads, beside a `zone` of its own. */
  readonly zones?: (spec: S) => readonly string[]
  /** The value of every part of the spec, for whoever asks why. */
  readonly trace?: (spec: S, scope: CompileScope) => (facts: Facts) => readonly TraceStep[]
  /** Epoch ms from which the verdict may no longer hold, met or unmet; Infinity when only a new fact can change it. */
  readonly lapses?: (spec: S, scope: CompileScope) => (facts: Facts) => number
}

export interface ConditionFault {
  readonly code: string
  readonly message: string
  readonly help: string
  /** Where in a spec that is a text, in UTF-16 code units; left out: the whole spec. */
  readonly within?: { readonly from: number; readonly to: number }
}

/** The facts that a spec reads. */
export const factsReadBy = (condition: Condition, spec: Spec): readonly FactName[] => condition.readsOf?.(spec) ?? condition.reads

/** Erases the spec's type so that conditions fit one list; `compile` is only ever given what `schema` accepted. */
export const defineCondition = <S extends Spec, Code extends string>(condition: Condition<S, Code>): Condition =>
  condition as unknown as Condition
