import { describe, expect, test } from 'vitest'
import { checkClosure, pureClosure } from './closure.ts'
import { checkCycles, checkImports, checkTargets, describeFault } from './import-rules.ts'
import { layers } from './layers.ts'
import { plantedFaults } from './planted-faults.ts'
import { impureNames, pureFolders } from './purity.ts'
import { isSource, readTree, treeOf } from './tree.ts'

const tree = readTree(isSource)
const lines = (faults: readonly Parameters<typeof describeFault>[0][]) => faults.map(describeFault)

describe('the source tree', () => {
  test('imports only what the table allows', () => expect(lines(checkImports(tree))).toEqual([]))
  test('imports only files that exist', () => expect(lines(checkTargets(tree))).toEqual([]))
  test('has no cycles', () => expect(lines(checkCycles(tree))).toEqual([]))
  test('decides without platform, packages, time or chance', () => expect(lines(checkClosure(tree))).toEqual([]))
})

describe('the table', () => {
  const rows = layers.map((row) => `${row.package}/${row.folder}`)

  test('lists each folder once', () => expect(new Set(rows).size).toBe(rows.length))

  test.each(layers)('$package/$folder names only rows above it', (row) => {
    const above = layers.filter((other) => other.package === row.package && layers.indexOf(other) < layers.indexOf(row))
    const named = row.may === 'above' ? [] : row.may
    expect(above.map(({ folder }) => folder)).toEqual(expect.arrayContaining([...named]))
  })

  const standing = layers.filter(({ role }) => ['rib', 'point', 'endpoint'].includes(role))

  test.each(standing)('$package/$folder ($role) names no rib, point or endpoint', ({ may }) => {
    expect(standing.filter(({ folder }) => may !== 'above' && may.includes(folder))).toEqual([])
    expect(may).not.toBe('above')
  })

  test('has a planted fault for every row', () => {
    const planted = new Set(plantedFaults.map(({ row }) => row))
    expect(rows.filter((row) => !planted.has(row))).toEqual([])
  })
})

describe('planted faults are reported with the reason', () => {
  test.each(plantedFaults)('$row: $code', ({ row, path, code, expect: refusal }) => {
    const why = layers.find((candidate) => `${candidate.package}/${candidate.folder}` === row)?.why
    const [fault, ...more] = checkImports(treeOf({ [path]: `// fault\n${code}\n` }))
    expect(more).toEqual([])
    expect(fault).toMatchObject({ path, line: 2 })
    expect(fault?.message).toContain(refusal)
    expect(fault?.message).toContain(why)
  })

  test.each([
    { note: 'type-only import', code: `import type { Gather } from '../engine/gather.ts'` },
    { note: 'type re-export', code: `export type { Gather } from '../engine/gather.ts'` },
    { note: 'star re-export', code: `export * from '../engine/gather.ts'` },
    { note: 'named re-export', code: `export { gather as default_ } from '../engine/gather.ts'` },
    { note: 'bare import', code: `import '../engine/gather.ts'` },
    { note: 'dynamic import', code: `export const load = () => import('../engine/gather.ts')` },
    { note: 'dynamic import of a template', code: 'export const load = () => import(`../engine/gather.ts`)' },
    { note: 'import type expression', code: `export type G = import('../engine/gather.ts').Gather` },
    { note: 'require', code: `export const g = require('../engine/gather.ts')` },
  ])('decision importing engine by $note', ({ code }) => {
    expect(lines(checkImports(treeOf({ 'packages/core/src/decision/a.ts': code })))).toEqual([
      expect.stringContaining('decision may not import engine: deciding is pure'),
    ])
  })

  test.each([
    { note: 'unlisted folder', path: 'packages/core/src/misc/a.ts', code: 'export const a = 1', expect: 'no row' },
    { note: 'unlisted package', path: 'packages/extra/src/lib/a.ts', code: 'export const a = 1', expect: 'no row' },
    {
      note: 'import of an unlisted folder',
      path: 'packages/core/src/index.ts',
      code: `import '../src/misc/a.ts'`,
      expect: 'no row',
    },
    {
      note: 'computed import',
      path: 'packages/core/src/lib/a.ts',
      code: 'export const l = (n) => import(n)',
      expect: 'computed',
    },
    {
      note: 'path into a sibling',
      path: 'packages/server/src/index.ts',
      code: `import '../../core/src/index.ts'`,
      expect: 'leaves its package',
    },
  ])('$note', ({ path, code, expect: message }) => {
    expect(lines(checkImports(treeOf({ [path]: code })))).toEqual([expect.stringContaining(message)])
  })

  test('an import of a file that is not there', () => {
    const faults = checkTargets(treeOf({ 'packages/core/src/lib/a.ts': `import './gone.ts'` }))
    expect(lines(faults)).toEqual(['packages/core/src/lib/a.ts:1 imports ./gone.ts, which does not exist'])
  })
})

