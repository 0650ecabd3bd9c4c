// People of the demo log in through the gateway at a real provider (oidc-provider): nothing here speaks for either side.
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { layProviderKeys } from '../../packages/balustrade/src/demo/lay-folder.ts'
import { type Account, loadPeople } from '../../packages/balustrade/src/demo/people.ts'
import { type StartedDemo, startDemo } from '../../packages/balustrade/src/demo/start-demo.ts'
import { totpCode } from '../../packages/balustrade/src/demo/totp.ts'
import { readLog } from '../../packages/core/src/decision-log/read-log.ts'
import { type Browser, createBrowser, type Shown } from './browser.ts'

const QUIET = { info: () => {}, warn: () => {}, error: () => {} } as const
let demo: StartedDemo
let people: readonly Account[] = []
beforeAll(async () => {
  demo = await startDemo({ port: 0, folder: null, serviceLog: QUIET })
  people = loadPeople(layProviderKeys(dirname(demo.folder.config)).peopleFile)
}, 30_000)
afterAll(() => demo.close())

const personNamed = (name: string): Account => {
  const found = people.find((person) => person.name === name)
  if (found === undefined) throw new Error(`the demo has nobody of the name ${name}`)
  return found
}

const answer = (browser: Browser, { url }: Shown, fields: Readonly<Record<string, string>>): Promise<Shown> =>
  browser.submit(url, new URLSearchParams(fields).toString(), new URL(url).origin)

const logIn = async (browser: Browser, path: string, name: string): Promise<Shown> => {
  const asked = await browser.go(`${demo.urls.gateway}${path}`)
  expect(new URL(asked.url).origin).toBe(demo.urls.provider)
  return answer(browser, asked, { do: 'password', name, password: personNamed(name).password })
}

const inputsIn = (page: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name, value]) => [name, value]),
  )

const failures = async (): Promise<readonly string[]> => {
  const codes: string[] = []
  for await (const { record } of readLog(demo.folder.log)) {
    if (record.kind === 'authentication' && record.outcome === 'failed') codes.push(record.code)
  }
  return codes
}

describe('a person at a browser', () => {
  const browser = createBrowser('localhost')
  const cookie = (): string => browser.cookies.get('balustrade') ?? ''
  const gateway = (path: string): string => `${demo.urls.gateway}${path}`

  test('logs in, and gets the page that was asked for', async () => {
    const shown = await logIn(browser, '/api/orders?page=2', 'mia')
    expect([shown.status, shown.url]).toEqual([200, gateway('/api/orders?page=2')])
    expect(JSON.parse(shown.body)).toMatchObject({ served: 'GET /api/orders?page=2', user: 'demo/mia', groups: 'members' })
  })

  test('sends a form, proves a second factor, and the form is there to be sent', async () => {
    const before = cookie()
    const asked = await browser.submit(gateway('/api/orders'), 'amount=7&to=Bob+%26+Co')
    expect(new URL(asked.url).origin).toBe(demo.urls.provider)
    const resumed = await answer(browser, asked, { do: 'code', code: totpCode(personNamed('mia').totpSecret, Date.now()) })
    expect(new URL(resumed.url).pathname).toBe('/.balustrade/resume')
    expect(inputsIn(resumed.body)).toEqual({ amount: '7', to: 'Bob &amp; Co' })
    expect([cookie() === before, cookie().length]).toEqual([false, 43])
    const sent = await browser.submit(gateway('/api/orders'), 'amount=7&to=Bob+%26+Co')
    expect(JSON.parse(sent.body)).toMatchObject({ served: 'POST /api/orders', user: 'demo/mia' })
  })

  test('whose old session is of no use any more', async () => {
    const thief = createBrowser('localhost')
    thief.cookies.set('balustrade', 'x'.repeat(43))
    expect(new URL((await thief.go(gateway('/api/orders'))).url).origin).toBe(demo.urls.provider)
  })

  test('signs out, at the gateway and at the provider', async () => {
    const left = await browser.submit(gateway('/.balustrade/logout'), '')
    expect(new URL(left.url).origin).toBe(demo.urls.provider)
    expect(browser.cookies.has('balustrade')).toBe(false)
    const action = /<form method="post" action="([^"]*)">/.exec(left.body)?.[1] ?? ''
    const fields = new URLSearchParams({ ...inputsIn(left.body), logout: 'yes' }).toString()
    const back = await browser.submit(new URL(action, left.url).href, fields, new URL(left.url).origin)
    expect([back.status, new URL(back.url).pathname]).toEqual([200, '/.balustrade/logged-out'])
    const again = await browser.go(gateway('/api/orders'))
    expect(again.body).toContain('password')
  })

  test('and nothing of it failed', async () => expect(await failures()).toEqual([]))
})
