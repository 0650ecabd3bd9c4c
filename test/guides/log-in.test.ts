// The documents of the guide on logins are accepted as they stand.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { CONDITIONS } from '../../packages/core/src/catalogue.ts'
import { readPolicyFolder } from '../../packages/core/src/policy/index.ts'
import { LOGIN_REASONS } from '../../packages/server/src/index.ts'
import { readConfig } from '../../packages/server/src/config/read-config.ts'
import { root } from '../house/tree.ts'
import { readBlocks } from './guide-blocks.ts'

const page = readFileSync(join(root, 'docs', 'guides', 'log-in-with-a-browser.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'balustrade-guide-'))
for (const { words, text } of readBlocks(page).filter((block) => block.words.startsWith('file='))) {
  const file = join(folder, words.replace('file=', ''))
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
afterAll(() => rmSync(folder, { recursive: true }))

test('the policy', () => {
  const { image, diagnostics } = readPolicyFolder(join(folder, 'policy'), { conditions: CONDITIONS, now: Date.now() })
  expect(diagnostics).toEqual([])
  expect(image?.services['app']).toMatchObject({ login: ['corp'], credentials: ['session'] })
})

test('the configuration', () => {
  const config = readConfig(join(folder, 'balustrade.yaml'))
  expect(config.ok ? Object.keys(config.config.document.login?.providers ?? {}) : config.faults).toEqual(['corp'])
})

test('the reasons it names', () => {
  const named = [...page.matchAll(/`(login\.[a-z_]+)`/g)].map(([, code]) => code ?? '')
  expect(named.length).toBeGreaterThan(10)
  // What only the service log tells is no reason.
  expect(named.filter((code) => !Object.hasOwn(LOGIN_REASONS, code))).toEqual(['login.no_client'])
})
