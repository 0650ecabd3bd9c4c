// Recorded attacks on sessions and logins, by their ids in the corpus: a gateway that is a relying party, a provider, browsers.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser, Shown } from '../oidc/browser.ts'
import { CLIENT_SECRET, openStage, type Stage } from '../oidc/relying-party.ts'
import { drawKey, parseKey, writeKey } from '../../packages/server/src/keys/key-form.ts'
import { balustrade } from '../support/command.ts'
import { corpus } from '../support/corpora.ts'
import { sendRaw } from '../support/gateway.ts'

const RULES = `workloads: { ci: { provider: balustrade, subject: ci } }
grants:
  members:
    who: { group: members }
    what: { path: /** }
  software:
    who: { workload: ci }
    what: { path: /keys }
guardrails:
  administering-needs-a-factor:
    what: { path: /admin/** }
    how: { mfa: any }
`

let stage: Stage
beforeAll(async () => {
  stage = await openStage({
    rules: RULES,
    client: 'userinfo: true, refresh: { every: 1s }',
    service: '    credentials: [jwt, session, api-key]\n',
  })
}, 30_000)
afterAll(() => stage.close())

const at = (path: string): string => `${stage.origin}${path}`
const secretOf = (browser: Browser): string => browser.cookies.get('balustrade') ?? ''
const statusOf = async (secret: string): Promise<number> => {
  const other = stage.browser()
  other.cookies.set('balustrade', secret)
  return (await other.script(at('/page'))).status
}
const startOf = async (browser: Browser): Promise<string> =>
  String((await browser.go(at('/page'), { redirects: 0 })).headers['location'])

const post = async (browser: Browser, fields: readonly string[]): Promise<number> => {
  const cookie = `Cookie: balustrade=${secretOf(browser)}`
  const head = [
    'POST /page HTTP/1.1',
    `Host: localhost:${stage.port}`,
    cookie,
    ...fields,
    'Content-Length: 3',
    'Connection: close',
    '',
    'a=1',
  ]
  return (await sendRaw(stage.port, head.join('\r\n'))).status
}

/** A navigation may lead to the provider or stay here. */
const staysHere = ({ url, headers }: Shown): boolean => {
  const { location } = headers
  if (typeof location !== 'string') return true
  const there = new URL(location, url).origin
  return there === stage.origin || there === stage.provider.issuer
}

const payloads = (): readonly string[] => {
  const path = corpus('open-redirect')
  const text = path === null ? '//evil.test\n/\\evil.test\nhttps://evil.test' : readFileSync(join(path, 'payloads.txt'), 'latin1')
  return text.split('\n').filter((line) => line !== '')
}

