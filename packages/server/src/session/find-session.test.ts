import { describe, expect, test } from 'vitest'
import { at, person, START, wordFor } from '../../../../test/support/sessions.ts'
import type { Stored } from '../state/state-store.ts'
import { createSessionReader, isOver, sessionIdOf } from './find-session.ts'
import { firstKept } from './kept-session.ts'
import type { KnownSessions } from './known-sessions.ts'
import { createSessionMemory, type Seen } from './session-memory.ts'

const SECRET = 'A'.repeat(43)
const ID = sessionIdOf(SECRET)
const [IDLE, ABSOLUTE] = [100, 1_000]

const seenAt = (usedAt = START): Seen =>
  createSessionMemory(() => {}).remember(
    { kept: firstKept(person(), { id: ID, epoch: 0, now: at().now, absolute: ABSOLUTE }), version: 1, usedAt },
    { at: 0, isWatched: true },
  )

interface Known {
  /** Given without asking. */
  readonly current?: Seen | null
  /** What the store says; undefined: it does not answer. */
  readonly stored?: Seen | null
  readonly remembered?: Seen | null
  readonly wasGoodLately?: boolean
  readonly isDenied?: (seen: boolean) => boolean
}

const readerOf = ({ current = null, stored, remembered = null, wasGoodLately = true, isDenied = () => false }: Known) => {
  const asked: string[] = []
  const known: Pick<KnownSessions, 'current' | 'ask' | 'remembered' | 'wasGoodLately'> = {
    current: (id) => (id === ID ? current : null),
    ask: (id): Promise<Stored<Seen | null>> => {
      asked.push(id)
      return Promise.resolve(stored === undefined ? { ok: false } : { ok: true, value: stored })
    },
    remembered: (id) => (id === ID ? remembered : null),
    wasGoodLately: (seen) => seen === remembered && wasGoodLately,
  }
  const { find } = createSessionReader({ known, isDenied: (id, kept) => id === ID && isDenied(kept !== null), idle: IDLE })
  return { asked, find: (now: number, lenient = false) => find(SECRET, { now, lenient }) }
}

describe('over', () => {
  test.each([
    { note: 'in use, before its end', usedAt: 50, expiresAt: 100, over: false },
    { note: 'at its end', usedAt: 50, expiresAt: 60, over: true },
    { note: 'a moment before its end', usedAt: 50, expiresAt: 61, over: false },
    { note: 'unused for as long as may be', usedAt: 30, expiresAt: 100, over: true },
    { note: 'a moment before that', usedAt: 31, expiresAt: 100, over: false },
  ])('$note: $over', ({ usedAt, expiresAt, over }) => expect(isOver({ usedAt, expiresAt, idle: 30 }, 60)).toBe(over))
})

test('the name of a session tells nothing of its secret, and is another for another', () => {
  expect(ID).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(sessionIdOf('B'.repeat(43))).not.toBe(ID)
  expect(ID).not.toContain('AAAA')
})

describe('what is known now is given at once, and nobody is asked', () => {
  test.each([
    { note: 'in use', now: START + IDLE - 1, word: 'found' },
    { note: 'a clock that went back', now: START - 5, word: 'found' },
    { note: 'over for this process', now: START, over: true, word: 'session.none' },
    { note: 'ended here, which the store does not know', now: START, isDenied: () => true, word: 'session.none' },
    {
      note: 'ended with all of the person, which the store does not know',
      now: START,
      isDenied: (seen: boolean) => seen,
      word: 'session.none',
    },
  ])('$note: $word', ({ now, over = false, word, ...known }) => {
    const current = seenAt()
    current.isOver = over
    const { asked, find } = readerOf({ current, ...known })
    const found = find(now)
    expect(found).not.toBeInstanceOf(Promise)
    expect(wordFor(found as Exclude<typeof found, Promise<unknown>>)).toBe(word)
    expect(asked).toEqual([])
    expect(current.usedAt).toBe(word === 'found' ? Math.max(START, now) : START)
  })

  test('at its end it is over, though it is in use', () => {
    const current = seenAt(START + ABSOLUTE - 1)
    expect(readerOf({ current }).find(START + ABSOLUTE - 1)).toBe(current.found)
    expect(readerOf({ current }).find(START + ABSOLUTE)).toEqual({ status: 'none', code: 'session.expired' })
  })
})

describe('the store is asked', () => {
  test.each<{ note: string; known: Known; now?: number; word: string }>([
    { note: 'where nothing is known: there is one', known: { stored: seenAt() }, word: 'found' },
    { note: 'where nothing is known: there is none', known: { stored: null }, word: 'session.none' },
    {
      note: 'whether another process used it, where it was not used here',
      known: { current: seenAt(), stored: seenAt(START + 1) },
      now: START + IDLE,
      word: 'found',
    },
    { note: 'and nobody used it', known: { current: seenAt(), stored: seenAt() }, now: START + IDLE, word: 'session.expired' },
    { note: 'and it was ended here', known: { stored: seenAt(), isDenied: (seen) => seen }, word: 'session.none' },
  ])('$note', async ({ known, now = START, word }) => {
    const { asked, find } = readerOf(known)
    for (const lenient of [false, true]) expect(wordFor(await find(now, lenient))).toBe(word)
    expect(asked).toEqual([ID, ID])
  })
})

describe('the store does not answer', () => {
  test.each<{ note: string; known: Known; now?: number; strict?: string; lenient: string }>([
    { note: 'nothing is remembered', known: {}, lenient: 'unavailable' },
    { note: 'it was good lately', known: { remembered: seenAt() }, lenient: 'unconfirmed' },
    { note: 'it was good long ago', known: { remembered: seenAt(), wasGoodLately: false }, lenient: 'unavailable' },
    {
      note: 'it was good lately, and is unused for too long',
      known: { remembered: seenAt() },
      now: START + IDLE,
      lenient: 'session.expired',
    },
    {
      note: 'it was ended here',
      known: { remembered: seenAt(), isDenied: () => true },
      strict: 'session.none',
      lenient: 'session.none',
    },
    {
      note: 'it was ended here with others',
      known: { remembered: seenAt(), isDenied: (seen) => seen },
      strict: 'session.none',
      lenient: 'session.none',
    },
    {
      note: 'it was ended here and never seen',
      known: { isDenied: (seen) => !seen },
      strict: 'session.none',
      lenient: 'session.none',
    },
  ])('$note', async ({ known, now = START, strict = 'unavailable', lenient }) => {
    const { find } = readerOf(known)
    expect(wordFor(await find(now))).toBe(strict)
    expect(wordFor(await find(now, true))).toBe(lenient)
  })

  test('what is not confirmed is the same session, and a use of it', async () => {
    const remembered = seenAt()
    expect(await readerOf({ remembered }).find(START + 5, true)).toEqual({ ...remembered.found, unconfirmed: true })
    expect(remembered.usedAt).toBe(START + 5)
    expect(remembered.found.unconfirmed).toBe(false)
    expect(await readerOf({ remembered }).find(START + ABSOLUTE, true)).toEqual({ status: 'none', code: 'session.expired' })
  })
})
