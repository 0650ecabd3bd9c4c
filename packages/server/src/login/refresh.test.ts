import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Browser, locationOf } from '../../../../test/support/login-browser.ts'
import { type ScriptedProvider, startLoginProvider } from '../../../../test/support/login-provider.ts'
import { createTestClock, type LoginStage, openLoginStage } from '../../../../test/support/login-stage.ts'

const MINUTE = 60_000
const EVERY = 10 * MINUTE
const GRACE = 5 * MINUTE
const clock = createTestClock()
let provider: ScriptedProvider
let stage: LoginStage
beforeAll(async () => {
  provider = await startLoginProvider(clock.now)
  stage = await openLoginStage({
    providers: { corp: provider.entry() },
    clock,
    client: { refresh: { every: EVERY, grace: GRACE }, userinfo: true },
  })
})
beforeEach(() => {
  stage.records.length = 0
  provider.script.broken.clear()
  Object.assign(provider.script, { idToken: {}, header: {}, userinfo: { groups: ['staff'] }, tokens: {}, isRevoked: false })
})
afterAll(async () => {
  await stage.close()
  await provider.close()
})

const logIn = async (): Promise<Browser> => {
  const browser = stage.browser()
  await browser.go(provider.logIn(locationOf(await browser.go(stage.startAt(browser, '/')))))
  provider.forms.length = 0
  return browser
}

const find = async (browser: Browser) => {
  const secret = browser.cookies.get('__Host-balustrade') ?? ''
  return stage.login.reader.find(secret, { now: clock.now(), lenient: false })
}

const claimsOf = async (browser: Browser) => {
  const found = await find(browser)
  return found.status === 'found' ? found.session.claims : found.status
}

test('claims are as new as the interval says, and a session in use asks once', async () => {
  const browser = await logIn()
  provider.script.userinfo = { groups: ['board'] }
  clock.advance(EVERY - MINUTE)
  expect(await claimsOf(browser)).toMatchObject({ groups: ['staff'] })
  expect(provider.forms).toEqual([])
  clock.advance(MINUTE + 1_000)
  const all = await Promise.all(Array.from({ length: 20 }, () => claimsOf(browser)))
  for (const claims of all) expect(claims).toMatchObject({ groups: ['board'] })
  expect(provider.forms.map((form) => form.get('grant_type'))).toEqual(['refresh_token'])
  await claimsOf(browser)
  expect(provider.forms).toHaveLength(1)
})

test('what the provider does not say any more is gone, with and without a new ID token', async () => {
  for (const tokens of [{}, { id_token: undefined }]) {
    Object.assign(provider.script, { userinfo: { groups: ['staff'] }, tokens: {} })
    const browser = await logIn()
    Object.assign(provider.script, { userinfo: {}, tokens })
    clock.advance(EVERY + 1_000)
    expect(await claimsOf(browser)).not.toHaveProperty('groups')
  }
})

test('a refresh proves nothing anew, and lengthens no session', async () => {
  const browser = await logIn()
  const before = await find(browser)
  clock.advance(EVERY + 1_000)
  const after = await find(browser)
  if (before.status !== 'found' || after.status !== 'found') throw new Error('not found')
  expect(after.session).not.toBe(before.session)
  expect(after.session.proofs).toEqual(before.session.proofs)
  expect(after.session.expiresAt).toBe(before.session.expiresAt)
})

describe('the ID token of a refresh', () => {
  const refresh = async (browser: Browser, script: Partial<ScriptedProvider['script']>) => {
    Object.assign(provider.script, { idToken: {}, header: {}, tokens: {}, ...script })
    clock.advance(EVERY + 1_000)
    return claimsOf(browser)
  }
  const WITHOUT = { tokens: { id_token: undefined } }

  test('is kept for those that bring none, and they are no more often asked for', async () => {
    const browser = await logIn()
    expect(await refresh(browser, { idToken: { department: 'new' } })).toMatchObject({ department: 'new' })
    expect(await refresh(browser, WITHOUT)).toMatchObject({ department: 'new' })
    const asked = provider.forms.length
    await claimsOf(browser)
    expect(provider.forms).toHaveLength(asked)
  })

  test('is not kept where it could not be verified', async () => {
    const browser = await logIn()
    expect(await refresh(browser, { header: { kid: 'k9' }, idToken: { department: 'made up' } })).not.toHaveProperty('department')
    const claims = await refresh(browser, WITHOUT)
    expect(claims).toMatchObject({ sub: 'ada' })
    expect(claims).not.toHaveProperty('department')
  })

  test('need not say when the person was authenticated', async () => {
    const browser = await logIn()
    expect(await refresh(browser, { idToken: { auth_time: undefined, department: 'new' } })).toMatchObject({ department: 'new' })
  })

  test('may say it where the login did not', async () => {
    provider.script.idToken = { auth_time: undefined }
    const browser = await logIn()
    expect(await refresh(browser, { idToken: { auth_time: 1, department: 'new' } })).toMatchObject({ department: 'new' })
  })

  test('may repeat the nonce of the login', async () => {
    const browser = await logIn()
    const claims = await claimsOf(browser)
    const nonce = typeof claims === 'object' ? claims['nonce'] : null
    expect(nonce).toEqual(expect.any(String))
    expect(await refresh(browser, { idToken: { nonce, department: 'new' } })).toMatchObject({ department: 'new' })
  })
})

