import { describe, expect, test } from 'vitest'
import { at, person, START } from '../../../../test/support/sessions.ts'
import { ABSOLUTE, IDLE, type SessionParts, sessionParts } from '../../../../test/support/session-parts.ts'
import { sessionIdOf } from './find-session.ts'
import type { Begun } from './sessions.ts'
import { createSessionWriter } from './write-sessions.ts'

const begin = async (parts: SessionParts, given = {}, replaces: string | null = null): Promise<Begun> => {
  const made = await parts.begin(person(given), { ...at(), replaces })
  if (!made.ok) throw new Error('the store does not answer')
  return made.value
}
const ids = async ({ ledger }: SessionParts): Promise<readonly string[]> => {
  const listed = await ledger.list()
  return listed.ok ? listed.value.map(({ kept }) => kept.session.id) : ['the store does not answer']
}
const TOKENS = { idToken: 'i2', refreshToken: 'r2' }
const NOT_OK = { ok: false }
const NOBODY = { ok: true, value: null }

/** Another process writes the session whenever this one is about to change it, the next so many times. */
const disturbed = () => {
  let times = 0
  let id = ''
  const parts: SessionParts = sessionParts({
    beforeReplacing: async () => {
      if (times-- <= 0) return
      const entry = await parts.real.get('session', id)
      if (!entry.ok || entry.value === null) throw new Error('there is no session to disturb')
      const { value, version, expiresAt, tags } = entry.value
      await parts.real.compareAndSet('session', id, { value, expiresAt, tags, expected: version })
    },
  })
  return {
    parts,
    disturb: (which: string, howOften: number) => {
      id = which
      times = howOften
    },
  }
}

describe('beginning', () => {
  test('gives a new secret of 32 bytes, keeps its hash, and tells the log', async () => {
    const parts = sessionParts()
    const { secret, session } = await begin(parts)
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(session).toMatchObject({ id: sessionIdOf(secret), subject: 'ada', expiresAt: START + ABSOLUTE })
    expect(parts.records).toEqual([
      expect.objectContaining({
        kind: 'authentication',
        at: START,
        point: 'gateway',
        service: 'payments',
        peer: '127.0.0.1',
        client: null,
        outcome: 'succeeded',
        code: 'session.begun',
        who: { provider: 'corp', subject: 'ada', session: session.id },
      }),
    ])
    expect(await parts.word(secret)).toBe('found')
    expect(parts.told.ended).toBe(0)
  })

  test('ends the session that it replaces, and says so first', async () => {
    const parts = sessionParts()
    const before = await begin(parts, { subject: 'bob' })
    const { secret } = await begin(parts, {}, before.secret)
    expect(await parts.word(before.secret)).toBe('session.none')
    expect(await parts.word(secret)).toBe('found')
    expect(parts.codes()).toEqual(['session.begun', 'session.ended.replaced', 'session.begun'])
  })

  test.each([
    { note: 'the epoch cannot be read', silent: 'get' },
    { note: 'it cannot be added', silent: 'add' },
  ])('is nothing where $note', async ({ silent }) => {
    const parts = sessionParts()
    parts.silence([silent])
    expect(await parts.begin(person(), { ...at(), replaces: null })).toEqual(NOT_OK)
    parts.answerAll()
    expect(await ids(parts)).toEqual([])
    expect(parts.records).toEqual([])
  })

  test('is taken back where the session before it cannot be ended', async () => {
    const parts = sessionParts()
    const before = await begin(parts)
    parts.silence(['take'], 1)
    parts.silence(['remove'], 2)
    expect(await parts.begin(person(), { ...at(), replaces: before.secret })).toEqual(NOT_OK)
    expect(await ids(parts)).toEqual([before.session.id])
    expect(parts.codes()).toEqual(['session.begun'])
  })
})

test('an id that is taken begins nothing and steps nothing up', async () => {
  const parts = sessionParts()
  const { secret } = await begin(parts)
  const writer = createSessionWriter({
    ...parts,
    ledger: { ...parts.ledger, add: () => Promise.resolve({ ok: true, value: false }) },
    log: { append: () => ({ accepted: true, durable: () => Promise.resolve(true) }) },
    absolute: ABSOLUTE,
    idle: IDLE,
    onChanged: () => {},
  })
  expect(await writer.begin(person(), { ...at(), replaces: null })).toEqual(NOT_OK)
  expect(await writer.elevate(secret, person(), at())).toEqual(NOT_OK)
  expect(await parts.word(secret)).toBe('found')
})

