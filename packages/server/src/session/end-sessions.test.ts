import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { at, person, START } from '../../../../test/support/sessions.ts'
import { type SessionParts, sessionParts } from '../../../../test/support/session-parts.ts'
import { createEndings } from './end-sessions.ts'
import type { Begun, Ending } from './sessions.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const begin = async (parts: SessionParts, given = {}, now = START): Promise<Begun> => {
  const made = await parts.begin(person(given), { ...at(now), replaces: null })
  if (!made.ok) throw new Error('the store does not answer')
  return made.value
}
const ended = ({ records }: SessionParts) =>
  records.flatMap((record) =>
    record.kind === 'authentication' && record.outcome === 'ended' ? [[record.code, record.who?.subject]] : [],
  )
const byLogout = (now = START) => ({ ...at(now), by: 'logout' }) as const
const NOT_OK = { ok: false }
const count = (value: number) => ({ ok: true, value })

describe('ending', () => {
  test.each<{ note: string; which: (of: Begun) => Ending; over: readonly string[] }>([
    { note: 'by secret', which: ({ secret }) => ({ secret }), over: ['ada'] },
    { note: 'by id', which: ({ session }) => ({ id: session.id }), over: ['ada'] },
    { note: 'of the session at the provider', which: () => ({ provider: 'corp', sid: 's1' }), over: ['ada', 'eve'] },
    { note: 'of the person', which: () => ({ provider: 'corp', subject: 'ada' }), over: ['ada'] },
    { note: 'of all', which: () => 'all', over: ['ada', 'bob', 'eve'] },
    { note: 'of none', which: () => ({ provider: 'partner', subject: 'ada' }), over: [] },
  ])('$note', async ({ which, over }) => {
    const parts = sessionParts()
    const begun = new Map<string, Begun>()
    for (const [subject, sid] of [
      ['ada', 's1'],
      ['bob', null],
      ['eve', 's1'],
    ] as const)
      begun.set(subject, await begin(parts, { subject, sid }))
    // From here on what this process knows is given without asking.
    for (const { secret } of begun.values()) expect(await parts.word(secret)).toBe('found')
    expect(await parts.endings.end(which(begun.get('ada') as Begun), byLogout())).toEqual(count(over.length))
    for (const [subject, { secret }] of begun)
      expect(await parts.word(secret), subject).toBe(over.includes(subject) ? 'session.none' : 'found')
    expect(new Set(ended(parts))).toEqual(new Set(over.map((subject) => ['session.ended.logout', subject])))
    expect(parts.told.ended).toBe(over.length === 0 ? 0 : 1)
    expect(await parts.endings.end(which(begun.get('ada') as Begun), byLogout())).toEqual(count(0))
    expect(vi.getTimerCount()).toBeLessThanOrEqual(2)
  })

  test('of all is told as such, though there were none', async () => {
    const parts = sessionParts()
    expect(await parts.endings.end('all', { ...byLogout(START + 1), by: 'operator' })).toEqual(count(0))
    expect(parts.records).toEqual([
      { kind: 'administration', at: START + 1, action: 'sessions.ended', detail: { epoch: 1, by: 'operator' } },
    ])
  })

  test('of all leaves those that were begun in the new epoch', async () => {
    const parts = sessionParts()
    await begin(parts)
    await parts.endings.end('all', byLogout())
    const { secret } = await begin(parts, { subject: 'bob' })
    expect(await parts.word(secret)).toBe('found')
    expect(ended(parts)).toEqual([['session.ended.logout', 'ada']])
  })

  test('of all counts although the sessions cannot be listed or removed: the epoch ended them', async () => {
    const parts = sessionParts()
    const [{ secret }] = [await begin(parts), await begin(parts)]
    expect(await parts.word(secret)).toBe('found')
    parts.silence(['list'], 1)
    expect(await parts.endings.end('all', byLogout())).toEqual(count(0))
    expect(await parts.word(secret)).toBe('session.none')
    parts.silence(['take'], 1)
    parts.silence(['remove'], 2)
    // One of the two cannot be removed.
    expect(await parts.endings.end('all', byLogout())).toEqual(count(1))
  })

  test('is told where it was taken, though its last use could not be removed', async () => {
    const parts = sessionParts()
    const { secret } = await begin(parts)
    parts.silence(['remove'])
    expect(await parts.endings.end({ secret }, byLogout())).toEqual(count(1))
    expect(ended(parts)).toEqual([['session.ended.logout', 'ada']])
    expect(await parts.word(secret)).toBe('session.none')
  })

  test('of a person goes on until no more of them show, and finds those that were stepped up meanwhile', async () => {
    const parts: SessionParts = sessionParts()
    const { secret } = await begin(parts)
    const other = await begin(parts)
    const [ending, made] = await Promise.all([
      parts.endings.end({ provider: 'corp', subject: 'ada' }, byLogout()),
      parts.elevate(other.secret, person(), at()),
    ])
    expect(ending.ok).toBe(true)
    const listed = await parts.ledger.list()
    const left = made.ok && made.value !== null ? 1 : 0
    expect(listed).toMatchObject({ ok: true, value: { length: left } })
    expect(await parts.word(secret)).toBe('session.none')
  })
})

