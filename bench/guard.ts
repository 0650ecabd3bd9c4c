// `node bench/guard.ts`: runs each bench in its short form and compares its ratios, which are of one run, with those kept in docs/reports.
// Fails when one is more than 1.3 times the kept ratio, twice in a row: what slows the machine for a moment is not a slower product.
// Run by CI. A bench whose peers are not installed is skipped with a line; where CI is true that is a failure.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peer } from '../test/support/peer.ts'
import type { Ratios } from './keep-report.ts'

interface Bench {
  readonly name: string
  readonly flags: readonly string[]
  /** Programs it runs. */
  readonly peers: readonly string[]
}

const BENCHES: readonly Bench[] = [
  { name: 'decision', flags: ['--expose-gc'], peers: [] },
  { name: 'expression', flags: [], peers: [] },
  { name: 'jwt', flags: [], peers: [] },
  { name: 'log', flags: [], peers: [] },
  { name: 'gateway', flags: [], peers: ['nginx', 'caddy', 'taskset'] },
]

const MARGIN = 1.3
const TRIES = 2
const DEADLINE = 240_000

const root = join(import.meta.dirname, '..')

const readRatios = (file: string): Ratios => (JSON.parse(readFileSync(file, 'utf8')) as { readonly ratios: Ratios }).ratios

/** The ratios of a short run; null when it failed. */
const run = ({ name, flags }: Bench, folder: string): Ratios | null => {
  const out = join(folder, `${name}.json`)
  const args = [...flags, '--conditions=source', join(import.meta.dirname, `${name}.ts`), '--quick', `--out=${out}`]
  const ended = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', timeout: DEADLINE })
  if (ended.status === 0 && existsSync(out)) return readRatios(out)
  console.error(`${name} failed: ${ended.stderr.slice(-2_000)}`)
  return null
}

/** Names of the ratios that are beyond what is kept. */
const beyond = (now: Ratios, kept: Ratios): readonly string[] =>
  Object.entries(kept)
    .filter(([name, ratio]) => !((now[name] ?? Number.NaN) <= ratio * MARGIN))
    .map(([name]) => name)

const show = (bench: Bench, now: Ratios, kept: Ratios): void => {
  for (const [name, ratio] of Object.entries(kept)) console.log(`${bench.name}: ${name}: ${now[name]}, kept ${ratio}`)
}

const judge = (bench: Bench, folder: string): boolean => {
  const kept = readRatios(join(root, 'docs', 'reports', `${bench.name}.json`))
  for (let tries = 1; tries <= TRIES; tries++) {
    const now = run(bench, folder)
    if (now === null) continue
    show(bench, now, kept)
    const slower = beyond(now, kept)
    if (slower.length === 0) return true
    console.error(
      `${bench.name}: more than ${MARGIN} times what is kept: ${slower.join(', ')}${tries < TRIES ? '; once more' : ''}`,
    )
  }
  return false
}

const missingOf = ({ peers }: Bench): readonly string[] => peers.filter((program) => peer(program) === null)

const main = (): number => {
  const folder = mkdtempSync(join(tmpdir(), 'balustrade-guard-'))
  let ok = true
  for (const bench of BENCHES) {
    const missing = missingOf(bench)
    if (missing.length === 0) ok = judge(bench, folder) && ok
    else {
      console.log(`${bench.name}: skipped, not installed: ${missing.join(', ')}`)
      ok = ok && process.env['CI'] !== 'true'
    }
  }
  rmSync(folder, { recursive: true })
  return ok ? 0 : 1
}

process.exitCode = main()
