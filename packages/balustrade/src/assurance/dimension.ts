import type { FactName, Facts } from '@balustrade/core/kit'
import type { CallerWords } from '@balustrade/core/policy'
import type { Draft } from './draft.ts'
import type { Literal } from './literals.ts'
import type { World } from './world.ts'

/** One way in which some facts may be. */
export interface Choice {
  readonly words?: CallerWords
  readonly request?: Partial<Pick<Draft, 'from' | 'headers' | 'upgrade'>>
  /** The facts it settles, as this policy reads them. */
  readonly settle: (facts: Facts, world: World) => Partial<Facts>
}

/** Facts that are settled together, and the ways in which they can differ for the rules at hand. */
export interface Dimension {
  readonly reads: readonly FactName[]
  readonly choices: readonly Choice[]
  /** Whatever else these facts may be, no rule at hand tells it from one of the choices. */
  readonly whole: boolean
  /** Says something of the caller: an anonymous one has none of it. */
  readonly ofCaller: boolean
}

/** What the choices of one request are made from. */
export interface Setting {
  readonly worlds: readonly World[]
  /** Conditions of the rules at hand. */
  readonly literals: readonly Literal[]
  /** Name of the service, null where a policy knows none at this place. */
  readonly services: readonly (string | null)[]
  /** Texts that a `$name` may stand for: segments, and the first label of the host. */
  readonly captured: readonly string[]
  readonly now: number
}

/** `$name` stands for whatever the request says; everything else for itself. */
export const spelledOut = (texts: readonly string[], captured: readonly string[]): readonly string[] => [
  ...new Set(texts.flatMap((text) => (text.startsWith('$') ? captured : [text]))),
]
