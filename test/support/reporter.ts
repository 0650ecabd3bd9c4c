// Counts single tests for the closing line of a run. Alone it prints the line; under scripts/check-all.ts it writes the counts to
// the file named by BALUSTRADE_TEST_COUNTS, because there the line also counts failed stages and must be the last of the run.
import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** The closing line in the words that CI counts. */
export function closingLine(counts: Counts): string {
  return `vitest: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`
}

/** Counts single tests. A file that failed to load, and an error outside any test, count as one failure each. */
export function countTests(modules: readonly Pick<TestModule, 'children' | 'errors'>[], strayErrors: number): Counts {
  const counts = { passed: 0, failed: strayErrors, skipped: 0 }
  for (const module of modules) {
    counts.failed += module.errors().length
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      if (state === 'passed') counts.passed += 1
      else if (state === 'skipped') counts.skipped += 1
      else counts.failed += 1
    }
    for (const suite of module.children.allSuites()) counts.failed += suite.errors().length
  }
  return counts
}

/** The reporter that vitest.config.ts names. */
export function createReporter(): Reporter {
  return {
    onTestRunEnd(modules, strayErrors) {
      const counts = countTests(modules, strayErrors.length)
      const file = process.env['BALUSTRADE_TEST_COUNTS']
      if (file === undefined) process.on('exit', () => console.log(closingLine(counts)))
      else writeFileSync(file, JSON.stringify(counts))
    },
  }
}
