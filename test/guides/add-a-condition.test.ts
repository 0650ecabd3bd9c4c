import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { copyTree } from '../../scripts/defences.ts'
import { root } from '../house/tree.ts'
import { applyBlock, type GuideBlock, readBlocks } from './guide-blocks.ts'

interface VitestReport {
  readonly success: boolean
  readonly testResults: readonly { readonly assertionResults: readonly { readonly status: string }[] }[]
}

const GUIDE = 'docs/guides/add-a-condition.md'
const blocks = readBlocks(readFileSync(join(root, GUIDE), 'utf8'))

const home = mkdtempSync(join(realpathSync(tmpdir()), 'balustrade-guide-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const copy = copyTree(root, home)
const changed = blocks.flatMap((block) => applyBlock(copy, block) ?? [])
const created = blocks.flatMap(({ words }) => /^file=(\S+)$/.exec(words)?.[1] ?? [])

/** Runs a program of the copy, in the copy; what it said, and its status where that is not 0. */
function run(program: string, ...args: readonly string[]): string {
  const options = { cwd: copy, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined } } as const
  const { status, stdout, stderr } = spawnSync(join(copy, 'node_modules', '.bin', program), args, options)
  return `${stdout}${stderr}${status === 0 ? '' : `\n${program} ended with ${status}`}`
}

const node = (...args: readonly string[]) => run('node', '--conditions=source', ...args)
const balustrade = (...args: readonly string[]) => node('packages/balustrade/src/main.ts', ...args)
const readCopy = (path: string) => readFileSync(join(copy, path), 'utf8')

const generated = node('scripts/generate.ts')

describe(`what ${GUIDE} says, done on a copy of the tree`, () => {
  test('is one new file and one line of the product; the rest is tests', () => {
    const product = changed.filter((path) => !path.includes('.test.') && !path.includes('/testing/'))
    expect(product).toEqual(['packages/core/src/conditions/ip-version.ts', 'packages/core/src/condition-list.ts'])
    const [line] = blocks.filter(({ words }) => words.startsWith('line=packages/core/src/condition-list.ts'))
    expect(line?.text.trim().split('\n')).toHaveLength(1)
  })

  test('has types, form and style as the rest of the tree', () => {
    const alone = ['--incremental', 'false', '--tsBuildInfoFile', 'null']
    expect(run('tsc', '-p', 'tsconfig.tests.json', '--noEmit', ...alone)).toBe('')
    expect(run('oxlint', '--type-aware', '--quiet', ...changed)).not.toContain('ended with')
    expect(run('biome', 'format', ...changed)).not.toContain('ended with')
  })

  test('passes the tests of the house, of conditions, of the catalogue and against the reference evaluator', () => {
    const own = created.filter((path) => path.endsWith('.test.ts'))
    const house = ['layers', 'conventions', 'generated'].map((name) => `test/house/${name}.test.ts`)
    const core = ['conditions/all-conditions', 'catalogue', 'testing/reference-conditions', 'decision/compiled-equals-reference']
    const files = [...own, ...house, ...core.map((name) => `packages/core/src/${name}.test.ts`)]
    const output = join(home, 'report.json')
    // Judging random policies takes as long as all the rest; both tellings of the condition are compared over its examples.
    run('vitest', 'run', '--reporter=json', `--outputFile=${output}`, '-t', '^(?!compiled decisions are)', ...files)
    const report = JSON.parse(readFileSync(output, 'utf8')) as VitestReport
    const failed = report.testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status }) => status === 'failed'),
    )
    expect(failed).toEqual([])
    expect(report.success).toBe(true)
    expect(report.testResults.filter(({ assertionResults }) => assertionResults.length > 0)).toHaveLength(files.length)
  })

  test('reaches the schema and the reference pages', () => {
    expect(generated).toContain('wrote docs/reference/policy.schema.json')
    const schema = JSON.parse(readCopy('docs/reference/policy.schema.json')) as {
      readonly $defs: Readonly<Record<string, object>>
    }
    expect(JSON.stringify(schema.$defs['guardrail-when'])).toContain('"ip-version":{"$ref":"#/$defs/circumstance.ip-version"}')
    const headings = Array.from(readCopy('docs/reference/conditions.md').matchAll(/^## .+/gm), ([line]) => line)
    expect(headings[headings.indexOf('## `ip-version` (circumstance)') - 1]).toBe('## `credential` (circumstance)')
    expect(readCopy('docs/reference/reasons.md')).toContain('| `ip_version.other` | The request comes over another protocol. |')
  })
})

describe('the policy of the guide, by the command of the copy', () => {
  const folder = join(home, 'policy')
  mkdirSync(folder)
  const [policy] = blocks.filter(({ words }) => words === 'policy')
  writeFileSync(join(folder, 'policy.yaml'), policy?.text ?? '')
  const front = ['explain', 'GET https://docs.example.com/', '--policy', folder]

  test('is valid, and its rule is said in words', () => {
    const said = balustrade('check', folder, '--sentences', '--json')
    expect(JSON.parse(said)).toMatchObject({ ok: true, diagnostics: [] })
    expect(said).toContain('Refuses everyone for the service docs unless the request comes over IPv6.')
  })

  test('is explained with the reason of the condition', () => {
    const refused = balustrade(...front, '--from', '192.0.2.1')
    expect(refused).toContain('ip_version.other')
    expect(refused).toContain('over-version-six')
    expect(balustrade(...front, '--from', '2001:db8::1', '--json')).toContain('"outcome": "allow"')
  })

  test('is refused with a value that the condition does not take', () => {
    writeFileSync(join(folder, 'policy.yaml'), (policy?.text ?? '').replace('ip-version: 6', 'ip-version: 5'))
    expect(balustrade('check', folder)).toContain('spec.invalid')
  })
})

describe('a guide that is wrong is seen', () => {
  const block = (words: string, text = 'export const a = 1\n'): GuideBlock => ({ language: 'ts', words, text })

  test.each([
    { note: 'a line below one that is not there', words: 'line=packages/core/src/condition-list.ts below=no such line' },
    { note: 'a line below one of several', words: 'line=packages/core/src/condition-list.ts below=export' },
    { note: 'a new file that is there', words: 'file=packages/core/src/catalogue.ts' },
    { note: 'a line of a file that is not there', words: 'line=packages/core/src/gone.ts below=a' },
  ])('$note', ({ words }) => expect(() => applyBlock(copy, block(words))).toThrow(/lines hold|already|ENOENT/))
})
