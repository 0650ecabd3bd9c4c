import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeCertificate } from '../../../../test/support/certificate.ts'
import { type Browser, locationOf } from '../../../../test/support/login-browser.ts'
import { type ScriptedProvider, startLoginProvider } from '../../../../test/support/login-provider.ts'
import { createTestClock, type LoginStage, openLoginStage, type TestClock } from '../../../../test/support/login-stage.ts'

let clock: TestClock
let provider: ScriptedProvider
let second: ScriptedProvider
let stage: LoginStage
beforeAll(async () => {
  clock = createTestClock()
  provider = await startLoginProvider(clock.now)
  second = await startLoginProvider(clock.now)
  stage = await openLoginStage({
    providers: { corp: provider.entry(), partner: second.entry() },
    clock,
    client: { userinfo: true },
  })
})
beforeEach(() => {
  stage.records.length = 0
  stage.troubles.length = 0
  for (const { script, forms } of [provider, second]) {
    script.broken.clear()
    script.raw.clear()
    Object.assign(script, { response: {}, metadata: {}, tokens: {} })
    forms.length = 0
  }
  // What is remembered of the providers is too old.
  clock.advance(90_000_000)
})
afterAll(async () => {
  await stage.close()
  await provider.close()
  await second.close()
})

const begin = (browser: Browser, name = 'corp') => browser.go(`${stage.startAt(browser, '/orders')}&provider=${name}`)

describe('a provider that is down', () => {
  test('before the browser is sent there: nothing is begun', async () => {
    provider.script.broken.set('/.well-known/openid-configuration', 'hang up')
    const browser = stage.browser()
    const begun = await begin(browser)
    expect([begun.status, stage.failures()]).toEqual([503, ['login.provider_unavailable']])
    expect(browser.cookies.size).toBe(0)
    expect(begun.body).toContain('/orders')
    provider.script.broken.clear()
    clock.advance(2_001)
    expect((await begin(browser)).status).toBe(303)
  })

  test.each([
    { note: 'the token endpoint hangs up', path: '/token', reply: 'hang up', code: 'login.provider_unavailable', status: 503 },
    { note: 'the token endpoint fails', path: '/token', reply: 500, code: 'login.provider_unavailable', status: 503 },
    {
      note: 'the token endpoint has had too many requests',
      path: '/token',
      reply: 429,
      code: 'login.provider_unavailable',
      status: 503,
    },
    { note: 'the token endpoint sends elsewhere', path: '/token', reply: 302, code: 'login.provider_fault', status: 502 },
    { note: 'the keys are away', path: '/jwks', reply: 'hang up', code: 'login.provider_unavailable', status: 503 },
    { note: 'UserInfo hangs up', path: '/userinfo', reply: 'hang up', code: 'login.provider_unavailable', status: 503 },
    { note: 'UserInfo refuses', path: '/userinfo', reply: 403, code: 'login.userinfo', status: 502 },
  ] as const)('$note: nobody is logged in', async ({ path, reply, code, status }) => {
    const browser = stage.browser()
    const url = provider.logIn(locationOf(await begin(browser)))
    provider.script.broken.set(path, reply)
    const back = await browser.go(url)
    expect([back.status, stage.failures()]).toEqual([status, [code]])
    expect(stage.troubles).toContain(code)
    expect(browser.cookies.has('__Host-balustrade')).toBe(false)
  })
})

describe('metadata are not believed', () => {
  test.each([
    { note: 'of another issuer', metadata: { issuer: 'http://127.0.0.1:1' } },
    { note: 'of an issuer with a slash more', metadata: (issuer: string) => ({ issuer: `${issuer}/` }) },
    { note: 'without an authorization endpoint', metadata: { authorization_endpoint: undefined } },
    { note: 'with a script as one', metadata: { authorization_endpoint: 'javascript:alert(1)' } },
    { note: 'with a file as one', metadata: { authorization_endpoint: 'file:///etc/passwd' } },
    { note: 'with credentials in it', metadata: { authorization_endpoint: 'https://a:b@login.example.com/' } },
    { note: 'with a fragment in it', metadata: { token_endpoint: 'https://login.example.com/token#a' } },
  ])('$note', async ({ metadata }) => {
    provider.script.metadata = typeof metadata === 'function' ? metadata(provider.issuer) : metadata
    const begun = await begin(stage.browser())
    expect([begun.status, stage.failures()]).toEqual([503, ['login.provider_unavailable']])
  })

  test('what they lead to is reached under the same guard as everything', async () => {
    provider.script.metadata = { token_endpoint: 'https://169.254.169.254/token' }
    const browser = stage.browser()
    const back = await browser.go(provider.logIn(locationOf(await begin(browser))))
    expect([back.status, stage.failures()]).toEqual([502, ['login.provider_fault']])
  })
})

describe('two providers', () => {
  test('an answer of one to a login at the other goes nowhere', async () => {
    const browser = stage.browser()
    const begun = await begin(browser, 'corp')
    const back = await browser.go(second.logIn(locationOf(begun)))
    expect([back.status, stage.failures()]).toEqual([400, ['login.issuer']])
    expect([provider.forms, second.forms]).toEqual([[], []])
  })

  test('one that promises to name itself and does not', async () => {
    provider.script.response = { iss: undefined }
    const browser = stage.browser()
    await browser.go(provider.logIn(locationOf(await begin(browser))))
    expect(stage.failures()).toEqual(['login.issuer'])
    expect(provider.forms).toEqual([])
  })

  test('the person chooses', async () => {
    const browser = stage.browser()
    const link = stage.startAt(browser, '/orders')
    const page = await browser.go(link)
    expect(page.status).toBe(200)
    expect([...page.body.matchAll(/provider=(\w+)/g)].map(([, name]) => name)).toEqual(['corp', 'partner'])
    expect((await browser.go(`${link}&provider=nobody`)).status).toBe(403)
  })
})

