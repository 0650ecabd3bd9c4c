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
import type { Ending } from './sessions.ts'

let world: SessionWorld
beforeEach(() => {
  world = openWorld()
})
afterEach(() => world.close())

describe('a session', () => {
  test('is found by its secret, which is new each time and 32 bytes long', async () => {
    const one = await world.open()
    const [first, second] = [await begun(one), await begun(one)]
    expect(first.secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(second.secret).not.toBe(first.secret)
    expect(first.session.id).not.toBe(first.secret)
    expect(await lookUp(one, first.secret)).toBe('found')
    expect(await lookUp(one, second.secret)).toBe('found')
    expect(await lookUp(one, 'A'.repeat(43))).toBe('session.none')
  })

  test('asks the store nothing while it is warm; what is unknown costs one question each time', async () => {
    const one = await world.open()
    const { secret } = await begun(one)
    await warm(one, secret)
    const before = one.asked().length
    for (let n = 0; n < 100; n++) void one.sessions.reader.find(secret, { now: START, lenient: false })
    expect(one.asked().length).toBe(before)
    for (let n = 0; n < 3; n++) expect(await lookUp(one, 'A'.repeat(43))).toBe('session.none')
    expect(one.asked().slice(before)).toEqual(['get', 'get', 'get'])
    await Promise.all(Array.from({ length: 20 }, () => lookUp(one, 'B'.repeat(43))))
    expect(one.asked().slice(before)).toEqual(['get', 'get', 'get', 'get'])
  })

  test('is the same object while nothing changes, and is given at once when it is warm', async () => {
    const one = await world.open()
    const { secret, session } = await begun(one)
    await warm(one, secret)
    const [first, second] = [0, 1].map((ms) => one.sessions.reader.find(secret, { now: START + ms, lenient: false }))
    if (first instanceof Promise || first?.status !== 'found') throw new Error('not warm')
    expect(first.session).toEqual(session)
    expect(second).toBe(first)
  })
})

interface EndingCase {
  readonly note: string
  readonly which: (given: { readonly secret: string; readonly id: string }) => Ending
  readonly others: 'live' | 'over'
}

const endings: readonly EndingCase[] = [
  { note: 'logout, by secret', which: ({ secret }) => ({ secret }), others: 'live' },
  { note: 'the operator, by id', which: ({ id }) => ({ id }), others: 'live' },
  { note: 'the session at the provider', which: () => ({ provider: 'corp', sid: 's1' }), others: 'live' },
  { note: 'the person', which: () => ({ provider: 'corp', subject: 'ada' }), others: 'live' },
  { note: 'the epoch', which: () => 'all', others: 'over' },
]

describe.each(endings)('ending by $note', ({ which, others }) => {
  test('is seen at once here, in another process soon, and told once', async () => {
    const [here, there] = [await world.open(), await world.open()]
    const ada = await begun(here, { sid: 's1' })
    const bob = await begun(here, { subject: 'bob', sid: 's2' })
    const namesake = await begun(here, { provider: 'partner', sid: 's1' })
    for (const process of [here, there]) for (const { secret } of [ada, bob, namesake]) await warm(process, secret)
    const ringsBefore = there.rings()

    const ending = which({ secret: ada.secret, id: ada.session.id })
    const ended = await here.sessions.end(ending, { ...at(START + 5), by: 'operator' })
    expect(ended).toEqual({ ok: true, value: others === 'live' ? 1 : 3 })
    expect(await lookUp(here, ada.secret)).toBe('session.none')
    for (const other of [bob, namesake])
      expect(await lookUp(here, other.secret)).toBe(others === 'live' ? 'found' : 'session.none')
    expect(here.rings()).toBeGreaterThan(0)

    await until(async () => (await lookUp(there, ada.secret)) === 'session.none')
    await until(() => there.rings() > ringsBefore)
    for (const other of [bob, namesake]) {
      if (others === 'over') await until(async () => (await lookUp(there, other.secret)) === 'session.none')
      else expect(await lookUp(there, other.secret)).toBe('found')
    }

    expect(await here.sessions.end(ending, { ...at(), by: 'operator' })).toEqual({ ok: true, value: 0 })
    const told = here.records.filter((record) => record.kind === 'authentication' && record.outcome === 'ended')
    expect(told).toHaveLength(others === 'live' ? 1 : 3)
    expect(told).toContainEqual(
      expect.objectContaining({
        at: START + 5,
        code: 'session.ended.operator',
        who: { provider: 'corp', subject: 'ada', session: ada.session.id },
      }),
    )
    expect((await begun(here)).session.subject).toBe('ada')
  })
})

describe('a new login', () => {
  test('ends the session that the browser had, whoever it spoke for', async () => {
    const one = await world.open()
    const before = await begun(one, { subject: 'mallory' })
    await warm(one, before.secret)
    const made = await one.sessions.begin(person(), { ...at(), replaces: before.secret })
    expect(made.ok).toBe(true)
    expect(await lookUp(one, before.secret)).toBe('session.none')
    expect(one.records.map((record) => ('code' in record ? record.code : record.kind))).toEqual([
      'session.begun',
      'session.ended.replaced',
      'session.begun',
    ])
  })
})

describe('a step-up', () => {
  test('gives a new secret, kills the old one at once, adds a proof and lengthens nothing', async () => {
    const [here, there] = [await world.open(), await world.open()]
    const before = await begun(here, { answered: null })
    for (const process of [here, there]) await warm(process, before.secret)
    const now = START + 10 * MINUTE
    const made = await here.sessions.elevate(
      before.secret,
      person({ proof: { amr: ['hwk'] }, claims: { email: 'new@example.com' }, answered: 'remedy' }),
      at(now),
    )
    if (!made.ok || made.value === null) throw new Error('refused')
    const { secret, session } = made.value
    expect(await lookUp(here, before.secret, now)).toBe('session.none')
    expect(session).toEqual({
      ...before.session,
      id: session.id,
      claims: { email: 'new@example.com' },
      proofs: [{ acr: 'gold', auth_time: 1 }, { amr: ['hwk'] }],
    })
    expect(await lookUp(here, secret, now)).toBe('found')
    expect(here.sessions.lastAnswered(session.id)).toEqual({ digest: 'remedy', at: now })
    await until(async () => (await lookUp(there, before.secret, now)) === 'session.none')
    expect(await lookUp(there, secret, now)).toBe('found')
    expect(await lookUp(here, secret, before.session.expiresAt - 1)).toBe('session.expired')
  })

  test.each([
    { note: 'another subject', from: person({ subject: 'bob' }) },
    { note: 'another provider', from: person({ provider: 'partner' }) },
  ])('by $note is refused and changes nothing', async ({ from }) => {
    const one = await world.open()
    const { secret } = await begun(one)
    expect(await one.sessions.elevate(secret, from, at())).toEqual({ ok: true, value: null })
    expect(await lookUp(one, secret)).toBe('found')
    expect(await one.sessions.list(START)).toMatchObject({ ok: true, value: [{ subject: 'ada' }] })
  })

  test('keeps eight proofs, the latest', async () => {
    const one = await world.open()
    let { secret, session } = await begun(one, { proof: { n: 0 } })
    for (let n = 1; n <= 9; n++) {
      const made = await one.sessions.elevate(secret, person({ proof: { n } }), at())
      if (!made.ok || made.value === null) throw new Error('refused')
      ;({ secret, session } = made.value)
    }
    expect(session.proofs).toEqual([2, 3, 4, 5, 6, 7, 8, 9].map((n) => ({ n })))
  })

  test('of twenty at once in two processes one wins', async () => {
    const [here, there] = [await world.open(), await world.open()]
    const { secret } = await begun(here)
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? here : there).sessions.elevate(secret, person(), at())),
    )
    const won = made.flatMap((each) => (each.ok && each.value !== null ? [each.value] : []))
    expect(made.every(({ ok }) => ok)).toBe(true)
    expect(won).toHaveLength(1)
    expect(await lookUp(here, won[0]?.secret ?? '')).toBe('found')
    await until(async () => {
      const listed = await here.sessions.list(START)
      return listed.ok && listed.value.length === 1
    })
  })
})

