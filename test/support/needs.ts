// Tests that need something the repository does not hold: skipped with one line naming it, or failed where CI is true.
import { describe, test } from 'vitest'

export interface Need {
  /** Named in the line and as the title of the suite. */
  readonly what: string
  readonly path: string | null
}

export type Plan = 'run' | 'skip' | 'fail'

/** What to do about a need: a machine that calls itself CI may not skip silently. */
export function planFor(need: Need, ci: string | undefined): Plan {
  if (need.path !== null) return 'run'
  return ci === 'true' ? 'fail' : 'skip'
}

/** `describe` that runs with the path, skips with one line, or fails. */
export function describeWith(need: Need, run: (path: string) => void): void {
  const plan = planFor(need, process.env['CI'])
  if (plan === 'run') {
    describe(need.what, () => run(need.path ?? ''))
    return
  }
  if (plan === 'skip') console.log(`skipped: ${need.what} is not on this machine`)
  describe(need.what, () => {
    test.skipIf(plan === 'skip')('is on this machine', () => {
      throw new Error(`${need.what} is not on this machine, and CI may not skip it`)
    })
  })
}
