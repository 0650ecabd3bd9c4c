// The one table of exemptions from the house rules, each with its reason. Rules of oxlint are repeated in `overrides` of
// .oxlintrc.json, which a test holds to this table; the others are checked by test/house.

export interface Exemption {
  /** A rule of oxlint, or of this folder: catch, class, marks, paths, targets. */
  readonly rule: string
  /** For rules of oxlint a glob. Otherwise a path; with a slash at the end it is a folder. */
  readonly files: string
  /** What applies instead; off when absent. */
  readonly setting?: readonly unknown[]
  readonly reason: string
}

export const lintExemptions: readonly Exemption[] = [
  {
    rule: 'max-lines-per-function',
    files: '**/*.test.ts',
    reason: 'a describe block is a function, and its size is that of its table',
  },
  {
    rule: 'max-lines',
    files: '**/*.test.ts',
    setting: ['error', { max: 400, skipBlankLines: false, skipComments: false }],
    reason: 'tables of cases are long, and splitting one hides what it covers',
  },
  {
    rule: 'typescript/only-throw-error',
    files: 'packages/core/src/lib/attempt.test.ts',
    reason: 'libraries throw anything, and attempt must bring all of it back',
  },
  { rule: 'import/no-default-export', files: 'vitest.config.ts', reason: 'vitest reads the default export of its configuration' },
]

export const houseExemptions: readonly Exemption[] = [
  {
    rule: 'catch',
    files: 'packages/core/src/lib/attempt.ts',
    reason: 'the one place that turns what a library throws into a value',
  },
  {
    rule: 'catch',
    files: 'packages/core/src/engine/',
    reason: 'whatever fails while a request is decided becomes deny engine.failed_closed',
  },
  {
    rule: 'catch',
    files: 'packages/server/src/state/attempt.ts',
    reason: 'the thread of the store would load all of core for one function, and start many times as slowly',
  },
  {
    rule: 'catch',
    files: 'packages/server/src/gateway/gateway.ts',
    reason: 'the outermost guard of requests: ends the exchange, never goes onward',
  },
  {
    rule: 'catch',
    files: 'packages/server/src/gateway/tunnel.ts',
    reason: 'the outermost guard of upgrades: destroys the socket, never goes onward',
  },
]
