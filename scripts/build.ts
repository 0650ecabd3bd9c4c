// Builds what is published: dist of every package from nothing, beside the licence. Then checks that a consumer would find every
// file that package.json promises, without the `source` condition that only this repository uses.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, globSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const packages = ['core', 'server', 'balustrade'].map((name) => join(root, 'packages', name))

interface Manifest {
  readonly name: string
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly bin?: Readonly<Record<string, string>>
}

const readManifest = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

function missingFiles(folder: string): readonly string[] {
  const { name, exports = {}, bin = {} } = readManifest(folder)
  const promised = Object.values(exports).flatMap((conditions) =>
    Object.entries(conditions).flatMap(([condition, file]) => (condition === 'source' ? [] : [file])),
  )
  return [...promised, ...Object.values(bin)]
    .filter((file) => !existsSync(join(folder, file)))
    .map((file) => `${name} promises ${file}, which was not built.`)
}

function brokenStarters(folder: string): readonly string[] {
  const { name, bin = {} } = readManifest(folder)
  return Object.values(bin).flatMap((file) => {
    const path = join(folder, file)
    if (!existsSync(path)) return []
    const ready = (statSync(path).mode & 0o111) !== 0 && readFileSync(path, 'utf8').startsWith('#!')
    return ready ? [] : [`${name}: ${file} cannot be started; it needs a first line with #! and the right to execute.`]
  })
}

function main(): number {
  for (const folder of packages) rmSync(join(folder, 'dist'), { recursive: true, force: true })
  const tsc = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-b', ...packages], { cwd: root, stdio: 'inherit' })
  if (tsc.status !== 0) return 1
  for (const folder of packages) copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  const tests = globSync('packages/*/dist/**/*.test.*', { cwd: root }).map(
    (path) => `${path} is a test and must not be published.`,
  )
  const faults = [...packages.flatMap(missingFiles), ...packages.flatMap(brokenStarters), ...tests]
  for (const fault of faults) console.error(fault)
  return faults.length === 0 ? 0 : 1
}

process.exitCode = main()
