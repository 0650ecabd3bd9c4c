import { describe, expect, test } from 'vitest'
import {
  type CelCase,
  casesOf,
  functionsOf,
  mended,
  notOffered,
  typeOf,
  valueOf,
  vocabularyOf,
} from '../../../../test/support/cel-cases.ts'
import { describeCorpus } from '../../../../test/support/corpora.ts'
import { buildZoneTable } from '../lib/zone-table.ts'
import { check } from './checker.ts'
import { compile } from './compiler.ts'
import { createLibrary } from './library.ts'
import { parse } from './parser.ts'
import { formatType } from './type.ts'
import { kindOf, type Value } from './value.ts'
import type { Vocabulary } from './vocabulary.ts'

const offsets = (zone: string, seconds: number): number | null => {
  const built = buildZoneTable(zone, 2000, 2020)
  if (!built.ok) return null
  return built.table.transitions.findLast(([at]) => at <= seconds * 1_000)?.[1] ?? null
}

const library = createLibrary(offsets)

interface Outcome {
  readonly type?: string
  readonly value?: Value
  readonly refused?: string
}

const run = (each: CelCase): Outcome => {
  const parsed = parse(each.expr)
  if (!parsed.ok) return { refused: `syntax: ${parsed.fault.message} at ${parsed.fault.from}` }
  const vocabulary = vocabularyOf(each)
  const functions = { ...library, ...functionsOf(each) }
  const checked = check(parsed.expr, vocabulary as Vocabulary<never>, functions)
  if (each.disableCheck !== true && checked.faults.length > 0) return { refused: `types: ${checked.faults[0]?.message}` }
  const type = formatType(checked.type)
  if (each.checkOnly === true) return { type }
  const value = compile(parsed.expr, { vocabulary, library: functions, onValue: null })(undefined)
  return kindOf(value) === 'fault' ? { type, refused: `value: ${JSON.stringify(value)}` } : { type, value }
}

/** Maps compare by their entries, whatever their order; NaN is NaN. */
const comparable = (value: Value | undefined): unknown => {
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value !== 'object' || value === null) return value
  if (!('kind' in value) || value.kind !== 'map') return value
  const entries = [...value.entries].map(([key, entry]) => [String(key), comparable(entry.key), comparable(entry.value)])
  return { kind: 'map', entries: entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)) }
}

const judge = (each: CelCase): void => {
  const outcome = run(each)
  if (each.evalError !== undefined) return expect(outcome, JSON.stringify(outcome.value)).toHaveProperty('refused')
  expect(outcome.refused).toBeUndefined()
  const expected = each.typedResult?.result ?? each.value
  if (each.typedResult !== undefined) expect(outcome.type).toBe(formatType(typeOf(each.typedResult.deducedType)))
  if (each.checkOnly !== true)
    expect(comparable(outcome.value)).toEqual(comparable(expected === undefined ? true : valueOf(expected)))
  return undefined
}

const WHOLE = [
  'basic',
  'comparisons',
  'conversions',
  'enums',
  'fields',
  'fp_math',
  'integer_math',
  'lists',
  'logic',
  'macros',
  'parse',
  'plumbing',
  'string',
  'timestamps',
  'type_deduction',
]
const EXTENSIONS = ['string_ext', 'optionals', 'macros2', 'bindings_ext', 'math_ext', 'network_ext']

/** Functions that write texts for people: a condition has no use for them. */
const UNWANTED = /\.format\(|strings\.quote\(/

const reasonToSkip = (each: CelCase): string | null =>
  notOffered(each) ?? (UNWANTED.test(each.expr) ? 'formats a text for people, which is not offered' : null)

describeCorpus('cel-spec', (folder) => {
  const cases = [...WHOLE, ...EXTENSIONS].flatMap((file) => casesOf(folder, file).map(mended))
  const offered = cases.filter((each) => reasonToSkip(each) === null)
  test.each(offered)('$name: $expr', judge)

  describe('the suite', () => {
    const counted = Object.groupBy(cases, (each) => reasonToSkip(each) ?? 'judged')
    const counts = Object.fromEntries(Object.entries(counted).map(([reason, each]) => [reason, each?.length]))
    test(`judged and left out: ${JSON.stringify(counts)}`, () => expect(counts['judged']).toBeGreaterThan(1_065))
    test('of the network extension leaves nothing out', () => {
      expect(offered.filter(({ name }) => name.startsWith('network_ext'))).toHaveLength(69)
    })
  })
})
