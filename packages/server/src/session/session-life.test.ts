import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  at,
  begun,
  HOUR,
  lookUp,
  MINUTE,
  openWorld,
  person,
  type SessionWorld,
  START,
  until,
  warm,
} from '../../../../test/support/sessions.ts'

let world: SessionWorld
beforeEach(() => {
  world = openWorld()
})
afterEach(() => world.close())

const ABSOLUTE = 3 * HOUR
const IDLE = HOUR

describe('when a session is over', () => {
  test.each([
    { note: 'a moment before it was unused for too long', uses: [IDLE - 1], word: 'found' },
    { note: 'unused for too long', uses: [IDLE], word: 'session.expired' },
    { note: 'unused for too long by a moment', uses: [IDLE + 1], word: 'session.expired' },
    { note: 'a use begins the idle time again', uses: [IDLE - 1, 2 * IDLE - 2], word: 'found' },
    { note: 'and it ends again', uses: [IDLE - 1, 2 * IDLE - 1], word: 'session.expired' },
    {
      note: 'a moment before its absolute end, used all the time',
      uses: [IDLE - 1, 2 * IDLE - 2, 3 * IDLE - 3, ABSOLUTE - 1],
      word: 'found',
    },
    {
      note: 'at its absolute end, used all the time',
      uses: [IDLE - 1, 2 * IDLE - 2, 3 * IDLE - 3, ABSOLUTE],
      word: 'session.expired',
    },
    { note: 'a use that was refused is no use', uses: [IDLE, IDLE + 1], word: 'session.expired' },
    { note: 'a clock that goes back lengthens nothing', uses: [10, 5, IDLE + 10], word: 'session.expired' },
  ])('$note', async ({ uses, word }) => {
    const one = await world.open({ absolute: ABSOLUTE, idle: IDLE })
    const [cold, warmed] = [await begun(one), await begun(one)]
    await warm(one, warmed.secret)
    for (const { secret } of [cold, warmed]) {
      const words: string[] = []
      for (const after of uses) words.push(await lookUp(one, secret, START + after))
      expect(words.at(-1)).toBe(word)
    }
  })

  test('a step-up begins the idle time again and leaves the end where it was', async () => {
    const one = await world.open({ absolute: ABSOLUTE, idle: IDLE })
    let secret = (await begun(one)).secret
    for (let n = 1; n <= 3; n++) {
      const made = await one.sessions.elevate(secret, person(), at(START + n * (IDLE - 1)))
      if (!made.ok || made.value === null) throw new Error('refused')
      expect(made.value.session.expiresAt).toBe(START + ABSOLUTE)
      secret = made.value.secret
    }
    expect(await lookUp(one, secret, START + ABSOLUTE - 1)).toBe('found')
    expect(await one.sessions.elevate(secret, person(), at(START + ABSOLUTE))).toEqual({ ok: true, value: null })
    expect(await lookUp(one, secret, START + ABSOLUTE)).toBe('session.expired')
  })

  test.each([
    { note: 'unused for too long', now: START + IDLE },
    { note: 'at its absolute end', now: START + ABSOLUTE },
  ])('$note nothing can be done with it', async ({ now }) => {
    const one = await world.open({ absolute: ABSOLUTE, idle: IDLE })
    const { secret, session } = await begun(one)
    const by = { claims: {}, tokens: { idToken: null, refreshToken: null } }
    expect(await one.sessions.elevate(secret, person(), at(now))).toEqual({ ok: true, value: null })
    expect(await one.sessions.renew(session.id, by, now)).toEqual({ ok: true, value: null })
    expect(await one.sessions.tokensOf(secret, now)).toEqual({ ok: true, value: null })
    expect(await one.sessions.list(now)).toEqual({ ok: true, value: [] })
  })
})

describe('what outlives a restart', () => {
  test('sessions, their last use and their ends', async () => {
    const first = await world.open({ idle: IDLE })
    const [kept, ended] = [await begun(first), await begun(first)]
    await first.sessions.end({ secret: ended.secret }, { ...at(), by: 'logout' })
    expect(await lookUp(first, kept.secret, START + IDLE - 1)).toBe('found')
    await first.close()

    const second = await world.open({ idle: IDLE })
    expect(await lookUp(second, kept.secret, START + 2 * IDLE - 2)).toBe('found')
    expect(await lookUp(second, ended.secret)).toBe('session.none')
  })

  test('the epoch', async () => {
    const first = await world.open()
    const before = await begun(first)
    await first.sessions.end('all', { ...at(), by: 'operator' })
    await first.close()
    const second = await world.open()
    expect(await lookUp(second, before.secret)).toBe('session.none')
    expect(await lookUp(second, (await begun(second)).secret)).toBe('found')
  })

  test('uses, a tenth of the idle time after them at the latest, though the process was killed', async () => {
    const idle = 2_000
    const first = await world.open({ idle })
    const { secret } = await begun(first)
    expect(await lookUp(first, secret, START + idle - 1)).toBe('found')
    const second = await world.open({ idle })
    // The first is not closed: what it knows reaches the second through the store alone.
    await until(async () => {
      const listed = await second.sessions.list(START)
      return listed.ok && listed.value[0]?.usedAt === START + idle - 1
    })
    expect(await lookUp(second, secret, START + idle + 1)).toBe('found')
  })
})

test('a use in another process counts, though this one did not see it', async () => {
  const [here, there] = [await world.open({ idle: 10 * MINUTE }), await world.open({ idle: 10 * MINUTE })]
  const { secret } = await begun(here)
  for (const process of [here, there]) await warm(process, secret)
  expect(await lookUp(there, secret, START + 9 * MINUTE)).toBe('found')
  await there.sessions.close()
  expect(await lookUp(here, secret, START + 12 * MINUTE)).toBe('found')
})

test('lists what is good, with its lives', async () => {
  const one = await world.open({ absolute: ABSOLUTE, idle: IDLE })
  const { secret, session } = await begun(one)
  await begun(one, { subject: 'bob' }, START + MINUTE)
  await lookUp(one, secret, START + IDLE - 1)
  const ada = { id: session.id, provider: 'corp', subject: 'ada', begunAt: START, usedAt: START + IDLE - 1 }
  expect(await one.sessions.list(START + IDLE + 2 * MINUTE)).toEqual({
    ok: true,
    value: [{ ...ada, expiresAt: START + ABSOLUTE }],
  })
})