describe('a refresh', () => {
  test('changes claims and tokens, and neither secret, proofs nor life', async () => {
    const [here, there] = [await world.open(), await world.open()]
    const { secret, session } = await begun(here, { tokens: { idToken: 'i1', refreshToken: 'r1' } })
    await warm(there, secret)
    const renewed = await here.sessions.renew(
      session.id,
      { claims: { email: 'new@example.com' }, tokens: { idToken: 'i1', refreshToken: 'r2' } },
      START + MINUTE,
    )
    expect(renewed).toEqual({ ok: true, value: { ...session, claims: { email: 'new@example.com' } } })
    expect(await here.sessions.tokensOf(secret, START)).toEqual({ ok: true, value: { idToken: 'i1', refreshToken: 'r2' } })
    await until(async () => {
      const found = await there.sessions.reader.find(secret, { now: START, lenient: false })
      return found.status === 'found' && found.session.claims['email'] === 'new@example.com'
    })
    expect(await lookUp(here, secret, START + HOUR)).toBe('session.expired')
  })

  test('of a session that is over gives nothing', async () => {
    const one = await world.open()
    const { secret, session } = await begun(one)
    await one.sessions.end({ secret }, { ...at(), by: 'logout' })
    const by = { claims: {}, tokens: { idToken: null, refreshToken: null } }
    expect(await one.sessions.renew(session.id, by, START)).toEqual({ ok: true, value: null })
    expect(await one.sessions.tokensOf(secret, START)).toEqual({ ok: true, value: null })
  })
})

test('a login by somebody else has nobody’s streams judged again, here or elsewhere', async () => {
  const [here, there] = [await world.open(), await world.open()]
  const { secret } = await begun(here)
  for (const process of [here, there]) await warm(process, secret)
  const before = [here.rings(), there.rings()]
  for (let n = 0; n < 3; n++) {
    const other = await begun(here, { subject: `person-${n}` })
    for (const process of [here, there]) await warm(process, other.secret)
  }
  // An end that both are told of after the logins.
  const last = await begun(here)
  await warm(there, last.secret)
  await here.sessions.end({ secret: last.secret }, { ...at(), by: 'logout' })
  await until(() => there.rings() > (before[1] ?? 0))
  expect([here.rings(), there.rings()]).toEqual(before.map((rings) => rings + 1))
})
