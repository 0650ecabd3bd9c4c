import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { root } from './tree.ts'

const folder = mkdtempSync(join(tmpdir(), 'balustrade-lint-'))
afterAll(() => rmSync(folder, { recursive: true }))

const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n')

const faults: Readonly<Record<string, string>> = {
  'max-lines': lines(301, (index) => `export const a${index} = ${index}`),
  'max-lines-per-function': `export function long(): void {\n${lines(60, () => '  console.log(1)')}\n}`,
  'max-params': 'export const f = (a: number, b: number, c: number, d: number) => a + b + c + d',
  'max-depth': 'export function f(a: number) { if (a) { while (a) { for (;;) { if (a > 1) return a } } } return 0 }',
  complexity: `export function f(a: number) {\n${lines(10, (index) => `  if (a === ${index}) return ${index}`)}\n  return a\n}`,
  'no-default-export': 'export default 1',
  'no-explicit-any': 'export const f = (a: any) => String(a)',
  'no-namespace': 'export namespace A { export const b = 1 }',
  'no-require-imports': `export const fs = require('node:fs')`,
  'consistent-type-imports': `import { Stats } from 'node:fs'\nexport type S = Stats`,
  'ban-ts-comment': ['// @ts-ign', `ore\nexport const a = 1`].join(''),
  eqeqeq: 'export const f = (a: unknown) => a == 1',
  'no-eval': `export const f = () => eval('1')`,
  'no-new-func': `export const f = new Function('return 1')`,
  'no-unused-vars': 'const a = 1',
}

const fine: Readonly<Record<string, string>> = {
  'as long as allowed': lines(300, (index) => `export const a${index} = ${index}`),
  'as complex as allowed': `export function f(a: number) {\n${lines(9, (index) => `  if (a === ${index}) return ${index}`)}\n  return a\n}`,
  'a comparison with null by two signs': 'export const f = (a: unknown) => a == null',
  'three parameters': 'export const f = (a: number, b: number, c: number) => a + b + c',
}

const fileOf = (name: string) => `${name.replaceAll(' ', '-')}.ts`

/** What the linter, with the configuration of the repository, says about the texts, one line a fault. */
function lintAll(texts: Readonly<Record<string, string>>): readonly string[] {
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, fileOf(name)), `${text}\n`)
  const args = ['--quiet', '--format=unix', '-c', join(root, '.oxlintrc.json'), '--disable-nested-config', folder]
  return spawnSync(join(root, 'node_modules', '.bin', 'oxlint'), args, { encoding: 'utf8' }).stdout.split('\n')
}

const said = lintAll({ ...faults, ...fine })
const about = (name: string) => said.filter((line) => line.includes(`${fileOf(name)}:`))

test.each(Object.keys(faults))('%s is an error', (rule) => {
  expect(about(rule).filter((line) => line.includes('[Error/') && line.includes(`(${rule})`))).not.toEqual([])
})

test.each(Object.keys(fine))('%s is no error', (note) => expect(about(note)).toEqual([]))
