/** Written at the same time; the store has others to serve. */
const BATCH = 50

/** When something was used last, epoch ms, and of that what is in the store. */
export interface Used {
  readonly usedAt: number
  readonly usedInStore: number
}

/** Keeps the uses that were not kept yet, some at a time. */
export const keepUses = async <Seen extends Used>(all: Iterable<Seen>, keep: (seen: Seen) => Promise<void>): Promise<void> => {
  const unwritten = [...all].filter((seen) => seen.usedAt > seen.usedInStore)
  for (let at = 0; at < unwritten.length; at += BATCH) await Promise.all(unwritten.slice(at, at + BATCH).map(keep))
}
