// A page whose script meets a challenge: the helper opens a window in which the person does what is asked, and sends the request again.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Challenge, createLoginFetch } from '../../packages/core/src/browser/login-fetch.ts'
import type { Browser } from './browser.ts'
import { openStage, type Stage } from './relying-party.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
}, 30_000)
afterAll(() => stage.close())

const OPEN = { closed: false, location: { pathname: '' }, close: () => {} }

/** The helper in a page of this browser; what was asked of the person, and where windows ended. */
const inPage = (browser: Browser) => {
  const presented: Challenge[] = []
  const ended: string[] = []
  const send = createLoginFetch({
    fetch: async (input) => {
      const { status, headers, body } = await browser.script(new Request(input).url)
      const fields = Object.entries(headers).map(([name, value]) => [name, String(value)] as [string, string])
      return new Response(body, { status, headers: fields })
    },
    present: async (challenge) => {
      presented.push(challenge)
      return true
    },
    open: (path) => {
      const shown = { ...OPEN, location: { pathname: '' } }
      void browser.go(stage.origin + path).then(({ url }) => {
        ended.push(new URL(url).pathname)
        shown.location.pathname = new URL(url).pathname
      })
      return shown
    },
  })
  return { send, presented, ended }
}

test('logs in, then steps up, and both requests come to what they were for', async () => {
  const browser = stage.browser()
  const { send, presented, ended } = inPage(browser)
  const first = await send(`${stage.origin}/page`)
  expect([first.status, await first.text()]).toEqual([200, expect.stringContaining('for op/alice')])
  stage.provider.proves({ acr: 'passkey' })
  expect((await send(`${stage.origin}/admin/x`)).status).toBe(200)
  expect(ended).toEqual(['/.balustrade/done', '/.balustrade/done'])
  expect(presented.map(({ stepUp }) => stepUp)).toEqual([null, { level: 'phishing-resistant', maxAge: 900 }])
}, 30_000)

test('what a login does not mend is told as it is', async () => {
  stage.provider.proves({})
  const { send, presented } = inPage(stage.browser())
  stage.provider.behave({ idToken: (all) => ({ ...all, groups: [] }) })
  const response = await send(`${stage.origin}/page`)
  expect(response.status).toBe(403)
  expect(presented).toHaveLength(1)
  stage.provider.behave({})
}, 30_000)
