// Figures of a mutation run: what became of each small change, with those set apart that no test can notice.

/** A change that no test can notice: its place is the text of its line, so that it moves with the code. */
export interface Equivalent {
  readonly file: string
  /** The line on which it begins, without indentation. */
  readonly line: string
  readonly original: string
  readonly replacement: string
  readonly reason: string
}

interface Position {
  readonly line: number
  readonly column: number
}

/** As in the report of the tool, schema of mutation-testing-elements. Lines and columns count from 1. */
export interface MutatedFile {
  readonly source: string
  readonly mutants: readonly {
    readonly status: string
    readonly replacement?: string
    readonly location: { readonly start: Position; readonly end: Position }
  }[]
}

type Place = Omit<Equivalent, 'file' | 'reason'>

export interface FileFigures {
  readonly file: string
  readonly date: string
  readonly commit: string
  readonly mutants: number
  readonly killed: number
  /** The tests did not end: noticed. */
  readonly timeout: number
  /** Left out by the tool, static ones where that was asked for. */
  readonly ignored: number
  readonly survived: readonly Place[]
  readonly excluded: readonly Omit<Equivalent, 'file'>[]
  /** Entries of the table that no survivor matches. */
  readonly stale: readonly Place[]
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

const textBetween = (lines: readonly string[], start: Position, end: Position): string => {
  const taken = lines.slice(start.line - 1, end.line)
  return taken
    .map((line, i) => line.slice(i === 0 ? start.column - 1 : 0, i === taken.length - 1 ? end.column - 1 : undefined))
    .join('\n')
}

const placeOf = (lines: readonly string[], { location, replacement }: MutatedFile['mutants'][number]): Place => ({
  line: (lines[location.start.line - 1] ?? '').trim(),
  original: oneLine(textBetween(lines, location.start, location.end)),
  replacement: oneLine(replacement ?? ''),
})

const isAt = (place: Place, other: Place): boolean =>
  place.line === other.line && place.original === other.original && place.replacement === other.replacement

const SURVIVED = ['Survived', 'NoCoverage']

/** Figures of one file. `stamp`: day and commit of the run. */
export const figuresOf = (
  file: string,
  { source, mutants }: MutatedFile,
  { equivalents, stamp }: { readonly equivalents: readonly Equivalent[]; readonly stamp: Pick<FileFigures, 'date' | 'commit'> },
): FileFigures => {
  const lines = source.split('\n')
  const table = equivalents.filter((entry) => entry.file === file)
  const survivors = mutants.filter(({ status }) => SURVIVED.includes(status)).map((mutant) => placeOf(lines, mutant))
  const reasonOf = (place: Place): string | undefined => table.find((entry) => isAt(entry, place))?.reason
  const count = (...statuses: readonly string[]): number => mutants.filter(({ status }) => statuses.includes(status)).length
  return {
    file,
    ...stamp,
    mutants: mutants.length,
    killed: count('Killed', 'RuntimeError', 'CompileError'),
    timeout: count('Timeout'),
    ignored: count('Ignored'),
    survived: survivors.filter((place) => reasonOf(place) === undefined),
    excluded: survivors.flatMap((place) => {
      const reason = reasonOf(place)
      return reason === undefined ? [] : [{ ...place, reason }]
    }),
    stale: table
      .filter((entry) => !survivors.some((place) => isAt(entry, place)))
      .map(({ line, original, replacement }) => ({ line, original, replacement })),
  }
}

/** Of several files. `counted`: mutants neither excluded nor ignored; `score`: percent of these that were noticed, one decimal. */
export const totalOf = (files: readonly FileFigures[]) => {
  const sum = (of: (figures: FileFigures) => number): number => files.reduce((total, figures) => total + of(figures), 0)
  const excluded = sum((figures) => figures.excluded.length)
  const ignored = sum((figures) => figures.ignored)
  const mutants = sum((figures) => figures.mutants)
  const killed = sum((figures) => figures.killed + figures.timeout)
  const counted = mutants - excluded - ignored
  const score = counted === 0 ? 100 : Math.floor((1_000 * killed) / counted) / 10
  return { mutants, excluded, ignored, counted, killed, score }
}
