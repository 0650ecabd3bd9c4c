import type { Tri } from '@balustrade/core/kit'

/** Kleene's tables: what is not known yet stays so unless the rest settles it. */
export const both = (a: Tri, b: Tri): Tri => {
  if (a === 0 || b === 0) return 0
  return a === 1 ? b : a
}

export const either = (a: Tri, b: Tri): Tri => {
  if (a === 1 || b === 1) return 1
  return a === 0 ? b : a
}

export const not = (a: Tri): Tri => {
  if (a === -1) return -1
  return a === 1 ? 0 : 1
}

/** `both` over a list, asking no further than needed. */
export const every = <T>(items: readonly T[], ask: (item: T) => Tri): Tri => {
  let least: Tri = 1
  for (const item of items) {
    const tri = ask(item)
    if (tri === 0) return 0
    if (tri === -1) least = -1
  }
  return least
}

export const some = <T>(items: readonly T[], ask: (item: T) => Tri): Tri => not(every(items, (item) => not(ask(item))))

/** In a request of which everything is known, "not met" takes in what stays unknown; before that it is still open. */
export const settled = (tri: Tri, final: boolean): Tri => (final && tri === -1 ? 0 : tri)
