import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { rolldown } from 'rolldown'
import { describe, expect, test } from 'vitest'
import { sourcesOf } from './import-rules.ts'
import { pureFolders } from './purity.ts'
import { isSource, readTree, root } from './tree.ts'

/** One bundle of the given modules for a browser, as a script that leaves its exports in `bundle`. */
async function bundleForBrowser(code: string): Promise<{ readonly script: string; readonly outside: readonly string[] }> {
  const outside: string[] = []
  const build = await rolldown({
    cwd: root,
    input: 'entry',
    platform: 'browser',
    resolve: { conditionNames: ['source', 'browser', 'import'] },
    external: [/^node:/],
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'entry' ? '\0entry' : undefined),
        load: (id) => (id === '\0entry' ? code : undefined),
      },
    ],
    onLog: (_level, log) => void outside.push(log.message),
    logLevel: 'warn',
  })
  const { output } = await build.generate({ format: 'iife', name: 'bundle', minify: false })
  await build.close()
  for (const chunk of output) if (chunk.type === 'chunk') outside.push(...chunk.imports, ...chunk.dynamicImports)
  return { script: output[0].code, outside }
}

/** Runs a script where there is only the language: no clock, no chance, no platform. */
function runInBareRealm(script: string): unknown {
  const context = createContext(Object.create(null) as object)
  runInContext('delete globalThis.Date; delete Math.random; delete globalThis.WebAssembly', context)
  runInContext('globalThis.TextEncoder = class { encode() {} }; globalThis.TextDecoder = class { decode() {} }', context)
  return runInContext(`${script}\n;typeof bundle`, context)
}

const entries = sourcesOf(readTree(isSource))
  .map(([path]) => path)
  .filter((path) => pureFolders.some((folder) => path.startsWith(`packages/core/src/${folder}/`)))

describe('what decides, as one bundle', () => {
  test('builds for the browser and loads where there is only the language', async () => {
    const code = entries.map((path, index) => `export * as m${index} from '${join(root, path)}'`).join('\n')
    const { script, outside } = await bundleForBrowser(`${code}\nexport const entries = ${entries.length}`)
    expect(outside).toEqual([])
    expect(runInBareRealm(script)).toBe('object')
  })

  test.each([
    { note: 'a platform module', code: `export { readFileSync } from 'node:fs'` },
    { note: 'a package that does not exist', code: `export * from 'no-such-package'` },
  ])('a planted $note is seen', async ({ code }) => {
    const found = await bundleForBrowser(code).then(
      ({ outside }) => outside,
      (error: unknown) => [String(error)],
    )
    expect(found).not.toEqual([])
  })

  test('a planted reading of the clock while loading is seen', async () => {
    const { script } = await bundleForBrowser('export const started = Date.now()')
    expect(() => runInBareRealm(script)).toThrow('Date is not defined')
  })
})