describe('while the provider does not answer', () => {
  test('the session is good for the grace, then unavailable, then good again', async () => {
    const browser = await logIn()
    provider.script.broken.set('/token', 'hang up')
    clock.advance(EVERY + 1_000)
    expect((await find(browser)).status).toBe('found')
    expect((await find(browser)).status).toBe('found')
    expect(provider.forms).toEqual([])
    expect(stage.troubles).toContain('login.refresh')
    clock.advance(GRACE)
    expect((await find(browser)).status).toBe('unavailable')
    provider.script.broken.clear()
    clock.advance(MINUTE)
    expect((await find(browser)).status).toBe('found')
  })

  test('or refuses this server and not the person, nobody is signed out', async () => {
    const browser = await logIn()
    provider.script.broken.set('/token', 401)
    clock.advance(EVERY + 1_000)
    expect((await find(browser)).status).toBe('found')
  })

  test('one that was not used for longer than that is not good before it was refreshed', async () => {
    const browser = await logIn()
    provider.script.broken.set('/token', 500)
    clock.advance(EVERY + GRACE + MINUTE)
    expect((await find(browser)).status).toBe('unavailable')
  })

  test('or its newest key cannot be had, nobody is signed out', async () => {
    const browser = await logIn()
    provider.script.broken.set('/jwks', 'hang up')
    provider.script.header = { kid: 'k2' }
    clock.advance(EVERY + 1_000)
    expect((await find(browser)).status).toBe('found')
  })
})

describe('refresh tokens that are good once', () => {
  test.each([
    { note: 'UserInfo does not answer', fail: () => provider.script.broken.set('/userinfo', 'hang up') },
    { note: 'the ID token is of no key that is known', fail: () => Object.assign(provider.script, { header: { kid: 'k9' } }) },
    { note: 'the ID token is not of this time', fail: () => Object.assign(provider.script, { idToken: { iat: 1 } }) },
  ])('are not lost where $note', async ({ fail }) => {
    const browser = await logIn()
    fail()
    clock.advance(EVERY + 1_000)
    expect((await find(browser)).status).toBe('found')
    expect(provider.forms).toHaveLength(1)
    provider.script.broken.clear()
    Object.assign(provider.script, { header: {}, idToken: {}, userinfo: { groups: ['board'] } })
    clock.advance(MINUTE)
    expect(await claimsOf(browser)).toMatchObject({ groups: ['board'] })
    expect(provider.forms).toHaveLength(2)
  })

  test('may be those of an earlier login than the last', async () => {
    const browser = await logIn()
    clock.advance(MINUTE)
    provider.script.tokens = { refresh_token: undefined }
    await browser.go(provider.logIn(locationOf(await browser.go(stage.startAt(browser, '/')))))
    provider.script.tokens = {}
    Object.assign(provider.script, { userinfo: { groups: ['board'] } })
    clock.advance(EVERY + 1_000)
    const found = await find(browser)
    expect(found).toMatchObject({ status: 'found', session: { proofs: [{}, {}], claims: { groups: ['board'] } } })
  })

  test('are not needed: without one the claims stay for the life of the session', async () => {
    provider.script.tokens = { refresh_token: undefined }
    const browser = await logIn()
    clock.advance(EVERY + GRACE + MINUTE)
    expect((await find(browser)).status).toBe('found')
    expect(provider.forms).toEqual([])
  })
})

describe('the session is over', () => {
  test('when the refresh token is refused', async () => {
    const browser = await logIn()
    provider.script.isRevoked = true
    clock.advance(EVERY + 1_000)
    expect((await find(browser)).status).toBe('none')
    expect(stage.records.at(-1)).toMatchObject({ outcome: 'ended', who: { provider: 'corp', subject: 'ada' } })
    provider.script.isRevoked = false
    expect((await find(browser)).status).toBe('none')
  })

  test.each([
    { note: 'another person', idToken: { sub: 'bob' } },
    { note: 'another issuer', idToken: { iss: 'https://evil.example' } },
    { note: 'another audience', idToken: { aud: 'other' } },
    { note: 'another login', idToken: { auth_time: 1 } },
    { note: 'another nonce', idToken: { nonce: 'other' } },
  ])('when the refreshed ID token is of $note', async ({ idToken }) => {
    const browser = await logIn()
    provider.script.idToken = idToken
    clock.advance(EVERY + 1_000)
    expect((await find(browser)).status).toBe('none')
  })
})
