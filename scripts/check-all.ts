// Runs every check of the project, one stage after the other, all of them even when one fails, and says how long each took.
// The last line counts single tests, and a failed stage that has no tests as one failure.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Counts, closingLine, type Outcome } from '../test/support/reporter.ts'

interface Stage {
  readonly name: string
  readonly command: readonly string[]
  /** Set where the stage writes its own counts and failures to the file of BALUSTRADE_TEST_OUTCOME. */
  readonly counts?: true
}

interface StageResult extends Outcome {
  readonly name: string
  readonly seconds: number
  readonly ok: boolean
}

const root = join(import.meta.dirname, '..')

const stages: readonly Stage[] = [
  { name: 'format', command: ['biome', 'format', '.'] },
  { name: 'types', command: ['tsc', '-b'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--quiet', '.'] },
  { name: 'tests', command: ['vitest', 'run'], counts: true },
  // Ratios of short runs to those kept in docs/reports; after the tests, when nothing else runs.
  ...(process.env['CI'] === 'true' ? [{ name: 'bench', command: ['node', 'bench/guard.ts'] }] : []),
]

function readOutcome(file: string, ok: boolean): Outcome {
  if (!existsSync(file)) return { counts: { passed: 0, failed: ok ? 0 : 1, skipped: 0 }, failures: [] }
  const { counts, failures } = JSON.parse(readFileSync(file, 'utf8')) as Outcome
  return { counts: !ok && counts.failed === 0 ? { ...counts, failed: 1 } : counts, failures }
}

function runStage(stage: Stage, folder: string): StageResult {
  console.log(`\n── ${stage.name}: ${stage.command.join(' ')}`)
  const [program = '', ...args] = stage.command
  const file = join(folder, `${stage.name}.json`)
  const started = Date.now()
  const env = stage.counts ? { ...process.env, BALUSTRADE_TEST_OUTCOME: file } : process.env
  const run = spawnSync(join(root, 'node_modules', '.bin', program), args, {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (run.error) console.error(`${stage.name} could not start: ${run.error.message}`)
  const ok = run.status === 0 && (!stage.counts || existsSync(file))
  return { name: stage.name, seconds: (Date.now() - started) / 1000, ok, ...readOutcome(file, ok) }
}

function main(): number {
  const folder = mkdtempSync(join(tmpdir(), 'balustrade-check-'))
  const results = stages.map((stage) => runStage(stage, folder))
  rmSync(folder, { recursive: true, force: true })

  console.log('')
  for (const failure of results.flatMap(({ failures }) => failures)) console.log(`FAILED ${failure}`)
  for (const { name, seconds, ok } of results)
    console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(8)} ${seconds.toFixed(1)} s`)
  const sum = (key: keyof Counts) => results.reduce((total, result) => total + result.counts[key], 0)
  console.log(closingLine({ passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }))
  return results.every((result) => result.ok) ? 0 : 1
}

process.exitCode = main()
