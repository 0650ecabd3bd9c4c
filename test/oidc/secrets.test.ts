// What must be kept to oneself is in no log, no error, no metric, no page and no file of the store, readable by anybody or not.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Shown } from './browser.ts'
import { CLIENT_SECRET, openStage, type Stage } from './relying-party.ts'

let stage: Stage
const told: string[] = []
const tell = (code: string, more: object) => void told.push(JSON.stringify({ code, ...more }))

beforeAll(async () => {
  stage = await openStage({
    client: 'userinfo: true, refresh: { every: 1s }',
    serviceLog: { info: tell, warn: tell, error: tell } as never,
  })
}, 30_000)
afterAll(() => stage.close())

const FORM = 'CANARY-form-body'

/** Every file below a folder, as bytes read one to a character. */
const filesOf = (folder: string): readonly (readonly [string, string])[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => [path, readFileSync(path, 'latin1')] as const)

test('secrets of clients, tokens, cookies, codes and forms stay secret', async () => {
  const browser = await stage.loggedIn()
  const pages: Shown[] = []
  const see = (shown: Shown) => void pages.push(shown)
  const first = browser.cookies.get('balustrade') as string
  see(await browser.submit(`${stage.origin}/pay`, `amount=${FORM}&again=${FORM}`))
  see(await browser.script(`${stage.origin}/pay`))
  for (const path of [
    'login?start=x',
    'callback?code=CANARY-code&state=CANARY-state',
    'logout',
    'logged-out?state=CANARY-state',
    'done',
  ])
    see(await browser.go(`${stage.origin}/.balustrade/${path}`))
  stage.provider.behave({ tokenStatus: 500 })
  see(await stage.browser().go(`${stage.origin}/admin/x`))
  stage.provider.behave({ tokenAnswer: (all) => ({ ...all, id_token: `${String(all['id_token'])}CANARY` }) })
  see(await stage.browser().go(`${stage.origin}/`))
  stage.provider.behave({})
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  see(await browser.script(`${stage.origin}/`))
  const metrics = await (
    await fetch(`http://127.0.0.1:${stage.running().observePort}/metrics`, { signal: AbortSignal.timeout(5_000) })
  ).text()

  const secrets = new Map<string, string>([
    ['client secret', CLIENT_SECRET],
    ['session before the step-up', first],
    ['session', browser.cookies.get('balustrade') as string],
    ['browser secret', browser.cookies.get('balustrade-login') as string],
    ['body of a form', FORM],
    ['codes and states of strangers', 'CANARY-code'],
  ])
  for (const { form } of stage.provider.at('/token')) {
    for (const name of ['code', 'code_verifier', 'refresh_token'])
      if (form[name] !== undefined) secrets.set(`${name} ${form[name]}`, form[name])
  }
  for (const { authorization } of stage.provider.at('/userinfo'))
    secrets.set(`access token ${authorization}`, (authorization ?? '').slice('Bearer '.length))
  for (const token of stage.provider.issued()) secrets.set(`ID token ${token.slice(0, 20)}`, token)
  expect(secrets.size).toBeGreaterThan(12)

  const kept = filesOf(stage.folder).filter(([path]) => !path.includes('/policy/'))
  expect(kept.map(([path]) => path).some((path) => path.endsWith('state.db'))).toBe(true)
  // A page may hold the form it keeps, which is what it is for, and nothing else.
  const shown = pages.map(
    ({ body, headers, url }) => [`page ${url}`, `${JSON.stringify(headers['www-authenticate'] ?? '')}${body}`] as const,
  )
  const places = [...kept, ['service log', told.join('\n')], ['metrics', metrics], ...shown] as const
  for (const [what, secret] of secrets) {
    const found = places.filter(
      ([place, text]) => text.includes(secret) && !(what === 'body of a form' && place.includes('/resume')),
    )
    expect({ what, found: found.map(([place]) => place) }).toEqual({ what, found: [] })
  }
}, 60_000)
