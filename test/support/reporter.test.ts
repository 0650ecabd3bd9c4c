import { expect, test } from 'vitest'
import { closingLine, countTests, failuresOf } from './reporter.ts'

type Module = Parameters<typeof countTests>[0][number]

const moduleOf = (states: readonly string[], errors = 0, suiteErrors = 0) =>
  ({
    errors: () => Array.from({ length: errors }, () => ({ message: 'did not load' })),
    children: {
      allTests: () => states.map((state) => ({ result: () => ({ state }) })),
      allSuites: () => [{ errors: () => Array.from({ length: suiteErrors }, () => ({ message: 'hook failed' })) }],
    },
  }) as unknown as Module

test.each([
  { note: 'no file', modules: [], stray: 0, line: 'vitest: 0 passed, 0 failed, 0 skipped' },
  {
    note: 'each state',
    modules: [moduleOf(['passed', 'failed', 'skipped', 'passed'])],
    stray: 0,
    line: 'vitest: 2 passed, 1 failed, 1 skipped',
  },
  { note: 'a test that never ended', modules: [moduleOf(['pending'])], stray: 0, line: 'vitest: 0 passed, 1 failed, 0 skipped' },
  { note: 'a file that did not load', modules: [moduleOf([], 1)], stray: 0, line: 'vitest: 0 passed, 1 failed, 0 skipped' },
  {
    note: 'a suite whose hook failed',
    modules: [moduleOf(['skipped'], 0, 1)],
    stray: 0,
    line: 'vitest: 0 passed, 1 failed, 1 skipped',
  },
  { note: 'an error outside any test', modules: [moduleOf(['passed'])], stray: 1, line: 'vitest: 1 passed, 1 failed, 0 skipped' },
])('counts $note', ({ modules, stray, line }) => expect(closingLine(countTests(modules, stray))).toBe(line))

test('names each failure by file, test and the first line of its message', () => {
  const named = (fullName: string, state: string, message?: string) => ({
    fullName,
    result: () => ({ state, errors: message === undefined ? [] : [{ message }] }),
  })
  const module = {
    relativeModuleId: 'a.test.ts',
    errors: () => [{ message: 'did not load\nat line 1' }],
    children: {
      allTests: () => [
        named('a > passes', 'passed'),
        named('a > fails', 'failed', 'not 2\nbut 1'),
        named('a > hangs', 'pending'),
      ],
      allSuites: () => [
        { fullName: 'b', errors: () => [{ message: 'hook failed' }] },
        { fullName: 'c', errors: () => [] },
      ],
    },
  } as unknown as Parameters<typeof failuresOf>[0]
  expect(failuresOf(module)).toEqual([
    'a.test.ts: did not load',
    'a.test.ts > b: hook failed',
    'a.test.ts > a > fails: not 2',
    'a.test.ts > a > hangs: did not end',
  ])
})
