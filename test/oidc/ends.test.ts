// What ends a session ends it everywhere at once: on new connections, on one that is kept alive, and on streams that are open.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { balustrade } from '../support/command.ts'
import { openConnection, openSocket } from '../streams/serving.ts'
import { type PacedUpstream, startPaced } from '../streams/paced-upstream.ts'
import type { Browser } from './browser.ts'
import { openStage, type Stage } from './relying-party.ts'

const RULES = `grants:
  members:
    who: { group: members }
    what: { path: /** }
  members-open-sockets:
    who: { group: members }
    what: { path: /**, upgrade: websocket }
  administrators:
    who: { group: members }
    what: { path: /admin/** }
guardrails:
  administering-needs-a-factor:
    what: { path: /admin/** }
    how: { mfa: any }
  fresh:
    what: { path: /fresh }
    how: { login: { max-age: 5s } }
  fresh-sockets:
    what: { path: /lapsing }
    how: { login: { max-age: 4s } }
`
/** Nothing is judged again merely because a while has passed. */
const SERVICE = '    streams: { recheck: 1h }\n'

let upstream: PacedUpstream
let stage: Stage
beforeEach(async () => {
  upstream = await startPaced()
  stage = await openStage({ rules: RULES, service: SERVICE, upstream: upstream.origin })
}, 30_000)
afterEach(async () => {
  await stage.close()
  await upstream.close()
})

const cookieOf = (browser: Browser): string => `Cookie: balustrade=${browser.cookies.get('balustrade') ?? ''}`
const statusWith = async (cookie: string): Promise<number | undefined> => {
  const connection = await openConnection(stage.port)
  const heard = await connection.ask('/page', [cookie])
  connection.socket.destroy()
  return heard?.status
}

const ENDS: readonly { readonly note: string; readonly end: (browser: Browser) => Promise<void> }[] = [
  { note: 'logging out', end: async (browser) => void (await browser.submit(`${stage.origin}/.balustrade/logout`, '')) },
  {
    note: 'a step-up, for the secret before it',
    end: async (browser) => {
      stage.provider.proves({ acr: 'otp' })
      const shown = await browser.go(`${stage.origin}/admin/x`)
      expect(shown.status).not.toBe(401)
    },
  },
  {
    note: 'a logout at the provider',
    end: async () => {
      const body = new URLSearchParams({ logout_token: stage.provider.logoutToken() })
      const { status } = await fetch(`${stage.origin}/.balustrade/backchannel-logout`, { method: 'POST', body })
      expect([200, 204]).toContain(status)
    },
  },
  {
    note: 'the operator, for everybody',
    end: async () => {
      const { status, stderr } = await balustrade('sessions', 'end', '--all', '--config', `${stage.folder}/balustrade.yaml`)
      expect({ status, stderr }).toEqual({ status: 0, stderr: expect.any(String) as string })
    },
  },
]

describe('the old cookie is refused after', () => {
  test.each(ENDS)(
    '$note',
    async ({ end }) => {
      const browser = await stage.loggedIn()
      const old = cookieOf(browser)
      const kept = await openConnection(stage.port)
      expect((await kept.ask('/page', [old]))?.status).toBe(200)
      const socket = await openSocket(stage.port, [old, 'Origin: http://app.example.com'])
      expect(socket.heard()).toContain('101')
      const events = await openConnection(stage.port)
      const streamed = events.ask('/events', [old])
      await expect.poll(() => upstream.waiting.length).toBeGreaterThan(0)
      await end(browser)
      const began = Date.now()
      await socket.closed
      await streamed
      expect(Date.now() - began).toBeLessThan(2_000)
      await expect.poll(() => statusWith(old), { timeout: 2_000 }).toBe(401)
      expect((await kept.ask('/page', [old]))?.status).toBe(401)
      kept.socket.destroy()
      events.socket.destroy()
    },
    60_000,
  )
})

test('a login that has become too old is asked for anew on the next request', async () => {
  const browser = await stage.loggedIn()
  const connection = await openConnection(stage.port)
  const ask = async () => (await connection.ask('/fresh', [cookieOf(browser)]))?.status
  expect(await ask()).toBe(200)
  await new Promise((resolve) => setTimeout(resolve, 5_500))
  expect(await ask()).toBe(401)
  expect((await connection.ask('/page', [cookieOf(browser)]))?.status).toBe(200)
  connection.socket.destroy()
}, 60_000)

test('streams that rest on a login are cut within a second after it has become too old', async () => {
  const browser = await stage.loggedIn()
  const began = Date.now()
  const fields = [cookieOf(browser), 'Origin: http://app.example.com']
  const socket = await openSocket(stage.port, fields, '/lapsing')
  expect(socket.heard()).toContain('101')
  await socket.closed
  const lasted = Date.now() - began
  // The login is dated in whole seconds.
  expect(lasted).toBeGreaterThan(2_500)
  expect(lasted).toBeLessThan(5_100)
}, 60_000)
