import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CONDITIONS } from '../catalogue.ts'
import { compilePolicy } from './compile-policy.ts'
import { createDocumentCache, type DocumentCache } from './document-cache.ts'
import type { PolicyFile } from './source.ts'

const nouns = 'balustrade: 1\nservices:\n  app: { hosts: [app.example.com] }\nnetworks: { office: [127.0.0.0/8] }\n'
const rule = (name: string, path: string) =>
  `balustrade: 1\nguardrails:\n  ${name}:\n    what: { path: ${path} }\n    how: { network: office }\n`

const TEXTS = [nouns, rule('one', '/a'), rule('one', '/b'), rule('two', '/a'), 'balustrade: 1\nx-a: [', rule('two', 'a'), '']
const PATHS = ['a.yaml', 'b.yaml', 'environments/c.yaml']

/** A folder: some of the paths, each with some text, faulty ones among them. */
const folder: fc.Arbitrary<readonly PolicyFile[]> = fc
  .tuple(...PATHS.map(() => fc.option(fc.constantFrom(...TEXTS))))
  .map((texts) => PATHS.flatMap((path, i) => (texts[i] == null ? [] : [{ path, text: texts[i] }])))

const compile = (files: readonly PolicyFile[], documents?: DocumentCache) =>
  compilePolicy([{ path: 'nouns.yaml', text: nouns }, ...files], {
    conditions: CONDITIONS,
    now: Date.UTC(2026, 10, 24),
    ...(documents === undefined ? {} : { documents }),
  })

describe('documents read before', () => {
  test('property: whatever was compiled before, the outcome is that of reading everything anew', () => {
    fc.assert(
      fc.property(fc.array(folder, { minLength: 2, maxLength: 6 }), (folders) => {
        const documents = createDocumentCache()
        for (const files of folders) expect(compile(files, documents)).toEqual(compile(files))
      }),
      { numRuns: 200 },
    )
  })

  test('are given back for the same text at the same path, and forgotten with their file', () => {
    const documents = createDocumentCache()
    const file = { path: 'a.yaml', text: rule('one', '/a') }
    compile([file], documents)
    const kept = documents.get(file)
    expect(kept?.source.text).toBe(file.text)
    compile([file], documents)
    expect(documents.get(file)).toBe(kept)
    expect([documents.get({ ...file, path: 'b.yaml' }), documents.get({ ...file, text: rule('one', '/b') })]).toEqual([
      null,
      null,
    ])
    compile([], documents)
    expect(documents.get(file)).toBeNull()
  })
})
