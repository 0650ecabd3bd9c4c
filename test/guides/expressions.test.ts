import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONDITIONS } from '@balustrade/core/kit'
import { compilePolicy } from '@balustrade/core/policy'
import { describe, expect, test } from 'vitest'
import { createCaseJudge } from '../../packages/balustrade/src/terminal/judge-case.ts'
import { root } from '../house/tree.ts'
import { readBlocks } from './guide-blocks.ts'

const GUIDE = 'docs/reference/expressions.md'
const blocks = readBlocks(readFileSync(join(root, GUIDE), 'utf8'))
const textsOf = (words: string) => blocks.flatMap((block) => (block.words === words ? [block.text] : []))
const [around = ''] = textsOf('around')
const cases = textsOf('cases')
const examples = textsOf('example').map((example, i) => ({ name: `${i + 1}`, example, cases: cases[i] ?? '' }))

/** A Tuesday, for cases that name no time. */
const NOW = Date.UTC(2026, 10, 24, 10)

const compiled = (example: string, each: string) => {
  const files = [
    { path: 'around.yaml', text: around },
    { path: 'example.yaml', text: `balustrade: 1\nservice: pay\nzone: Europe/Berlin\n${example}` },
    { path: 'cases.yaml', text: `balustrade: 1\nzone: Europe/Berlin\ncases:\n${each}` },
  ]
  return compilePolicy(files, { conditions: CONDITIONS, now: NOW })
}

describe(`the examples of ${GUIDE}`, () => {
  test('are twenty, each with cases that go either way', () => {
    expect(examples).toHaveLength(20)
    for (const { cases: each } of examples)
      expect(each).toMatch(/expect: allow[\s\S]*expect: deny|expect: deny[\s\S]*expect: allow/)
  })

  test.each(examples)('example $name', ({ example, cases: each }) => {
    const { image, diagnostics, cases: found } = compiled(example, each)
    // What stands around grants everything to everybody, so that the example alone decides.
    expect(diagnostics.filter(({ code }) => code !== 'grant.everything')).toEqual([])
    if (image === null) throw new Error('the example is no policy')
    const { judge } = createCaseJudge(image)
    for (const one of found) {
      const { decision } = judge({ ...one, when: one.when ?? NOW })
      const told = { note: one.note, outcome: decision.outcome, reasons: decision.reasons.map(({ code }) => code) }
      expect(told).toMatchObject({ outcome: one.expect, reasons: expect.arrayContaining([...one.because]) })
    }
  })
})
