// What is remembered outlives a restart; what counts once counts once over it.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStage, type Stage } from './relying-party.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
}, 30_000)
afterEach(() => stage.close())

test('sessions, logins under way and forms go on after it', async () => {
  const browser = await stage.loggedIn()
  const other = stage.browser()
  const toLogin = await other.go(`${stage.origin}/page`, { redirects: 0 })
  const toProvider = await other.go(new URL(String(toLogin.headers['location']), stage.origin).href, { redirects: 0 })
  const atProvider = await other.go(String(toProvider.headers['location']), { redirects: 0 })
  const callback = String(atProvider.headers['location'])
  await stage.restart()
  expect((await browser.script(`${stage.origin}/`)).status).toBe(200)
  expect((await other.go(callback)).body).toContain('served /page for op/alice')
  expect((await other.go(callback, { redirects: 0 })).status).toBe(400)
}, 60_000)

test('a session that was ended stays so', async () => {
  const browser = await stage.loggedIn()
  const secret = browser.cookies.get('balustrade') as string
  await browser.submit(`${stage.origin}/.balustrade/logout`, '')
  await stage.restart()
  browser.cookies.set('balustrade', secret)
  expect((await browser.script(`${stage.origin}/`)).status).toBe(401)
}, 60_000)

test('a key of the state is replaced without a session lost', async () => {
  const browser = await stage.loggedIn()
  const file = join(stage.folder, 'balustrade.yaml')
  const before = readFileSync(file, 'utf8')
  const old = /keys: \[\{ file: (.*?) \}\]/.exec(before)?.[1] ?? ''
  writeFileSync(join(stage.folder, 'next.key'), Buffer.alloc(32, 9).toString('base64'), { mode: 0o600 })
  writeFileSync(file, before.replace(/keys: \[.*?\]/, `keys: [{ file: ./next.key }, { file: ${old} }]`))
  await stage.restart()
  expect((await browser.script(`${stage.origin}/`)).status).toBe(200)
  const later = await stage.loggedIn()
  writeFileSync(file, before.replace(/keys: \[.*?\]/, 'keys: [{ file: ./next.key }]'))
  await stage.restart()
  expect((await later.script(`${stage.origin}/`)).status).toBe(200)
  // What only the old key opens is not taken for absent: nobody knows whether it was ended.
  expect([401, 503]).toContain((await browser.script(`${stage.origin}/`)).status)
}, 60_000)
