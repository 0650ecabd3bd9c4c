// Proves that tests hold the defences up: each patch of test/defences removes one defence, and the tests it names must turn red.
// Works on a copy, never on the tree itself.
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { listFiles } from '../test/house/tree.ts'

export interface Patch {
  readonly name: string
  /** Absolute path of the patch. */
  readonly path: string
  /** Test files that must be red without the defence, from the root. */
  readonly tests: readonly string[]
}

export interface Proof {
  readonly patch: string
  readonly ok: boolean
  readonly message: string
}

interface Run {
  readonly green: boolean
  /** Single tests that failed; a file that did not load is no proof and counts in `broken`. */
  readonly failed: number
  readonly broken: readonly string[]
}

/** Reads test/defences/*.patch; the lines above the diff name the tests: `# expect-red: path/to/x.test.ts`. */
export function readPatches(root: string): readonly Patch[] {
  const folder = join(root, 'test', 'defences')
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => name.endsWith('.patch'))
  return names.sort().map((name) => {
    const path = join(folder, name)
    const [header = ''] = readFileSync(path, 'utf8').split(/^(?:diff --git|--- )/m)
    return { name, path, tests: [...header.matchAll(/^# expect-red:\s*(\S+)\s*$/gm)].map((match) => match[1] ?? '') }
  })
}

/** Runs `git apply` in a folder; undefined when it went well, otherwise what it said. */
export function applyPatch(folder: string, patch: Patch, ...flags: readonly string[]): string | undefined {
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(folder) }
  const run = spawnSync('git', ['apply', ...flags, patch.path], { cwd: folder, env, encoding: 'utf8' })
  return run.status === 0 ? undefined : run.stderr.trim()
}

/** Links installed packages into the copy; workspace packages point at the copy's own, or the original would be tested. */
function linkPackages(root: string, copy: string, folder: string): void {
  mkdirSync(join(copy, folder), { recursive: true })
  for (const name of readdirSync(join(root, folder))) {
    const path = join(root, folder, name)
    const real = realpathSync(path)
    const inside = relative(realpathSync(root), real)
    if (name.startsWith('@')) linkPackages(root, copy, join(folder, name))
    else if (lstatSync(path).isSymbolicLink() && inside.startsWith('packages'))
      symlinkSync(join(copy, inside), join(copy, folder, name))
    else symlinkSync(real, join(copy, folder, name))
  }
}

/** Copies what git tracks or would track into `home`, with installed packages linked; answers where. */
export function copyTree(root: string, home: string): string {
  const copy = join(home, 'tree')
  for (const path of listFiles(root)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    copyFileSync(join(root, path), join(copy, path))
  }
  const workspaces = existsSync(join(root, 'packages')) ? readdirSync(join(root, 'packages')) : []
  const installed = ['node_modules', ...workspaces.map((name) => join('packages', name, 'node_modules'))]
  for (const folder of installed) if (existsSync(join(root, folder))) linkPackages(root, copy, folder)
  const shared = join(root, '..', 'shared')
  if (existsSync(shared)) symlinkSync(shared, join(home, 'shared'))
  return copy
}

interface JsonReport {
  readonly numFailedTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly unknown[]
  }[]
}

function runTests(copy: string, tests: readonly string[]): Run {
  const output = join(copy, '..', 'report.json')
  rmSync(output, { force: true })
  const args = ['run', '--reporter=json', `--outputFile=${output}`, ...tests]
  const run = spawnSync(join(copy, 'node_modules', '.bin', 'vitest'), args, { cwd: copy, encoding: 'utf8' })
  if (!existsSync(output)) return { green: false, failed: 0, broken: [`vitest did not run: ${run.stderr.trim()}`] }
  const report = JSON.parse(readFileSync(output, 'utf8')) as JsonReport
  const broken = report.testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
  return {
    green: run.status === 0,
    failed: report.numFailedTests,
    broken: broken.map(({ name }) => relative(realpathSync(copy), name)),
  }
}

function judge(copy: string, patch: Patch): string | undefined {
  const refused = applyPatch(copy, patch)
  if (refused !== undefined) return `does not apply: ${refused}`
  const { failed, broken } = runTests(copy, patch.tests)
  const stuck = applyPatch(copy, patch, '--reverse')
  if (stuck !== undefined) throw new Error(`${patch.name} cannot be taken back: ${stuck}`)
  if (broken.length > 0) return `breaks the code instead of removing a defence; these did not load: ${broken.join(', ')}`
  return failed === 0 ? `no test of ${patch.tests.join(', ')} notices that the defence is gone` : undefined
}

function prove(root: string, copy: string, patch: Patch): Proof {
  const absent = patch.tests.filter((test) => !existsSync(join(root, test)))
  if (patch.tests.length === 0) return { patch: patch.name, ok: false, message: 'names no test (# expect-red: path)' }
  if (absent.length > 0) return { patch: patch.name, ok: false, message: `names tests that do not exist: ${absent.join(', ')}` }
  const fault = judge(copy, patch)
  return { patch: patch.name, ok: fault === undefined, message: fault ?? `turns ${patch.tests.join(', ')} red` }
}

/** Proves every patch of a project. Throws when its tests are not green to begin with: then nothing can be proved. */
export function proveDefences(root: string, patches: readonly Patch[]): readonly Proof[] {
  if (patches.length === 0) return []
  const home = mkdtempSync(join(realpathSync(tmpdir()), 'balustrade-defences-'))
  try {
    const copy = copyTree(root, home)
    const tests = [...new Set(patches.flatMap((patch) => patch.tests))].filter((test) => existsSync(join(root, test)))
    const untouched = runTests(copy, tests)
    if (tests.length > 0 && !untouched.green) {
      throw new Error(
        `the tests are not green without a patch: ${untouched.failed} failed, not loaded: ${untouched.broken.join(', ')}`,
      )
    }
    return patches.map((patch) => prove(root, copy, patch))
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