describe('what the provider says of a failure', () => {
  test.each([
    { error: 'access_denied', status: 403, code: 'login.refused' },
    { error: 'server_error', status: 503, code: 'login.provider_unavailable' },
    { error: 'unmet_authentication_requirements', status: 403, code: 'login.not_enough' },
  ])('$error is told in our words', async ({ error, status, code }) => {
    provider.script.response = { code: undefined, error, error_description: '<b>CANARY</b>', error_uri: 'https://evil.example/' }
    const browser = stage.browser()
    const back = await browser.go(provider.logIn(locationOf(await begin(browser))))
    expect([back.status, stage.failures()]).toEqual([status, [code]])
    expect(back.body).not.toMatch(/CANARY|evil/)
  })

  test('a code that was used before', async () => {
    const browser = stage.browser()
    const [first, again] = [await begin(browser), await begin(browser)]
    const used = new URL(provider.logIn(locationOf(first)))
    await browser.go(used.href)
    const replayed = new URL(provider.logIn(locationOf(again)))
    replayed.searchParams.set('code', used.searchParams.get('code') ?? '')
    const back = await browser.go(replayed.href)
    expect([back.status, stage.failures()]).toEqual([400, ['login.code']])
  })
})

describe('a provider over TLS', () => {
  const outcome = async (ca: string | null) => {
    const certificate = makeCertificate(['localhost'])
    const secure = await startLoginProvider(clock.now, certificate)
    const own = await openLoginStage({
      providers: { corp: secure.entry() },
      clock,
      client: { ca: ca ?? certificate.cert, userinfo: true },
    })
    const browser = own.browser()
    const begun = await browser.go(own.startAt(browser, '/orders'))
    const back = begun.status === 303 ? await browser.go(secure.logIn(locationOf(begun))) : begun
    await own.close()
    await secure.close()
    return [back.status, locationOf(back)]
  }

  test('is believed by the certificates that the client names', async () => {
    expect(await outcome(null)).toEqual([303, '/orders'])
  })

  test('and by no others', async () => {
    expect(await outcome(makeCertificate(['localhost']).cert)).toEqual([503, ''])
  })
})

describe('how the client proves itself', () => {
  const outcome = async (method: string, client: Parameters<LoginStage['configure']>[0] = {}) => {
    provider.script.metadata = { token_endpoint_auth_methods_supported: [method] }
    stage.configure(client)
    clock.advance(90_000_000)
    const browser = stage.browser()
    const back = await browser.go(provider.logIn(locationOf(await begin(browser))))
    stage.configure({ userinfo: true })
    return back.status
  }

  test('as the provider takes it, and without a secret where there is none', async () => {
    expect(await outcome('client_secret_basic')).toBe(303)
    expect(await outcome('client_secret_post')).toBe(303)
    expect(await outcome('none', { secret: null })).toBe(303)
  })

  test('a client that is refused is for the operator to mend', async () => {
    expect(await outcome('client_secret_basic', { secret: null })).toBe(502)
    expect(stage.failures()).toEqual(['login.provider_fault'])
    expect(stage.troubles).toContain('login.provider_fault')
  })
})

describe('answers that are read strictly', () => {
  const TOKENS = '"access_token":"a","token_type":"Bearer"'
  test.each([
    {
      note: 'a name twice',
      path: '/token',
      type: 'application/json',
      body: `{${TOKENS},"id_token":"a","id_token":"b"}`,
      code: 'login.provider_fault',
    },
    { note: 'no JSON', path: '/token', type: 'application/json', body: 'access_token=a', code: 'login.provider_fault' },
    { note: 'no object', path: '/token', type: 'application/json', body: '[]', code: 'login.provider_fault' },
    { note: 'another type', path: '/token', type: 'text/html', body: `{${TOKENS}}`, code: 'login.provider_fault' },
    {
      note: 'more than a megabyte',
      path: '/token',
      type: 'application/json',
      body: `{${TOKENS},"x":"${'x'.repeat(1_048_576)}"}`,
      code: 'login.provider_fault',
    },
    {
      note: 'nothing of an ID token',
      path: '/token',
      type: 'application/json',
      body: `{${TOKENS}}`,
      code: 'login.token_malformed',
    },
    {
      note: 'UserInfo with a name twice',
      path: '/userinfo',
      type: 'application/json',
      body: '{"sub":"bob","sub":"ada"}',
      code: 'login.userinfo',
    },
    { note: 'UserInfo that is signed', path: '/userinfo', type: 'application/jwt', body: 'a.b.c', code: 'login.userinfo' },
    { note: 'UserInfo that is no object', path: '/userinfo', type: 'application/json', body: '["ada"]', code: 'login.userinfo' },
  ])('$note', async ({ path, type, body, code }) => {
    const browser = stage.browser()
    const url = provider.logIn(locationOf(await begin(browser)))
    provider.script.raw.set(path, [type, body])
    expect([(await browser.go(url)).status, stage.failures()]).toEqual([502, [code]])
  })
})
