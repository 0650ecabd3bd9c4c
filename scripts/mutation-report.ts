// What docs/reports/mutation-*.json hold, and how the outcomes of single mutants become their figures.

interface Position {
  readonly line: number
  readonly column: number
}

/** A mutant as the JSON report of the mutation tool gives it. Lines and columns count from 1. */
export interface Mutant {
  readonly mutatorName: string
  readonly replacement?: string
  readonly status: 'Killed' | 'Survived' | 'NoCoverage' | 'Timeout' | 'CompileError' | 'RuntimeError' | 'Ignored' | 'Pending'
  readonly location: { readonly start: Position; readonly end: Position }
}

/** Mutants that are not counted. All that is given must hold. */
export interface Exclusion {
  /** Name of the file in the folder; `*`: every file. */
  readonly file: string
  readonly mutator?: string
  /** Part of the line the mutant stands in. */
  readonly line?: string
  /** The whole of what the mutant takes out. */
  readonly original?: string
  /** The whole of what it puts in. */
  readonly mutant?: string
  readonly reason: string
}

export interface Settings {
  /** Tests of the folder that no mutant is tried against. */
  readonly without: readonly { readonly test: string; readonly reason: string }[]
  /** Tests of a file: names in the folder, or paths from the root. Default: those of the folder. */
  readonly tests: Readonly<Record<string, readonly string[]>>
  /** Files whose mutants of module level are not tried, since each of them runs every test. */
  readonly withoutStatic: Readonly<Record<string, string>>
  /** Files that run in threads which the tests start, and why there: each mutant is tried against all tests of its file. */
  readonly inThreads: Readonly<Record<string, string>>
  readonly excluded: readonly Exclusion[]
}

interface Place {
  readonly line: number
  readonly source: string
  readonly mutator: string
  readonly original: string
  readonly mutant: string
}

export interface FileFigures {
  readonly file: string
  readonly date: string
  readonly commit: string
  readonly mutants: number
  readonly killed: number
  readonly timeout: number
  readonly survived: number
  /** No test of those named runs them; counted like survivors. */
  readonly uncovered: number
  /** Broke the code before a test could tell; not counted. */
  readonly invalid: number
  readonly excluded: number
  /** Of module level and not tried. */
  readonly untried: number
  /** Percentage of the counted mutants that were killed or ran out of time. */
  readonly score: number
  readonly tests: readonly string[]
  readonly survivors: readonly Place[]
  readonly exclusions: readonly (Place & { readonly reason: string })[]
}

export interface FolderReport {
  readonly folder: string
  readonly score: number
  readonly totals: Readonly<Record<Count, number>>
  readonly settings: Pick<Settings, 'without' | 'withoutStatic' | 'inThreads'>
  readonly files: readonly FileFigures[]
}

type Count = 'mutants' | 'killed' | 'timeout' | 'survived' | 'uncovered' | 'invalid' | 'excluded' | 'untried'

const COUNTS: readonly Count[] = ['mutants', 'killed', 'timeout', 'survived', 'uncovered', 'invalid', 'excluded', 'untried']

const percentage = ({ killed, timeout, survived, uncovered }: Readonly<Record<Count, number>>): number => {
  const counted = killed + timeout + survived + uncovered
  return counted === 0 ? 100 : Math.floor(((killed + timeout) / counted) * 1_000) / 10
}

const textAt = ({ start, end }: Mutant['location'], lines: readonly string[]): string => {
  const text = lines.slice(start.line - 1, end.line)
  const last = text.length - 1
  return text
    .map((line, index) => line.slice(index === 0 ? start.column - 1 : 0, index === last ? end.column - 1 : undefined))
    .join('\n')
}

const placeOf = (mutant: Mutant, lines: readonly string[]): Place => ({
  line: mutant.location.start.line,
  source: (lines[mutant.location.start.line - 1] ?? '').trim(),
  mutator: mutant.mutatorName,
  original: textAt(mutant.location, lines),
  mutant: mutant.replacement ?? '',
})

export const isExcludedBy = (exclusion: Exclusion, file: string, place: Place): boolean =>
  (exclusion.file === '*' || exclusion.file === file) &&
  (exclusion.mutator === undefined || exclusion.mutator === place.mutator) &&
  (exclusion.line === undefined || place.source.includes(exclusion.line)) &&
  (exclusion.original === undefined || exclusion.original === place.original) &&
  (exclusion.mutant === undefined || exclusion.mutant === place.mutant)

export interface Measured {
  /** Name of the file in the folder. */
  readonly file: string
  readonly source: string
  readonly mutants: readonly Mutant[]
  readonly tests: readonly string[]
  readonly date: string
  readonly commit: string
}

/** The figures of one file. An exclusion takes its mutants out of the count whatever became of them. */
export const fileFigures = ({ source, mutants, ...rest }: Measured, excluded: readonly Exclusion[]): FileFigures => {
  const lines = source.split('\n')
  const all = mutants.map((mutant) => ({ status: mutant.status, place: placeOf(mutant, lines) }))
  const untried = all.filter(({ status }) => status === 'Ignored')
  const judged = all
    .filter(({ status }) => status !== 'Ignored')
    .map((each) => ({ ...each, by: excluded.find((exclusion) => isExcludedBy(exclusion, rest.file, each.place)) }))
  const counted = judged.filter(({ by }) => by === undefined)
  const count = (...statuses: readonly Mutant['status'][]) => counted.filter(({ status }) => statuses.includes(status)).length
  const counts = {
    mutants: all.length,
    killed: count('Killed'),
    timeout: count('Timeout'),
    survived: count('Survived'),
    uncovered: count('NoCoverage'),
    invalid: count('CompileError', 'RuntimeError', 'Pending'),
    excluded: judged.length - counted.length,
    untried: untried.length,
  }
  const survivors = counted.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
  return {
    file: rest.file,
    date: rest.date,
    commit: rest.commit,
    ...counts,
    score: percentage(counts),
    tests: rest.tests,
    survivors: survivors.map(({ place }) => place),
    exclusions: judged.flatMap(({ place, by }) => (by === undefined ? [] : [{ ...place, reason: by.reason }])),
  }
}

/** The report of a folder: files measured now, and of the others the figures they had. */
export const folderReport = (folder: string, files: readonly FileFigures[], settings: Settings): FolderReport => {
  const sum = (name: Count) => files.reduce((total, file) => total + file[name], 0)
  const totals = Object.fromEntries(COUNTS.map((name) => [name, sum(name)])) as Record<Count, number>
  const { without, withoutStatic, inThreads } = settings
  return { folder, score: percentage(totals), totals, settings: { without, withoutStatic, inThreads }, files }
}