/** Endings of these parts, with something else in place of a part of the store's. */
const endingsWith = (parts: SessionParts, ledger: Partial<SessionParts['ledger']>) => {
  const append = () => ({ accepted: true, durable: () => Promise.resolve(true) })
  const made = createEndings({ ledger: { ...parts.ledger, ...ledger }, known: parts.known, log: { append }, onEnded: () => {} })
  onTestFinished(made.close)
  return made
}

describe('while there are step-ups and logins', () => {
  test('marks in place of sessions that went on are passed over', async () => {
    const parts = sessionParts()
    for (const which of [{ provider: 'corp', subject: 'ada' }, 'all'] as const) {
      const { secret } = await begin(parts)
      await parts.elevate(secret, person(), at())
      expect(await parts.endings.end(which, byLogout())).toEqual(count(1))
    }
  })

  test('of all ends none that was begun in the new epoch before the others were listed', async () => {
    const parts = sessionParts()
    const before = await begin(parts)
    let after: Begun | undefined
    const endings = endingsWith(parts, {
      everything: async () => {
        after = await begin(parts)
        return parts.ledger.everything()
      },
    })
    expect(await endings.end('all', byLogout())).toEqual(count(1))
    expect([await parts.word(before.secret), await parts.word(after?.secret ?? '')]).toEqual(['session.none', 'found'])
  })

  test.each([
    { note: 'forty-nine', fresh: 49, ok: true },
    { note: 'fifty', fresh: 50, ok: false },
  ])('a person who shows anew $note times: ended $ok', async ({ fresh, ok }) => {
    let listings = 0
    const tagged = async () => ({ ok: true, value: [{ id: `${Math.min(++listings, fresh)}`, kept: null }] }) as const
    const ended = await endingsWith(sessionParts(), { tagged }).end({ provider: 'corp', subject: 'ada' }, byLogout())
    expect([ended.ok, listings]).toEqual([ok, 50])
  })
})