describe('stepping up', () => {
  test('puts the old secret out of use here before it resolves', async () => {
    const parts = sessionParts()
    const { secret, session } = await begin(parts)
    // From here on what this process knows is given without asking.
    expect(await parts.word(secret)).toBe('found')
    const changed = parts.told.changed
    const made = await parts.elevate(secret, person({ proof: { n: 2 } }), at(START + 5))
    if (!made.ok || made.value === null) throw new Error('refused')
    expect(await parts.word(secret)).toBe('session.none')
    expect(await parts.word(made.value.secret)).toBe('found')
    expect(made.value.session).toEqual({ ...session, id: sessionIdOf(made.value.secret), proofs: [...session.proofs, { n: 2 }] })
    expect(parts.codes()).toEqual(['session.begun', 'session.ended.elevated', 'session.elevated'])
    expect(parts.records.at(-1)).toMatchObject({ at: START + 5, outcome: 'succeeded', who: { session: made.value.session.id } })
    expect(parts.told.changed).toBeGreaterThan(changed)
    expect(await ids(parts)).toEqual([made.value.session.id])
  })

  test.each([
    { note: 'another provider', given: { provider: 'partner' } },
    { note: 'another subject', given: { subject: 'bob' } },
  ])('is refused to $note', async ({ given }) => {
    const parts = sessionParts()
    const { secret, session } = await begin(parts)
    expect(await parts.elevate(secret, person(given), at())).toEqual(NOBODY)
    expect(await ids(parts)).toEqual([session.id])
    expect(parts.codes()).toEqual(['session.begun'])
  })

  test('is refused where there is no such session', async () => {
    expect(await sessionParts().elevate('A'.repeat(43), person(), at())).toEqual(NOBODY)
  })

  test.each([
    { note: 'it cannot be read', silent: ['get'] },
    { note: 'the new one cannot be added', silent: ['add'] },
    { note: 'the old one cannot be marked', silent: ['compareAndSet'] },
  ])('is not done where $note, and the old secret stays good', async ({ silent }) => {
    const parts = sessionParts()
    const { secret, session } = await begin(parts)
    parts.silence(silent)
    expect(await parts.elevate(secret, person(), at())).toEqual(NOT_OK)
    parts.answerAll()
    expect(await parts.word(secret)).toBe('found')
    expect(await ids(parts)).toEqual([session.id])
    expect(parts.codes()).toEqual(['session.begun'])
  })

  test('is tried again where another write came between, and leaves nothing of the tries', async () => {
    const { parts, disturb } = disturbed()
    const { secret, session } = await begin(parts)
    disturb(session.id, 19)
    const made = await parts.elevate(secret, person(), at())
    if (!made.ok || made.value === null) throw new Error('refused')
    expect(await ids(parts)).toEqual([made.value.session.id])
    expect(parts.codes()).toEqual(['session.begun', 'session.ended.elevated', 'session.elevated'])
  })

  test('is given up after twenty times', async () => {
    const { parts, disturb } = disturbed()
    const { secret, session } = await begin(parts)
    disturb(session.id, 20)
    expect(await parts.elevate(secret, person(), at())).toEqual(NOT_OK)
    expect(await ids(parts)).toEqual([session.id])
  })
})

describe('a refresh', () => {
  const by = { claims: { email: 'new@example.com' }, tokens: TOKENS }

  test('keeps claims and tokens, here and in the store', async () => {
    const parts = sessionParts()
    const { secret, session } = await begin(parts)
    await parts.word(secret)
    const changed = parts.told.changed
    expect(await parts.renew(session.id, by, START)).toEqual({ ok: true, value: { ...session, claims: by.claims } })
    expect(parts.told.changed).toBeGreaterThan(changed)
    expect(parts.known.current(session.id)?.kept.session.claims ?? by.claims).toEqual(by.claims)
    expect(await parts.tokensOf(secret, START)).toEqual({ ok: true, value: TOKENS })
    expect((await parts.known.ask(session.id)) as object).toMatchObject({ value: { kept: { session: { claims: by.claims } } } })
  })

  test('is tried again where another write came between, twenty times', async () => {
    const { parts, disturb } = disturbed()
    const { session } = await begin(parts)
    disturb(session.id, 19)
    expect(await parts.renew(session.id, by, START)).toMatchObject({ ok: true, value: { id: session.id } })
    disturb(session.id, 20)
    expect(await parts.renew(session.id, by, START)).toEqual(NOT_OK)
  })

  test.each([
    { note: 'it cannot be read', silent: 'get' },
    { note: 'it cannot be written', silent: 'compareAndSet' },
  ])('is not done where $note', async ({ silent }) => {
    const parts = sessionParts()
    const { secret, session } = await begin(parts)
    const { changed } = parts.told
    parts.silence([silent])
    const { length } = parts.asked
    expect(await parts.renew(session.id, by, START)).toEqual(NOT_OK)
    expect(parts.asked.slice(length).filter((name) => name === silent).length).toBeLessThanOrEqual(3)
    parts.answerAll()
    expect(await parts.tokensOf(secret, START)).toEqual({ ok: true, value: { idToken: null, refreshToken: null } })
    expect(parts.told.changed).toBe(changed)
  })
})

describe('what can be done with a session', () => {
  const doAll = async (parts: SessionParts, { secret, session }: Begun, now: number) => [
    await parts.tokensOf(secret, now),
    await parts.renew(session.id, { claims: {}, tokens: TOKENS }, now),
    await parts.elevate(secret, person(), at(now)),
  ]

  test.each([
    { note: 'a moment before it was unused for too long', now: START + IDLE - 1, good: true },
    { note: 'unused for too long', now: START + IDLE, good: false },
  ])('$note', async ({ now, good }) => {
    const parts = sessionParts()
    const done = await doAll(parts, await begin(parts), now)
    expect(done.map((each) => each.ok && each.value !== null)).toEqual([good, good, good])
  })

  test('a use that only this process knows counts', async () => {
    const parts = sessionParts()
    const begun = await begin(parts)
    expect(await parts.word(begun.secret, START + IDLE - 1)).toBe('found')
    const done = await doAll(parts, begun, START + 2 * IDLE - 2)
    expect(done.map((each) => each.ok && each.value !== null)).toEqual([true, true, true])
  })

  test('is nothing once it was ended here, though the store does not know', async () => {
    const parts = sessionParts()
    const begun = await begin(parts)
    parts.silence(['take', 'remove'])
    expect(await parts.endings.end({ secret: begun.secret }, { ...at(), by: 'logout' })).toEqual(NOT_OK)
    expect(await doAll(parts, begun, START)).toEqual([NOBODY, NOBODY, NOBODY])
  })

  test('cannot be told where the store does not answer', async () => {
    const parts = sessionParts()
    const begun = await begin(parts)
    parts.silence(['get'])
    expect(await doAll(parts, begun, START)).toEqual([NOT_OK, NOT_OK, NOT_OK])
  })
})
