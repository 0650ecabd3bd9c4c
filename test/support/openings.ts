// A ledger of openings in memory, for tests that need no disk.
import { type Facts, UNKNOWN } from '../../packages/core/src/model/fact.ts'
import type { KeptOpening, OpeningLedger } from '../../packages/core/src/model/ports.ts'

/** Keeps openings as long as the test lives; every use is durable at once. */
export const createMemoryOpenings = (opened: ReadonlyMap<string, KeptOpening> = new Map()): OpeningLedger => {
  const kept = new Map(opened)
  return {
    read: () => kept,
    open: ({ name, armed, at, by }) => {
      const first = (kept.get(name)?.at ?? Number.NEGATIVE_INFINITY) < armed
      if (first) kept.set(name, { at, by })
      return { first, durable: async () => true }
    },
  }
}

/** A ledger that leads to the given fact where every exception was armed at the instant by the person. */
export const openingsLike = (fact: Facts['openings'], armed: { readonly at: number; readonly by: string }): OpeningLedger => {
  if (fact === UNKNOWN) return { read: () => null, open: () => ({ first: false, durable: async () => false }) }
  const entries = [...(fact ?? [])].map(([name, opening]): [string, KeptOpening] => [
    name,
    opening === 'unarmed' ? { at: armed.at - 1, by: armed.by } : { at: opening, by: 'corp/ada' },
  ])
  return createMemoryOpenings(new Map(entries))
}
