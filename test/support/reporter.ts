// Counts single tests for the closing line of a run. Alone it prints the line; under scripts/check-all.ts it writes the counts and
// the first failures to the file named by BALUSTRADE_TEST_OUTCOME, because there the line also counts failed stages and must be the
// last of the run.
import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** What a run leaves for the stage that started it. */
export interface Outcome {
  readonly counts: Counts
  /** A line for each of the first failures: file, test, first line of the message. */
  readonly failures: readonly string[]
}

/** How many failures are named again at the end of a run. */
const NAMED_FAILURES = 20

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

type Errors = readonly { readonly message: string }[]

const inOneLine = (where: string, errors: Errors = []): string =>
  `${where}: ${errors[0]?.message.split('\n')[0] ?? 'did not end'}`

/** Every failure of a file in a line of its own, counted as countTests does. */
export function failuresOf(module: Pick<TestModule, 'children' | 'errors' | 'relativeModuleId'>): readonly string[] {
  const file = module.relativeModuleId
  const inSuites = [...module.children.allSuites()].flatMap((suite) =>
    suite.errors().length > 0 ? [inOneLine(`${file} > ${suite.fullName}`, suite.errors())] : [],
  )
  const inTests = [...module.children.allTests()].flatMap((test) => {
    const { state, errors } = test.result()
    return state === 'passed' || state === 'skipped' ? [] : [inOneLine(`${file} > ${test.fullName}`, errors)]
  })
  return [...(module.errors().length > 0 ? [inOneLine(file, module.errors())] : []), ...inSuites, ...inTests]
}

/** The reporter that vitest.config.ts names. */
export function createReporter(): Reporter {
  return {
    onTestRunEnd(modules, strayErrors) {
      const counts = countTests(modules, strayErrors.length)
      const file = process.env['BALUSTRADE_TEST_OUTCOME']
      if (file === undefined) {
        process.on('exit', () => console.log(closingLine(counts)))
        return
      }
      const failures = [...modules.flatMap(failuresOf), ...strayErrors.map((error) => inOneLine('outside any test', [error]))]
      writeFileSync(file, JSON.stringify({ counts, failures: failures.slice(0, NAMED_FAILURES) } satisfies Outcome))
    },
  }
}