const CASES: Readonly<Record<string, () => Promise<void>>> = {
  'FY-2022-41919': async () => {
    const browser = await stage.loggedIn()
    const served = stage.served.length
    const types = ['Application/x-www-form-urlencoded', 'text/plain;application/json', 'application/json', null]
    const sites = [
      ['Origin: https://evil.example'],
      ['Origin: null'],
      ['Sec-Fetch-Site: cross-site'],
      ['Sec-Fetch-Site: same-site'],
      [],
    ]
    for (const type of types) {
      for (const site of sites)
        expect(await post(browser, [...site, ...(type === null ? [] : [`Content-Type: ${type}`])])).toBe(403)
    }
    expect(stage.served.length).toBe(served)
    expect(await post(browser, [`Origin: ${stage.origin}`])).toBe(200)
    expect(await post(browser, ['Sec-Fetch-Site: same-origin'])).toBe(200)
  },
  'AK-2024-23647': async () => {
    await stage.loggedIn()
    expect(stage.provider.at('/authorize').every(({ query }) => query['code_challenge_method'] === 'S256')).toBe(true)
    expect(new Set(stage.provider.at('/authorize').map(({ query }) => query['code_challenge'])).size).toBe(
      stage.provider.at('/authorize').length,
    )
    expect(stage.provider.at('/token').at(-1)?.form['code_verifier']).toMatch(/^[\w.~-]{43,128}$/)
    const own = await openStage({ rules: RULES })
    own.provider.behave({ discovery: (all) => ({ ...all, code_challenge_methods_supported: ['plain'] }) })
    expect((await own.browser().go(`${own.origin}/`)).status).toBeGreaterThanOrEqual(500)
    expect(own.provider.at('/authorize')).toEqual([])
    await own.close()
  },
  'NODE-2026-21713': async () => {
    const config = join(stage.folder, 'balustrade.yaml')
    const made = await balustrade(
      'keys',
      'create',
      '--config',
      config,
      '--subject',
      'ci',
      '--owner',
      'sre',
      '--expires-in',
      '1d',
      '--json',
    )
    const key = (JSON.parse(made.stdout) as { readonly key: string }).key
    const own = parseKey(key)
    const ask = async (text: string) => {
      const head = `GET /keys HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${text}\r\nConnection: close\r\n\r\n`
      const { status, body } = await sendRaw(stage.port, head)
      return { status, text: body.replace(/[0-9a-f-]{36}/g, '') }
    }
    await expect.poll(async () => (await ask(key)).status).toBe(200)
    // Whether the id is one that was given out, and how much of the secret is right, makes no difference that can be seen.
    const guesses = [drawKey(), drawKey(), { id: own?.id ?? '', secret: drawKey().secret }]
    guesses.push({ id: own?.id ?? '', secret: `${own?.secret.slice(0, 20) ?? ''}${drawKey().secret.slice(20)}` })
    const answers = new Set<string>()
    for (const guess of guesses) answers.add(JSON.stringify(await ask(writeKey(guess))))
    expect([...answers]).toHaveLength(1)
    expect([...answers][0]).toContain('"status":401')
  },
  'EN-2023-35941': async () => {
    const browser = stage.browser()
    const start = new URL(await startOf(browser), stage.origin)
    const sealed = start.searchParams.get('start') ?? ''
    expect(sealed.length).toBeGreaterThan(40)
    for (let index = 0; index < sealed.length; index += 7) {
      const other = sealed[index] === 'A' ? 'B' : 'A'
      const { status } = await browser.go(
        at(`/.balustrade/login?start=${sealed.slice(0, index)}${other}${sealed.slice(index + 1)}`),
        { redirects: 0 },
      )
      expect({ index, status }).toEqual({ index, status: 400 })
    }
    expect((await browser.go(start.href, { redirects: 0 })).status).toBe(303)
  },
  'O2P-2026-34454': async () => {
    const browser = await stage.loggedIn()
    // No page says that one has to sign in, or has signed out, while a session goes on.
    for (const path of ['login', 'logged-out'])
      expect((await browser.go(at(`/.balustrade/${path}`), { redirects: 0 })).status).toBe(400)
    expect((await browser.go(at('/.balustrade/logout'))).body).toContain('You will be signed out')
    expect((await browser.script(at('/page'))).status).toBe(200)
    await browser.submit(at('/.balustrade/logout'), '')
    expect((await browser.script(at('/page'))).status).toBe(401)
  },
  'FIX-2023-29019': async () => {
    const known = 'A'.repeat(43)
    const victim = stage.browser()
    victim.cookies.set('balustrade', known)
    expect((await victim.go(at('/'))).status).toBe(200)
    const first = secretOf(victim)
    expect([first === known, await statusOf(known)]).toEqual([false, 401])
    stage.provider.proves({ acr: 'otp' })
    expect((await victim.go(at('/admin/x'))).status).toBe(200)
    stage.provider.proves({})
    expect(secretOf(victim)).not.toBe(first)
    expect([await statusOf(first), await statusOf(secretOf(victim))]).toEqual([401, 200])
    // Two cookies of the name: one of them was tossed by somebody else.
    const tossed = await sendRaw(
      stage.port,
      `GET /page HTTP/1.1\r\nHost: localhost:${stage.port}\r\nCookie: balustrade=${known}; balustrade=${secretOf(victim)}\r\nConnection: close\r\n\r\n`,
    )
    expect(tossed.status).toBe(400)
  },
  'POM-2021-41230': async () => {
    const browser = await stage.loggedIn()
    stage.provider.behave({ refreshed: (all) => ({ ...all, groups: [] }) })
    const status = async () => (await browser.script(at('/page'))).status
    await expect.poll(status, { timeout: 10_000, interval: 200 }).toBe(403)
    stage.provider.behave({})
  },
  'EN-2025-55162': async () => {
    const browser = await stage.loggedIn()
    const secret = secretOf(browser)
    const shown = await browser.submit(at('/.balustrade/logout'), '')
    expect(shown.status).toBeLessThan(500)
    expect(browser.cookies.has('balustrade')).toBe(false)
    expect(await statusOf(secret)).toBe(401)
  },
  'POM-2024-39315': async () => {
    const browser = await stage.loggedIn()
    const paths = [
      'userinfo',
      'session',
      'me',
      'token',
      'login',
      'callback',
      'logout',
      'logged-out',
      'done',
      'resume',
      'keys',
      'debug',
      '',
    ]
    for (const path of paths) {
      const { body } = await browser.script(at(`/.balustrade/${path}`))
      expect(body).not.toMatch(/eyJ|CANARY|access_token|refresh_token/)
      expect(body).not.toContain(secretOf(browser))
      expect(body).not.toContain(CLIENT_SECRET)
    }
    expect((await browser.script(at('/.balustrade/userinfo'))).status).toBe(404)
    expect((await browser.go(at('/page'))).body).toContain('cookie -')
  },
  'MOIDC-2022-23527': async () => {
    const browser = await stage.loggedIn()
    const names = ['rd', 'return_to', 'return', 'target', 'post_logout_redirect_uri', 'redirect_uri', 'next']
    for (const [index, payload] of payloads().entries()) {
      const query = `${names[index % names.length]}=${encodeURIComponent(payload)}`
      for (const path of ['login', 'callback', 'logged-out']) {
        const shown = await browser.go(at(`/.balustrade/${path}?${query}`), { redirects: 0 })
        expect({ payload, stays: staysHere(shown), status: shown.status >= 400 || shown.status === 200 }).toEqual({
          payload,
          stays: true,
          status: true,
        })
      }
    }
  },
  'O2P-2021-21291': async () => {
    const targets = [
      '//evil.test/x',
      '/\\evil.test',
      '/%5cevil.test',
      '/%09/evil.test',
      '/%2f%2fevil.test',
      '/.//evil.test',
      '/https://evil.test',
      '/x?rd=https://evil.test',
    ]
    for (const target of targets) {
      const asked = `GET ${target} HTTP/1.1\r\nHost: localhost:${stage.port}\r\nSec-Fetch-Mode: navigate\r\nConnection: close\r\n\r\n`
      const { status, head } = await sendRaw(stage.port, asked)
      const location = /^location: (.*)$/im.exec(head)?.[1]
      if (status === 400) continue
      expect({ target, status }).toEqual({ target, status: 303 })
      const shown = await stage.browser().go(new URL(location ?? '', stage.origin).href)
      expect({ target, origin: new URL(shown.url).origin }).toEqual({ target, origin: stage.origin })
    }
  },
  'BA-2026-53517': async () => {
    const browser = stage.browser()
    const toProvider = await browser.go(new URL(await startOf(browser), stage.origin).href, { redirects: 0 })
    const atProvider = await browser.go(String(toProvider.headers['location']), { redirects: 0 })
    const callback = String(atProvider.headers['location'])
    const all = await Promise.all(Array.from({ length: 20 }, () => browser.go(callback, { redirects: 0 })))
    expect(all.filter(({ status }) => status === 303)).toHaveLength(1)
    expect(all.filter(({ status }) => status === 400)).toHaveLength(19)
  },
  'H3-cookiechunk': async () => {
    const browser = stage.browser()
    const lines = [
      'balustrade=__chunked__999999',
      Array.from({ length: 500 }, (_none, index) => `balustrade.${index}=x`).join('; '),
      'balustrade=; balustrade.0=a',
      `balustrade=${'A'.repeat(8_000)}`,
    ]
    for (const cookie of lines) expect((await browser.script(at('/page'), { cookie })).status).toBe(401)
    const large = Array.from({ length: 180 }, (_none, index) => `c${index}=${'x'.repeat(4_000)}`).join('; ')
    const { status } = await sendRaw(stage.port, `GET /page HTTP/1.1\r\nHost: localhost\r\nCookie: ${large}\r\n\r\n`)
    expect(status).toBe(431)
    expect((await stage.loggedIn()).cookies.has('balustrade')).toBe(true)
  },
}

describe('the recorded attack comes to nothing', () => test.each(Object.entries(CASES))('%s', (_id, play) => play(), 60_000))
