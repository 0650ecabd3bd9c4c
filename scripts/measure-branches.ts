// `node --conditions=source scripts/measure-branches.ts [--write] <folder…>`: runs the tests of folders and names each branch of their code that
// none of them takes, on whatever thread it runs. `--write` keeps the figures in docs/reports/branches.json. Tests beside those of the
// folder, and branches that nothing can take, with the reason, stand in test/branches.json. Ends with 1 when a branch is left.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { convert } from 'ast-v8-to-istanbul'
import { parseAstAsync } from 'vitest/node'
import { dateAndCommit } from '../bench/keep-report.ts'

type Coverage = Parameters<typeof convert>[0]['coverage']

interface Branch {
  readonly type: string
  readonly line: number
  readonly loc: { readonly start: { readonly line: number; readonly column: number } }
}

/** What the tools know of a file, in the format of Istanbul. */
interface FileCoverage {
  readonly path: string
  readonly branchMap: Readonly<Record<string, Branch>>
  readonly b: Readonly<Record<string, readonly number[]>>
}

interface Exclusion {
  readonly file: string
  /** Part of the line the branch stands in. */
  readonly line: string
  readonly reason: string
}

interface FolderSettings {
  readonly tests?: readonly string[]
  readonly excluded?: readonly Exclusion[]
}

interface Place {
  readonly file: string
  readonly line: number
  readonly source: string
}

const root = join(import.meta.dirname, '..')
const reportPath = join(root, 'docs', 'reports', 'branches.json')
const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))
const settings = readJson(join(root, 'test', 'branches.json')) as Readonly<Record<string, FolderSettings>>
const folders = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))

/** Taken or not, by kind, line and place in the line: the tools do not agree on columns. */
const branchesOf = ({ branchMap, b }: FileCoverage): ReadonlyMap<string, number> => {
  const ordered = Object.entries(branchMap).sort(([, one], [, other]) => one.loc.start.column - other.loc.start.column)
  const seen = new Map<string, number>()
  const found = new Map<string, number>()
  for (const [id, { type, loc }] of ordered) {
    const at = `${loc.start.line} ${type}`
    const place = seen.get(at) ?? 0
    seen.set(at, place + 1)
    for (const [arm, count] of (b[id] ?? []).entries()) found.set(`${at} ${place} ${arm}`, count)
  }
  return found
}

/** What threads of their own took of the files of a folder. They run the sources as they are, with the types blanked out. */
const coverageOfThreads = async (from: string, folder: string): Promise<readonly FileCoverage[]> => {
  // The last part of the name is the thread; 0 is the main one, which runs what the test runner made of the sources.
  const names = readdirSync(from).filter((name) => !name.endsWith('-0.json'))
  const scripts = names.flatMap((name) => (readJson(join(from, name)) as { readonly result: readonly Coverage[] }).result)
  const inFolder = scripts.filter(({ url }) => url.startsWith('file:') && fileURLToPath(url).startsWith(join(root, folder, '/')))
  const converted = inFolder.map(async (coverage) => {
    const code = stripTypeScriptTypes(readFileSync(fileURLToPath(coverage.url), 'utf8'))
    return Object.values(await convert({ code, coverage, ast: parseAstAsync(code) })) as unknown as readonly FileCoverage[]
  })
  return (await Promise.all(converted)).flat()
}

const runTests = async (folder: string, home: string): Promise<readonly FileCoverage[]> => {
  const threads = join(home, 'threads')
  const words = ['run', '--coverage.enabled', '--coverage.provider=v8', '--coverage.reporter=json']
  const where = [`--coverage.reportsDirectory=${home}`, `--coverage.include=${folder}/*.ts`, '--coverage.exclude=**/*.test.ts']
  const run = spawnSync(
    join(root, 'node_modules', '.bin', 'vitest'),
    [...words, ...where, `${folder}/`, ...(settings[folder]?.tests ?? [])],
    { cwd: root, encoding: 'utf8', env: { ...process.env, NODE_V8_COVERAGE: threads } },
  )
  if (run.status !== 0) throw new Error(`the tests of ${folder} are not green:\n${run.stdout.slice(-4_000)}`)
  const inTests = Object.values(readJson(join(home, 'coverage-final.json')) as Readonly<Record<string, FileCoverage>>)
  return [...inTests, ...(existsSync(threads) ? await coverageOfThreads(threads, folder) : [])]
}

const measure = async (folder: string) => {
  const home = mkdtempSync(join(tmpdir(), 'balustrade-branches-'))
  try {
    const taken = new Map<string, number>()
    for (const file of await runTests(folder, home))
      for (const [branch, count] of branchesOf(file)) {
        const key = `${relative(join(root, folder), file.path)} ${branch}`
        taken.set(key, (taken.get(key) ?? 0) + count)
      }
    const left = [...taken].filter(([, count]) => count === 0)
    const places = left.map(([key]): Place => {
      const [file = '', line = '1'] = key.split(' ')
      const source = readFileSync(join(root, folder, file), 'utf8').split('\n')[Number(line) - 1] ?? ''
      return { file, line: Number(line), source: source.trim() }
    })
    const reasonOf = (place: Place): string | undefined =>
      settings[folder]?.excluded?.find(({ file, line }) => file === place.file && place.source.includes(line))?.reason
    const excluded = places.flatMap((place) => (reasonOf(place) === undefined ? [] : [{ ...place, reason: reasonOf(place) }]))
    return {
      folder,
      branches: taken.size,
      taken: taken.size - left.length,
      excluded,
      missing: places.filter((place) => reasonOf(place) === undefined),
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

type FolderFigures = Awaited<ReturnType<typeof measure>> & ReturnType<typeof dateAndCommit>

const known = existsSync(reportPath) ? (readJson(reportPath) as { readonly folders: readonly FolderFigures[] }).folders : []
const measured: FolderFigures[] = []
for (const folder of folders) {
  const figures = { ...(await measure(folder)), ...dateAndCommit() }
  measured.push(figures)
  console.log(`${folder}: ${figures.taken} of ${figures.branches} branches taken, ${figures.excluded.length} excluded`)
  for (const { file, line, source } of figures.missing) console.log(`  ${file}:${line} ${source}`)
}
if (process.argv.includes('--write')) {
  const others = known.filter(({ folder }) => !folders.includes(folder))
  const all = [...others, ...measured].sort((one, other) => one.folder.localeCompare(other.folder))
  const command = 'node --conditions=source scripts/measure-branches.ts --write <folder>'
  writeFileSync(reportPath, `${JSON.stringify({ command, node: process.version, folders: all }, null, 2)}\n`)
}
process.exitCode = measured.every(({ missing }) => missing.length === 0) ? 0 : 1
