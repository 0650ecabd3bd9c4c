import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { applyPatch, proveDefences, readPatches } from '../../scripts/defences.ts'
import { root } from '../house/tree.ts'

describe('the patches of this folder', () => {
  const patches = readPatches(root)

  test.each(patches)('$name applies and names tests that exist', (patch) => {
    expect(applyPatch(root, patch, '--check')).toBeUndefined()
    expect(patch.tests).not.toEqual([])
    expect(patch.tests.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  test('have names of their own', () => expect(new Set(patches.map(({ name }) => name)).size).toBe(patches.length))
})

const diff = (from: string, to: string) => `diff --git a/lock.ts b/lock.ts
--- a/lock.ts
+++ b/lock.ts
@@ -1,3 +1,3 @@
 export function opens(key: string): boolean {
-${from}
+${to}
 }
`

const line = `  return key === 'right'`

const synthetic: Readonly<Record<string, string>> = {
  'package.json': '{ "type": "module" }',
  'lock.ts': `export function opens(key: string): boolean {\n${line}\n}\n`,
  'lock.test.ts': [
    `import { expect, test } from 'vitest'`,
    `import { opens } from './lock.ts'`,
    `test('refuses', () => expect(opens('wrong')).toBe(false))`,
  ].join('\n'),
  'packages/bolt/package.json': '{ "name": "@synthetic/bolt", "type": "module", "exports": "./bolt.ts" }',
  'packages/bolt/bolt.ts': 'export const isShut = true\n',
  'packages/bolt/bolt.test.ts': [
    `import { expect, test } from 'vitest'`,
    `import { isShut } from '@synthetic/bolt'`,
    `test('is shut', () => expect(isShut).toBe(true))`,
  ].join('\n'),
  'test/defences/a-removed.patch': `# The lock looks at the key.\n# expect-red: lock.test.ts\n${diff(line, '  return key.length > 0')}`,
  'test/defences/b-unnoticed.patch': `# expect-red: lock.test.ts\n${diff(line, `  return key === 'right' || key === 'other'`)}`,
  'test/defences/c-broken.patch': `# expect-red: lock.test.ts\n${diff(line, '  return (')}`,
  'test/defences/d-outdated.patch': `# expect-red: lock.test.ts\n${diff('  return key === old', '  return true')}`,
  'test/defences/e-nameless.patch': diff(line, '  return true'),
  'test/defences/g-sibling.patch': `# expect-red: packages/bolt/bolt.test.ts
diff --git a/packages/bolt/bolt.ts b/packages/bolt/bolt.ts
--- a/packages/bolt/bolt.ts
+++ b/packages/bolt/bolt.ts
@@ -1 +1 @@
-export const isShut = true
+export const isShut = false
`,
  'test/defences/f-absent.patch': `# expect-red: gone.test.ts\n${diff(line, '  return true')}`,
}

describe('a synthetic project', () => {
  const folder = mkdtempSync(join(tmpdir(), 'balustrade-synthetic-'))
  for (const [path, text] of Object.entries(synthetic)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  mkdirSync(join(folder, 'node_modules', '@synthetic'), { recursive: true })
  symlinkSync(join(folder, 'packages', 'bolt'), join(folder, 'node_modules', '@synthetic', 'bolt'))
  for (const name of ['vitest', '.bin']) symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  afterAll(() => rmSync(folder, { recursive: true }))

  test('proves the defences whose removal turns their test red, and says why not for the others', () => {
    const proofs = proveDefences(folder, readPatches(folder))
    expect(Object.fromEntries(proofs.map(({ patch, ok, message }) => [patch, `${ok ? 'ok' : 'no'}: ${message}`]))).toEqual({
      'a-removed.patch': 'ok: turns lock.test.ts red',
      'b-unnoticed.patch': 'no: no test of lock.test.ts notices that the defence is gone',
      'c-broken.patch': 'no: breaks the code instead of removing a defence; these did not load: lock.test.ts',
      'd-outdated.patch': expect.stringContaining('no: does not apply: '),
      'e-nameless.patch': 'no: names no test (# expect-red: path)',
      'f-absent.patch': 'no: names tests that do not exist: gone.test.ts',
      'g-sibling.patch': 'ok: turns packages/bolt/bolt.test.ts red',
    })
  })

  test('refuses to prove anything when the tests are red to begin with', () => {
    writeFileSync(join(folder, 'lock.ts'), 'export const opens = () => true\n')
    expect(() => proveDefences(folder, readPatches(folder))).toThrow('the tests are not green without a patch: 1 failed')
  })
})
