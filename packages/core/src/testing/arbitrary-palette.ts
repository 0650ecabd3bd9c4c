import fc from 'fast-check'
import type { Formula } from '../model/policy-image.ts'
import { BOUND, DEMANDS, idsOf, leafOf, PATHS, specLeaf } from './arbitrary-specs.ts'

/**
 * What one policy says more than once. A plan shares conditions that are alike; whether it shares too much shows only where rules say
 * the same in other company: under `all` and under `any`, in files of different zones, of a `$name` taken from different places.
 */
export interface Palette {
  readonly who: readonly Formula[]
  /** Conditions that compare with `$tenant`. */
  readonly bound: readonly Formula[]
  readonly path: readonly Formula[]
  readonly time: readonly Formula[]
  readonly demand: readonly Formula[]
  readonly acr: readonly Formula[]
}

export type Slot = keyof Palette

const PREFIX = 'slot.'

/** Stands in a formula for the first or the second thing of a palette, until `fill` writes it. */
export const slotAt = (slot: Slot, place: 0 | 1): Formula => ({ is: `${PREFIX}${slot}`, spec: place })

export const slotOf = (slot: Slot): fc.Arbitrary<Formula> => fc.constantFrom(slotAt(slot, 0), slotAt(slot, 1))

const two = (leaf: fc.Arbitrary<Formula>) => fc.tuple(leaf, leaf)

/** A login of a class that one asks for may undo what the other needs of the present login. */
const OVERLAPPING = fc
  .shuffledSubarray(['silver', 'gold', 'bronze'], { minLength: 3 })
  .map(([needed = '', both = '', asked = '']): readonly Formula[] => [
    specLeaf('how.acr', [needed, both]),
    specLeaf('how.acr', [both, asked]),
  ])

export const arbitraryPalette: fc.Arbitrary<Palette> = fc.record({
  who: two(leafOf(idsOf('who'))),
  bound: two(BOUND),
  path: two(fc.constantFrom(...PATHS).map((spec) => specLeaf('what.path', spec))),
  time: two(leafOf(['when.hours', 'when.hours', 'when.days'])),
  demand: two(leafOf(DEMANDS)),
  acr: fc.oneof<fc.Arbitrary<readonly Formula[]>[]>(two(leafOf(['how.acr'])), OVERLAPPING),
})

/** The formula with the palette's conditions in place of slots. */
export const fill = (formula: Formula, palette: Palette): Formula => {
  if ('is' in formula)
    return formula.is.startsWith(PREFIX)
      ? (palette[formula.is.slice(PREFIX.length) as Slot][Number(formula.spec)] as Formula)
      : formula
  if ('not' in formula) return { not: fill(formula.not, palette) }
  if ('all' in formula) return { all: formula.all.map((part) => fill(part, palette)) }
  return 'any' in formula ? { any: formula.any.map((part) => fill(part, palette)) } : formula
}
