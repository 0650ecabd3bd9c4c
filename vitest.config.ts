import { defineConfig } from 'vitest/config'
import { createReporter } from './test/support/reporter.ts'

const conditions = ['source', 'module', 'node', 'development']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['source', 'node'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts'],
    pool: 'forks',
    // Child processes and worker threads that a test starts resolve siblings to their sources too.
    execArgv: ['--conditions=source'],
    maxWorkers: 2,
    // A shared machine may be many times slower than a quiet one; a test that hangs still ends.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    reporters: ['default', createReporter()],
    unstubEnvs: true,
    restoreMocks: true,
  },
})
