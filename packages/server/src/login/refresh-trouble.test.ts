// Refreshes that cannot be made, kept or waited for, on a store in memory that does not always answer.
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { imageOf, loginInMemory } from '../../../../test/support/login-in-memory.ts'
import { type ScriptedProvider, startLoginProvider } from '../../../../test/support/login-provider.ts'
import { createTestClock } from '../../../../test/support/login-stage.ts'

const MINUTE = 60_000
const EVERY = 10 * MINUTE
const clock = createTestClock()
let provider: ScriptedProvider
beforeAll(async () => {
  provider = await startLoginProvider(clock.now)
})
beforeEach(() => {
  provider.script.broken.clear()
  provider.script.raw.clear()
  Object.assign(provider.script, { idToken: {}, tokens: {}, userinfo: { groups: ['staff'] }, isRevoked: false })
})
afterAll(() => provider.close())

type Stage = ReturnType<typeof loginInMemory>
const open = (client = {}) =>
  loginInMemory(provider, { clock, client: { refresh: { every: EVERY, grace: 5 * MINUTE }, userinfo: true, ...client } })
const logIn = async (stage: Stage) => {
  const browser = stage.browser()
  await browser.go(await stage.returnOf(browser))
  return browser.cookies.get('__Host-balustrade') ?? ''
}
const find = (stage: Stage, secret: string) => stage.login.reader.find(secret, { now: clock.now(), lenient: false })
const statusOf = async (stage: Stage, secret: string) => (await find(stage, secret)).status
const groupsOf = async (stage: Stage, secret: string) => {
  const found = await find(stage, secret)
  return found.status === 'found' ? found.session.claims['groups'] : found.status
}

const refreshTroubles = ({ troubles }: Stage) => troubles.filter(([code]) => code === 'login.refresh').length
test('without settings for it nothing is refreshed', async () => {
  const stage = open({ refresh: null })
  const secret = await logIn(stage)
  const forms = provider.forms.length
  clock.advance(EVERY + MINUTE)
  expect(await statusOf(stage, secret)).toBe('found')
  expect(provider.forms).toHaveLength(forms)
})

test('what is no session is given as it is', async () => {
  expect(await statusOf(open(), 'x'.repeat(43))).toBe('none')
})

describe('claims stay as they were, for the grace, where', () => {
  test.each<{ note: string; before: (stage: Stage) => void; isAsked?: boolean }>([
    { note: 'the turn cannot be taken', before: (stage) => stage.silence(['add']) },
    { note: 'no policy is in force', before: (stage) => stage.setImage(null) },
    { note: 'the provider is declared no more', before: (stage) => stage.setImage(imageOf({})) },
    { note: 'the refreshed session cannot be kept', before: (stage) => stage.silence(['compareAndSet']), isAsked: true },
    {
      note: 'the provider says no for another reason',
      before: () => void provider.script.broken.set('/token', 400),
      isAsked: true,
    },
  ])('$note', async ({ before, isAsked = false }) => {
    const stage = open()
    const secret = await logIn(stage)
    clock.advance(EVERY + 1_000)
    before(stage)
    Object.assign(provider.script, { userinfo: { groups: ['board'] } })
    const hits = provider.hits('/token')
    expect(await groupsOf(stage, secret)).toEqual(['staff'])
    expect(provider.hits('/token')).toBe(hits + (isAsked ? 1 : 0))
    expect(refreshTroubles(stage)).toBe(1)
  })

  test('another process is at it', async () => {
    const stage = open()
    const secret = await logIn(stage)
    const found = await find(stage, secret)
    if (found.status !== 'found') throw new Error('not found')
    clock.advance(EVERY + 1_000)
    await stage.real.add('used', `refresh ${found.session.id}`, { value: true, expiresAt: Infinity, tags: [] })
    const hits = provider.hits('/token')
    expect(await groupsOf(stage, secret)).toEqual(['staff'])
    expect([provider.hits('/token'), refreshTroubles(stage)]).toEqual([hits, 0])
  })

  test('the refresh takes longer than a request waits', async () => {
    const stage = open()
    const secret = await logIn(stage)
    clock.advance(EVERY + 1_000)
    provider.script.userinfo = { groups: ['board'] }
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const turns = () => stage.asked.filter((name) => name === 'add').length
    const before = turns()
    const finding = groupsOf(stage, secret)
    while (turns() === before) await Promise.resolve()
    vi.advanceTimersByTime(1_000)
    expect(await finding).toEqual(['staff'])
    vi.useRealTimers()
    await vi.waitFor(async () => expect(await groupsOf(stage, secret)).toEqual(['board']), { timeout: 20_000 })
  })

  test('a kept ID token cannot be read, and no other comes', async () => {
    for (const kept of [null, 'a', 'a.b.c']) {
      const stage = open()
      const secret = await logIn(stage)
      const found = await find(stage, secret)
      const tokens = await stage.sessions.tokensOf(secret, clock.now())
      if (found.status !== 'found' || !tokens.ok || tokens.value === null) throw new Error('not found')
      const { id, claims } = found.session
      await stage.sessions.renew(id, { claims, tokens: { ...tokens.value, idToken: kept } }, clock.now())
      provider.script.tokens = { id_token: undefined, refresh_token: undefined }
      clock.advance(EVERY + 1_000)
      provider.script.userinfo = { groups: ['board'] }
      expect(await groupsOf(stage, secret)).toEqual(['staff'])
      Object.assign(provider.script, { tokens: {}, userinfo: { groups: ['staff'] } })
    }
  })
})

describe('the session is gone where it ended', () => {
  test('before its tokens were read', async () => {
    const stage = open()
    const secret = await logIn(stage)
    await find(stage, secret)
    clock.advance(EVERY + 1_000)
    const finding = find(stage, secret)
    await stage.real
      .list('session')
      .then((all) => Promise.all((all.ok ? all.value : []).map(({ key }) => stage.real.remove('session', key))))
    expect((await finding).status).toBe('none')
    expect(refreshTroubles(stage)).toBe(0)
  })

  test('while the provider was asked', async () => {
    const stage = open()
    const secret = await logIn(stage)
    await find(stage, secret)
    clock.advance(EVERY + 1_000)
    const hits = provider.hits('/token')
    const finding = find(stage, secret)
    await vi.waitFor(() => expect(provider.hits('/token')).toBe(hits + 1), { timeout: 20_000, interval: 1 })
    await stage.real
      .list('session')
      .then((all) => Promise.all((all.ok ? all.value : []).map(({ key }) => stage.real.remove('session', key))))
    expect((await finding).status).toBe('none')
  })
})

test('tokens that cannot be read are a failure, not an end', async () => {
  const stage = open()
  const secret = await logIn(stage)
  clock.advance(EVERY + 1_000)
  const turns = () => stage.asked.filter((name) => name === 'add').length
  const before = turns()
  const finding = find(stage, secret)
  while (turns() === before) await Promise.resolve()
  // The session is read and the turn is taken; its tokens are not told.
  stage.silence(['get'])
  expect((await finding).status).toBe('found')
  expect(refreshTroubles(stage)).toBe(1)
  stage.answerAll()
  expect(await statusOf(stage, secret)).toBe('found')
})
