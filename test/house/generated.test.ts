import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findStale } from '../../scripts/generate.ts'
import { generators } from '../../scripts/generators.ts'
import { root } from './tree.ts'

const folder = mkdtempSync(join(tmpdir(), 'balustrade-generated-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('generated files are what the code says (npm run generate)', async () => {
  expect((await findStale(generators, root)).map(({ file }) => file)).toEqual([])
})

test('each file has one generator', () => {
  const files = generators.map(({ file }) => file)
  expect(new Set(files).size).toBe(files.length)
})

test('a file that is missing or differs is stale, and one that agrees is not', async () => {
  writeFileSync(join(folder, 'same.md'), 'one')
  writeFileSync(join(folder, 'other.md'), 'old')
  const make = (text: string) => () => Promise.resolve(text)
  const list = [
    { file: 'same.md', make: make('one') },
    { file: 'other.md', make: make('new') },
    { file: 'missing.md', make: () => 'text' },
  ]
  expect(await findStale(list, folder)).toEqual([
    { file: 'other.md', text: 'new' },
    { file: 'missing.md', text: 'text' },
  ])
})