describe('an end that the store cannot be told of', () => {
  test('is remembered for ten thousand that nobody saw, and for all that somebody did or that are of more than one', async () => {
    const parts = sessionParts()
    const seen = await begin(parts)
    await parts.word(seen.secret)
    parts.silence(['take', 'remove', 'tagged'])
    for (let n = 0; n < 10_001; n++) await parts.endings.end({ id: `${n}` }, byLogout())
    expect(['9999', '10000'].map((id) => parts.endings.isDenied(id, null))).toEqual([true, false])
    await parts.endings.end({ id: seen.session.id }, byLogout())
    expect(parts.endings.isDenied(seen.session.id, null)).toBe(true)
    await parts.endings.end({ provider: 'corp', subject: 'bob' }, byLogout())
    const bobs = { ...keptOf(seen), session: { ...seen.session, subject: 'bob' } }
    expect(parts.endings.isDenied('another', bobs)).toBe(true)
  })

  test.each<{ note: string; which: (of: Begun) => Ending; silent: readonly string[] }>([
    { note: 'by secret', which: ({ secret }) => ({ secret }), silent: ['take', 'remove'] },
    { note: 'of the person, who cannot be looked for', which: () => ({ provider: 'corp', subject: 'ada' }), silent: ['tagged'] },
    {
      note: 'of the person, which cannot be removed',
      which: () => ({ provider: 'corp', subject: 'ada' }),
      silent: ['take', 'remove'],
    },
    { note: 'of all: the epoch cannot be read', which: () => 'all', silent: ['get'] },
    { note: 'of all: the epoch cannot be written', which: () => 'all', silent: ['add'] },
  ])('counts here at once, and is told a second after: $note', async ({ which, silent }) => {
    const parts = sessionParts()
    const begun = await begin(parts)
    await parts.word(begun.secret)
    parts.silence(silent)
    expect(await parts.endings.end(which(begun), byLogout())).toEqual(NOT_OK)
    expect(parts.told.ended).toBe(1)
    expect(ended(parts)).toEqual([])
    if (!silent.includes('get')) expect(await parts.word(begun.secret)).toBe('session.none')
    expect(parts.endings.isDenied(begun.session.id, { ...keptOf(begun) })).toBe(true)
    await vi.advanceTimersByTimeAsync(999)
    parts.answerAll()
    expect(ended(parts)).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(ended(parts)).toEqual([['session.ended.logout', 'ada']])
    expect(parts.endings.isDenied(begun.session.id, { ...keptOf(begun) })).toBe(false)
    expect(await parts.word(begun.secret)).toBe('session.none')
  })

  test('is tried every second until it is told, then no more', async () => {
    const parts = sessionParts()
    const { secret } = await begin(parts)
    parts.silence(['take', 'remove'])
    await parts.endings.end({ secret }, byLogout())
    const tries = () => parts.asked.filter((name) => name === 'take').length
    const before = tries()
    await vi.advanceTimersByTimeAsync(3_000)
    expect(tries()).toBe(before + 3)
    parts.answerAll()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(tries()).toBe(before + 4)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(tries()).toBe(before + 4)
  })

  test('waits for those before it: one that fails holds up the rest', async () => {
    const parts = sessionParts()
    const [ada, bob] = [await begin(parts), await begin(parts, { subject: 'bob' })]
    parts.silence(['take', 'remove'])
    for (const { secret } of [ada, bob]) await parts.endings.end({ secret }, byLogout())
    const tries = () => parts.asked.filter((name) => name === 'take').length
    const before = tries()
    await parts.endings.retry()
    expect(tries()).toBe(before + 1)
    parts.answerAll()
    await Promise.all([parts.endings.retry(), parts.endings.retry()])
    expect(tries()).toBe(before + 3)
    expect(ended(parts)).toEqual([
      ['session.ended.logout', 'ada'],
      ['session.ended.logout', 'bob'],
    ])
    await parts.endings.retry()
    expect(tries()).toBe(before + 3)
  })

  test('of a person does not end what the person began after it', async () => {
    const parts = sessionParts()
    const before = await begin(parts)
    parts.silence(['tagged'])
    await parts.endings.end({ provider: 'corp', subject: 'ada' }, byLogout())
    const [same, after] = [await begin(parts), await begin(parts, {}, START + 1)]
    parts.answerAll()
    await parts.endings.retry()
    expect([await parts.word(before.secret), await parts.word(same.secret)]).toEqual(['session.none', 'session.none'])
    expect(await parts.word(after.secret, START + 1)).toBe('found')
  })

  test('is told at once when it is ended again', async () => {
    const parts = sessionParts()
    const begun = await begin(parts)
    parts.silence(['take'], 1)
    parts.silence(['remove'], 2)
    expect(await parts.endings.end({ secret: begun.secret }, byLogout())).toEqual(NOT_OK)
    expect(await parts.endings.end({ id: begun.session.id }, byLogout())).toEqual(count(1))
    expect(parts.endings.isDenied(begun.session.id, null)).toBe(false)
  })

  test('is tried no more once it is closed', async () => {
    const parts = sessionParts()
    const { secret } = await begin(parts)
    parts.silence(['take', 'remove'])
    await parts.endings.end({ secret }, byLogout())
    parts.endings.close()
    const { length } = parts.asked
    await vi.advanceTimersByTimeAsync(10_000)
    expect(parts.asked).toHaveLength(length)
  })
})

const keptOf = ({ session }: Begun) => ({
  session,
  sids: [],
  tokens: { idToken: null, refreshToken: null },
  answered: null,
  begunAt: START,
  usedAt: START,
  epoch: 0,
})
