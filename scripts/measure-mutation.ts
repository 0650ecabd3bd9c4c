// `node --conditions=source scripts/measure-mutation.ts [--write] <folder> [file…]`: changes the code of a folder in one small place after
// another and runs its tests; a change that no test notices shows an assertion that is missing. Works on a copy, one source file a run,
// on one processor. `--write` keeps the figures in docs/reports/mutation-<last names of the folder>.json. What is not counted, and why,
// stands in test/mutation/<the same name>.json; there too which files run in threads that the tests start: such a thread learns from its
// environment which change is in force.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dateAndCommit } from '../bench/keep-report.ts'
import { copyTree } from './defences.ts'
import {
  type FileFigures,
  fileFigures,
  type FolderReport,
  folderReport,
  isExcludedBy,
  type Mutant,
  type Settings,
} from './mutation-report.ts'

const root = join(import.meta.dirname, '..')
const [folder = '', ...wanted] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const slug = folder.replace(/^packages\/(?:core\/)?|src\/|\/$/g, '').replaceAll('/', '-')
const reportPath = join(root, 'docs', 'reports', `mutation-${slug}.json`)
const settingsPath = join(root, 'test', 'mutation', `${slug}.json`)

const NONE: Settings = { without: [], tests: {}, withoutStatic: {}, inThreads: {}, excluded: [] }
const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))
const settings: Settings = existsSync(settingsPath) ? { ...NONE, ...(readJson(settingsPath) as Partial<Settings>) } : NONE
const known = existsSync(reportPath) ? (readJson(reportPath) as FolderReport).files : []

const names = readdirSync(join(root, folder)).filter((name) => name.endsWith('.ts'))
const sources = names.filter((name) => !name.endsWith('.test.ts'))
const folderTests = names.filter((name) => name.endsWith('.test.ts') && settings.without.every(({ test }) => test !== name))
const testsOf = (file: string): readonly string[] => settings.tests[file] ?? folderTests

/** A test of the folder by its name, any other by its path from the root. */
const pathOf = (test: string): string => (test.includes('/') ? test : `${folder}/${test}`)

const runsInThreads = (file: string): boolean => Object.hasOwn(settings.inThreads, file)

/** The project's own configuration, with the tests of this file alone and one worker. */
const testConfiguration = (file: string): string => `
import base from './vitest.config.ts'
const setupFiles = ${JSON.stringify(runsInThreads(file) ? ['./mutant-for-threads.ts'] : [])}
const include = ${JSON.stringify(testsOf(file).map(pathOf))}
export default { ...base, test: { ...base.test, include, setupFiles, maxWorkers: 1, reporters: ['dot'] } }
`

/** A mutant is switched on in the thread of the tests; the threads they start are given a copy of its environment. */
const MUTANT_FOR_THREADS = `
const { activeMutant } = globalThis.__stryker__
if (activeMutant !== undefined) process.env.__STRYKER_ACTIVE_MUTANT__ = activeMutant
`

const configuration = (file: string, home: string) => ({
  mutate: [`${folder}/${file}`],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  // Sources are run as they are: there is nothing to compile.
  tsconfigFile: 'none.json',
  // What a thread of a test runs, the test's own does not see.
  coverageAnalysis: runsInThreads(file) ? 'off' : 'perTest',
  ignoreStatic: Object.hasOwn(settings.withoutStatic, file),
  concurrency: 1,
  inPlace: true,
  tempDirName: join(home, 'stryker'),
  reporters: ['json'],
  jsonReporter: { fileName: join(home, 'mutants.json') },
  allowEmpty: true,
})

/** Every mutant of a file with what became of it. Throws when the tests are not green to begin with. */
const mutantsOf = (file: string, copy: string): readonly Mutant[] => {
  const home = join(copy, '..')
  writeFileSync(join(copy, 'vitest.mutation.config.ts'), testConfiguration(file))
  writeFileSync(join(copy, 'mutant-for-threads.ts'), MUTANT_FOR_THREADS)
  writeFileSync(join(copy, 'stryker.json'), JSON.stringify(configuration(file, home)))
  rmSync(join(home, 'mutants.json'), { force: true })
  const program = join(copy, 'node_modules', '.bin', 'stryker')
  const run = spawnSync('nice', ['-n', '15', program, 'run', 'stryker.json'], { cwd: copy, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (!existsSync(join(home, 'mutants.json')))
    throw new Error(`${file} was not measured:\n${(run.stdout + run.stderr).slice(-4_000)}`)
  const report = readJson(join(home, 'mutants.json')) as {
    readonly files: Readonly<Record<string, { readonly mutants: readonly Mutant[] }>>
  }
  return Object.values(report.files).flatMap(({ mutants }) => mutants)
}

const tell = (figures: FileFigures): void => {
  const { file, mutants, killed, timeout, survived, uncovered, excluded, untried, score } = figures
  console.log(
    `${file}: ${score} % (${mutants} mutants, ${killed} killed, ${timeout} timeout, ${survived} survived, ${uncovered} uncovered, ${excluded} excluded, ${untried} untried)`,
  )
  for (const { line, mutator, source, original, mutant } of figures.survivors)
    console.log(`  ${line} ${mutator}: ${source}\n      ${original}\n      -> ${mutant}`)
  for (const exclusion of settings.excluded) {
    const isUsed = figures.exclusions.some((place) => isExcludedBy(exclusion, file, place))
    if (exclusion.file === file && !isUsed) console.log(`  excludes nothing: ${JSON.stringify(exclusion)}`)
  }
}

const write = (measured: readonly FileFigures[]): void => {
  const figures = sources.map((name) => measured.find(({ file }) => file === name) ?? known.find(({ file }) => file === name))
  const report = folderReport(
    folder,
    figures.filter((each) => each !== undefined),
    settings,
  )
  writeFileSync(reportPath, `${JSON.stringify(report, null, 2)}\n`)
}

const home = mkdtempSync(join(realpathSync(tmpdir()), 'balustrade-mutation-'))
try {
  const copy = copyTree(root, home)
  const measured: FileFigures[] = []
  for (const file of sources.filter((name) => wanted.length === 0 || wanted.includes(name))) {
    const source = readFileSync(join(copy, folder, file), 'utf8')
    const mutants = mutantsOf(file, copy)
    const figures = fileFigures({ file, source, mutants, tests: testsOf(file), ...dateAndCommit() }, settings.excluded)
    tell(figures)
    measured.push(figures)
    if (process.argv.includes('--write')) write(measured)
  }
} finally {
  rmSync(home, { recursive: true, force: true })
}