describe('what the table allows passes', () => {
  test.each([
    { path: 'packages/core/src/lib/regex.ts', code: `import { RE2JS } from 're2js'` },
    { path: 'packages/core/src/model/condition.ts', code: `import type { z } from 'zod'` },
    {
      path: 'packages/core/src/conditions/mfa.ts',
      code: `import { a } from '../lib/a.ts'\nimport type { F } from '../model/fact.ts'`,
    },
    {
      path: 'packages/core/src/credentials/jwt/verify.ts',
      code: `import { jwtVerify } from 'jose/jwt/verify'\nimport './claims.ts'`,
    },
    { path: 'packages/core/src/middleware/express.ts', code: `import { fromNode } from './node.ts'` },
    { path: 'packages/core/src/condition-list.ts', code: `export { mfa } from './conditions/mfa.ts'` },
    { path: 'packages/server/src/gateway/listen.ts', code: `import { answer } from '@balustrade/core/kit'\nimport './proxy.ts'` },
    { path: 'packages/balustrade/src/cli/init.ts', code: `import { text } from '@clack/prompts'` },
    { path: 'packages/core/src/lib/a.test.ts', code: `import { decide } from '../decision/decide.ts'` },
  ])('$path: $code', ({ path, code }) => expect(checkImports(treeOf({ [path]: code }))).toEqual([]))
})

describe('cycles', () => {
  const circle = (kind: string) =>
    treeOf({
      'packages/core/src/lib/a.ts': `import { b } from './b.ts'`,
      'packages/core/src/lib/b.ts': `import { c } from './c.ts'`,
      'packages/core/src/lib/c.ts': `${kind} { a } from './a.ts'`,
    })

  test.each(['import', 'export'])('made by %s are told as a path', (kind) => {
    const path = ['a', 'b', 'c', 'a'].map((name) => `packages/core/src/lib/${name}.ts`).join(' → ')
    expect(lines(checkCycles(circle(kind)))).toEqual([expect.stringContaining(path)])
  })

  test('of types alone are no cycles', () => expect(checkCycles(circle('import type'))).toEqual([]))
})

describe('the closure of what decides', () => {
  const at = (folder: string, code: string) => lines(checkClosure(treeOf({ [`packages/core/src/${folder}/a.ts`]: code })))

  const uses: Readonly<Record<string, string>> = {
    'Math.random': 'export const a = Math.random()',
    XMLHttpRequest: 'export const a = new XMLHttpRequest()',
    Date: 'export const a = new Date()',
  }

  test.each(Object.keys(impureNames))('may not mention %s', (name) => {
    const code = uses[name] ?? `export const a = ${name}('x')`
    for (const folder of pureFolders)
      expect(at(folder, code)).toEqual([expect.stringContaining(`mentions ${name}: ${impureNames[name]}`)])
  })

  test.each([
    { note: 'a shorthand property', code: 'export const a = { process }', expect: 'process' },
    { note: 'an index', code: `export const a = Math['random']()`, expect: 'Math.random' },
    { note: 'a method of the name', code: 'export const a = Date.now()', expect: 'Date' },
    { note: 'a type', code: 'export type A = Date', expect: 'Date' },
    { note: 'a value passed on', code: 'export const a = [setTimeout]', expect: 'setTimeout' },
  ])('may not mention one as $note', ({ code, expect: name }) => {
    expect(at('decision', code)).toEqual([expect.stringContaining(`mentions ${name}`)])
  })

  test.each([
    { note: 'a property of the name', code: 'export const a = (b: { process: number }) => b.process' },
    { note: 'a string', code: `export const a = 'Date'` },
    { note: 'other mathematics', code: 'export const a = Math.min(1, 2)' },
    { note: 'a name that every object has', code: 'export const valueOf = 1' },
    { note: 'a type of a package', code: `import type { z } from 'zod'` },
  ])('may hold $note', ({ code }) => expect(at('decision', code)).toEqual([]))

  test.each([
    { note: 'a platform module', code: `import { hash } from 'node:crypto'`, expect: 'imports node:crypto' },
    { note: 'a package', code: `import { z } from 'zod'`, expect: 'imports zod' },
    { note: 're2js past lib/regex', code: `import { RE2JS } from 're2js'`, expect: 'imports re2js' },
    { note: 'a lazy package', code: `export const l = () => import('yaml')`, expect: 'imports yaml' },
  ])('reaches $note through lib and is refused with the way there', ({ code, expect: message }) => {
    const files = treeOf({
      'packages/core/src/plan/build.ts': `import { x } from '../lib/far.ts'`,
      'packages/core/src/lib/far.ts': `export * from './near.ts'`,
      'packages/core/src/lib/near.ts': code,
    })
    const way = 'reached by packages/core/src/plan/build.ts → packages/core/src/lib/far.ts → packages/core/src/lib/near.ts'
    expect(lines(checkClosure(files))).toEqual([expect.stringContaining(message)])
    expect(lines(checkClosure(files))[0]).toContain(way)
  })

  test('may reach re2js through lib/regex, and does not follow types', () => {
    const files = treeOf({
      'packages/core/src/plan/build.ts': `import { regex } from '../lib/regex.ts'\nimport type { E } from '../model/engine.ts'`,
      'packages/core/src/lib/regex.ts': `import { RE2JS } from 're2js'`,
      'packages/core/src/model/engine.ts': `import 'node:fs'`,
    })
    expect(checkClosure(files)).toEqual([])
    expect([...pureClosure(files).keys()]).toEqual(['packages/core/src/plan/build.ts', 'packages/core/src/lib/regex.ts'])
  })
})
