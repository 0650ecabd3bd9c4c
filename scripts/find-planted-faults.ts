// `node --conditions=source scripts/find-planted-faults.ts [--write] [name…]`: plants each fault of test/defences/decision-faults in a copy
// of the tree and lets scripts/prove-decision.ts look for it; a fault that the comparison does not find means that a mistake of that
// kind would go unseen. `--write` keeps the figures in docs/reports/planted-faults.json.
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyPatch } from './defences.ts'

const PAIRS = 10_000

const root = join(import.meta.dirname, '..')
const folder = join(root, 'test', 'defences', 'decision-faults')
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))

interface Finding {
  readonly fault: string
  readonly about: string
  readonly found: boolean
  /** Pairs looked at until the first mismatch. */
  readonly pairs: number
}

const copyTree = (): string => {
  const copy = join(mkdtempSync(join(realpathSync(tmpdir()), 'balustrade-faults-')), 'tree')
  for (const part of ['packages/core/src', 'packages/core/package.json', 'scripts', 'package.json'])
    cpSync(join(root, part), join(copy, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

const plant = (copy: string, name: string, ...flags: readonly string[]): void => {
  const refused = applyPatch(copy, { name, path: join(folder, name), tests: [] }, ...flags)
  if (refused !== undefined) throw new Error(`${name} does not apply: ${refused}`)
}

/** Runs the comparison until its first mismatch. Code that does not run is no finding. */
const look = (copy: string): { readonly found: boolean; readonly pairs: number } => {
  const args = ['--conditions=source', join(copy, 'scripts', 'prove-decision.ts'), String(PAIRS), '1', '--stop-at-first']
  const run = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8', maxBuffer: 1 << 28 })
  const [, mismatches, pairs] = /^(\d+) mismatches; (\d+) pairs/m.exec(run.stdout) ?? []
  if (mismatches === undefined) throw new Error(`the comparison did not run: ${run.stderr.slice(0, 2_000)}`)
  return { found: Number(mismatches) > 0, pairs: Number(pairs) }
}

const commitOf = (): string => spawnSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout.trim()

const aboutOf = (name: string): string => (readFileSync(join(folder, name), 'utf8').split('\n')[0] ?? '').replace(/^#\s*/, '')

const copy = copyTree()
try {
  if (look(copy).found) throw new Error('the comparison finds a mismatch without any fault')
  const names = readdirSync(folder).filter(
    (name) => name.endsWith('.patch') && (wanted.length === 0 || wanted.some((part) => name.includes(part))),
  )
  const findings: readonly Finding[] = names.sort().map((name) => {
    plant(copy, name)
    const finding = { fault: name.replace('.patch', ''), about: aboutOf(name), ...look(copy) }
    plant(copy, name, '--reverse')
    console.log(`${finding.found ? `found after ${finding.pairs}` : 'NOT FOUND'}: ${finding.fault}`)
    return finding
  })
  const found = findings.filter((finding) => finding.found).length
  console.log(`${found} of ${findings.length} planted faults are found within ${PAIRS} pairs.`)
  if (process.argv.includes('--write')) {
    mkdirSync(join(root, 'docs', 'reports'), { recursive: true })
    writeFileSync(
      join(root, 'docs', 'reports', 'planted-faults.json'),
      `${JSON.stringify({ date: new Date().toISOString().slice(0, 10), commit: commitOf(), pairs: PAIRS, found, planted: findings.length, findings }, null, 2)}\n`,
    )
  }
  process.exitCode = found === findings.length ? 0 : 1
} finally {
  rmSync(join(copy, '..'), { recursive: true, force: true })
}
