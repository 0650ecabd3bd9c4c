import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkNames, checkOpenings, checkStaleExemptions, checkStructure } from './conventions.ts'
import { houseExemptions, lintExemptions } from './exemptions.ts'
import { describeFault, type Fault } from './import-rules.ts'
import { checkTargetsOfTests, isForeignAddress } from './targets.ts'
import { checkExclamations, checkMarks } from './texts.ts'
import { readTree, root, type Tree, treeOf } from './tree.ts'

const tree = readTree()
const lines = (faults: readonly Fault[]) => faults.map(describeFault)

const rules: Readonly<Record<string, (tree: Tree) => readonly Fault[]>> = {
  'files are named for their content': checkNames,
  'folders say what they are': checkOpenings,
  'catches, classes and module state': checkStructure,
  'exemptions are still needed': checkStaleExemptions,
  'marks, suppressions, machine paths, registries': checkMarks,
  'messages do not exclaim': checkExclamations,
  'tests stay on this machine': checkTargetsOfTests,
}

describe('the project', () => {
  test.each(Object.entries(rules))('%s', (_name, check) => expect(lines(check(tree))).toEqual([]))

  test('has the exemptions of the linter in the table, with a reason', () => {
    const config = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as { readonly overrides: unknown }
    const fromTable = lintExemptions.map(({ rule, files, setting }) => ({ files: [files], rules: { [rule]: setting ?? 'off' } }))
    expect(config.overrides).toEqual(fromTable)
    for (const { reason } of [...lintExemptions, ...houseExemptions]) expect(reason.length).toBeGreaterThan(20)
  })
})

const lib = 'packages/core/src/lib/a.ts'
const inLib = (code: string) => treeOf({ [lib]: `// A.\n${code}` })

