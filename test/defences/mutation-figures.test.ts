import { expect, test } from 'vitest'
import { type Equivalent, figuresOf, type MutatedFile, totalOf } from '../../scripts/mutation-figures.ts'

const FILE = 'a.ts'
const SOURCE = 'export const isAdult = (age: number) =>\n  age >= 18 &&\n  age < 150\n'

const FIRST_PART = { line: 2, column: 12 }
const BOTH_PARTS = { line: 3, column: 12 }

const mutant = (status: string, replacement: string, end = FIRST_PART): MutatedFile['mutants'][number] => ({
  status,
  replacement,
  location: { start: { line: 2, column: 3 }, end },
})

const LATER = { line: 'age >= 18 &&', original: 'age >= 18', replacement: 'age > 18' }
const WHOLE = { line: 'age >= 18 &&', original: 'age >= 18 && age < 150', replacement: 'true' }
const excuse = (place: typeof LATER, file = FILE): Equivalent => ({ ...place, file, reason: 'nobody is 18' })

const MUTANTS = [
  mutant('Survived', 'age > 18'),
  mutant('NoCoverage', 'true'),
  mutant('Killed', 'false'),
  mutant('Timeout', 'age <= 18'),
  mutant('Ignored', 'x'),
]

const figures = (equivalents: readonly Equivalent[], mutants = MUTANTS) =>
  figuresOf(FILE, { source: SOURCE, mutants }, { equivalents, stamp: { date: '2026-11-24', commit: 'c' } })

test.each([
  { note: 'nothing is excused without an entry', table: [], survived: 2, excluded: 0, stale: 0, score: 50 },
  { note: 'an entry sets its survivor apart', table: [excuse(LATER)], survived: 1, excluded: 1, stale: 0, score: 66.6 },
  { note: 'an entry of another file does not', table: [excuse(LATER, 'b.ts')], survived: 2, excluded: 0, stale: 0, score: 50 },
  {
    note: 'an entry for what tests notice is stale',
    table: [excuse({ ...LATER, replacement: 'false' })],
    survived: 2,
    excluded: 0,
    stale: 1,
    score: 50,
  },
  {
    note: 'an entry for another part of the line is stale',
    table: [excuse({ ...LATER, original: '18' })],
    survived: 2,
    excluded: 0,
    stale: 1,
    score: 50,
  },
])('$note', ({ table, survived, excluded, stale, score }) => {
  const found = figures(table)
  expect([found.survived.length, found.excluded.length, found.stale.length]).toEqual([survived, excluded, stale])
  expect(found).toMatchObject({ file: FILE, date: '2026-11-24', commit: 'c', mutants: 5, killed: 1, timeout: 1, ignored: 1 })
  expect(totalOf([found])).toMatchObject({ mutants: 5, ignored: 1, killed: 2, counted: 4 - excluded, score })
})

test('what spans lines is named by the first and told in one', () => {
  expect(figures([], [mutant('Survived', 'true', BOTH_PARTS)]).survived).toEqual([WHOLE])
})

test('several files are counted together, and none at all scores in full', () => {
  expect(totalOf([figures([]), figures([excuse(LATER)])])).toMatchObject({
    mutants: 10,
    excluded: 1,
    counted: 7,
    killed: 4,
    score: 57.1,
  })
  expect(totalOf([]).score).toBe(100)
})