describe('planted faults are reported', () => {
  test.each([
    { note: 'camel case', path: 'packages/core/src/lib/parseIt.ts', expect: 'kebab-case' },
    { note: 'helpers', path: 'packages/core/src/lib/url-helpers.ts', expect: 'named helpers' },
    { note: 'a folder of utils', path: 'test/utils/a.ts', expect: 'named utils' },
  ])('name: $note', ({ path, expect: message }) => {
    expect(lines(checkNames(treeOf({ [path]: '' })))).toEqual([expect.stringContaining(message)])
  })

  const openings: readonly { readonly note: string; readonly files: Readonly<Record<string, string>>; readonly path: string }[] =
    [
      {
        note: 'no comment',
        files: { 'packages/core/src/plan/build.ts': 'export const a = 1' },
        path: 'packages/core/src/plan/build.ts',
      },
      {
        note: 'a comment in the wrong file',
        files: { 'packages/core/src/plan/index.ts': 'export const a = 1', 'packages/core/src/plan/a.ts': '// Plans.' },
        path: 'packages/core/src/plan/index.ts',
      },
      {
        note: 'the named file is missing',
        files: { 'packages/core/src/model/a.ts': '// Nouns.' },
        path: 'packages/core/src/model/fact.ts',
      },
    ]

  test.each(openings)('opening: $note', ({ files, path }) => {
    expect(lines(checkOpenings(treeOf(files)))).toEqual([expect.stringContaining(`${path}:1 must begin with a comment`)])
  })

  test.each([
    { note: 'a catch', code: 'try { a() } catch { b() }', expect: 'catches;' },
    { note: 'a caught promise', code: 'a().catch(() => 1)', expect: 'catches a promise' },
    { note: 'a class', code: 'export class Thing { run() {} }', expect: 'class' },
    { note: 'let in a module', code: 'let count = 0', expect: 'state' },
    { note: 'an exported let', code: 'export let count = 0', expect: 'state' },
    { note: 'an empty map', code: 'const seen = new Map()', expect: 'state' },
  ])('structure: $note', ({ code, expect: message }) => {
    expect(lines(checkStructure(inLib(code)))).toEqual([expect.stringContaining(message)])
  })

  test.each([
    { note: 'finally alone', path: lib, code: 'try { a() } finally { b() }' },
    { note: 'lib/attempt', path: 'packages/core/src/lib/attempt.ts', code: 'try { a() } catch { b() }' },
    { note: 'the engine', path: 'packages/core/src/engine/gather.ts', code: 'try { a() } catch { b() }' },
    { note: 'a test', path: 'packages/core/src/lib/a.test.ts', code: 'let a = 1; try { a() } catch { b() }' },
    { note: 'an error', path: lib, code: 'export class PolicyError extends CodedError {}' },
    { note: 'a holder', path: lib, code: 'export class Log { close() {} }' },
    { note: 'let in a function', path: lib, code: 'export function f() { let a = 1; const m = new Map() }' },
    { note: 'a constant empty set', path: lib, code: 'const NONE: ReadonlySet<string> = new Set()' },
    { note: 'a full map', path: lib, code: 'const names = new Map([[1, 2]])' },
  ])('structure allows $note', ({ path, code }) => expect(checkStructure(treeOf({ [path]: code }))).toEqual([]))

  const stale: readonly { readonly note: string; readonly files: Readonly<Record<string, string>> }[] = [
    { note: 'an exemption of a file without a catch', files: { 'packages/core/src/lib/attempt.ts': 'export const a = 1' } },
    { note: 'an exemption of a file that is gone', files: { [lib]: 'export const a = 1' } },
  ]

  test.each(stale)('stale: $note', ({ files }) => {
    expect(lines(checkStaleExemptions(treeOf(files)))).toEqual([
      expect.stringContaining('no longer needs its exemption from catch'),
    ])
  })

  test.each([
    { note: 'unfinished', path: 'docs/a.md', text: ['TO', 'DO: later'].join(''), expect: 'unfinished' },
    { note: 'suppression', path: lib, text: ['// oxlint-dis', 'able no-var'].join(''), expect: 'silences' },
    { note: 'type suppression in source', path: lib, text: ['// @ts-expect-err', 'or'].join(''), expect: 'silences' },
    { note: 'machine path', path: 'README.md', text: ['see /ro', 'ot/x'].join(''), expect: 'path of one machine' },
    { note: 'registry', path: '.ci/run', text: ['https://registry.npm', 'js.org'].join(''), expect: 'registry' },
    { note: 'resolved', path: 'package-lock.json', text: '"resolved": "https://x"', expect: 'fetched from' },
  ])('text: $note', ({ path, text, expect: message }) => {
    expect(lines(checkMarks(treeOf({ [path]: text })))).toEqual([expect.stringContaining(message)])
  })

  test.each([
    { note: 'a literal', code: `throw new Error('Denied!')` },
    { note: 'a template', code: 'log(`Welcome! ${name}`)' },
  ])('exclamation in $note', ({ code }) => {
    expect(lines(checkExclamations(inLib(code)))).toEqual([expect.stringContaining('exclaims')])
  })

  test.each([
    { note: 'listening everywhere', code: `server.listen(0, '0.0.0.0')` },
    { note: 'listening everywhere over IPv6', code: `server.listen({ port: 0, host: '::' })` },
    { note: 'fetching', code: `await fetch('http://8.8.8.8:53/x')` },
    { note: 'connecting', code: `net.connect({ host: '203.0.113.9', port: 1 })` },
  ])('target: $note', ({ code }) => {
    expect(lines(checkTargetsOfTests(treeOf({ 'test/a.test.ts': code })))).toEqual([
      expect.stringContaining('beyond this machine'),
    ])
  })

  test.each([
    { note: 'loopback', code: `server.listen(0, '127.0.0.1'); fetch('http://[::1]:80/')` },
    { note: 'an address as data', code: `isPrivate('10.0.0.1'); const a = { address: '8.8.8.8' }` },
    { note: 'not an address', code: `map.get('a:b:c'); map.get('key')` },
  ])('target allows $note', ({ code }) => {
    expect(lines(checkTargetsOfTests(treeOf({ 'test/a.test.ts': code })))).toEqual([])
  })
})

test.each([
  { text: '127.0.0.1', foreign: false },
  { text: '127.9.8.7:80', foreign: false },
  { text: '[::1]:8080', foreign: false },
  { text: '0:0:0:0:0:0:0:1', foreign: false },
  { text: 'http://127.0.0.1:1/a', foreign: false },
  { text: 'localhost', foreign: false },
  { text: '0.0.0.0', foreign: true },
  { text: '::', foreign: true },
  { text: '2001:db8::1', foreign: true },
  { text: 'https://192.0.2.1/', foreign: true },
])('$text is beyond this machine: $foreign', ({ text, foreign }) => expect(isForeignAddress(text)).toBe(foreign))
