import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { at, person } from '../../../../test/support/sessions.ts'
import { type SessionParts, sessionParts } from '../../../../test/support/session-parts.ts'
import type { Begun } from './sessions.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** ms between two looks at what changed. */
const LOOK = 250
const look = () => vi.advanceTimersByTimeAsync(LOOK)

/** A session that is in the memory, and of which everything that was told before is known. */
const known = async (parts: SessionParts, given = {}): Promise<Begun> => {
  const made = await parts.begin(person(given), { ...at(), replaces: null })
  if (!made.ok) throw new Error('the store does not answer')
  await look()
  await parts.known.ask(made.value.session.id)
  return made.value
}
const isCurrent = (parts: SessionParts, { session }: Begun): boolean => parts.known.current(session.id) !== null
const wasGood = (parts: SessionParts, { session }: Begun): boolean => {
  const seen = parts.known.remembered(session.id)
  return seen !== null && parts.known.wasGoodLately(seen)
}
/** Another process writes the entry again, or removes it. */
const touch = async ({ real }: SessionParts, key: string, collection: 'session' | 'epoch' | 'used' = 'session') => {
  const entry = await real.get(collection, key)
  if (!entry.ok || entry.value === null) return real.add(collection, key, { value: 1, expiresAt: Infinity, tags: [] })
  const { value, version, expiresAt, tags } = entry.value
  return real.compareAndSet(collection, key, { value, expiresAt, tags, expected: version })
}

describe('what is given without asking', () => {
  test('was read after the first look at changes', async () => {
    const parts = sessionParts({ silent: ['changes'] })
    const made = await parts.begin(person(), { ...at(), replaces: null })
    if (!made.ok) throw new Error('the store does not answer')
    const { id } = made.value.session
    await parts.known.ask(id)
    expect(parts.known.current(id)).toBeNull()
    parts.answerAll()
    await look()
    await parts.known.ask(id)
    expect(parts.known.current(id)?.kept.session.id).toBe(id)
    expect(parts.known.current('another')).toBeNull()
  })

  test.each([
    { note: 'a second after the last look', ms: 1_000, current: true },
    { note: 'later', ms: 1_001, current: false },
  ])('$note: $current', async ({ ms, current }) => {
    const parts = sessionParts()
    const made = await known(parts)
    parts.advance(ms)
    expect(isCurrent(parts, made)).toBe(current)
  })

  test.each<{ note: string; change: (parts: SessionParts, id: string) => Promise<unknown>; current: boolean; changed: boolean }>([
    { note: 'it was written anew', change: (parts, id) => touch(parts, id), current: true, changed: true },
    { note: 'it was removed', change: ({ real }, id) => real.remove('session', id), current: false, changed: true },
    { note: 'all ended', change: (parts) => touch(parts, 'session', 'epoch'), current: false, changed: true },
    { note: 'another epoch began', change: (parts) => touch(parts, 'other', 'epoch'), current: true, changed: false },
    { note: 'another session changed', change: (parts) => touch(parts, 'other'), current: true, changed: false },
    { note: 'a use of it was kept', change: (parts, id) => touch(parts, id, 'used'), current: true, changed: false },
  ])('by another process: $note', async ({ change, current, changed }) => {
    const parts = sessionParts()
    const made = await known(parts)
    const before = parts.told.changed
    await change(parts, made.session.id)
    expect(isCurrent(parts, made)).toBe(true)
    await look()
    expect(isCurrent(parts, made)).toBe(current)
    expect(parts.told.changed).toBe(before + (changed ? 1 : 0))
  })

  test('a change that cannot be read is one', async () => {
    const parts = sessionParts()
    const made = await known(parts)
    const before = parts.told.changed
    await touch(parts, made.session.id)
    parts.silence(['get'])
    await look()
    expect(parts.told.changed).toBe(before + 1)
    expect(isCurrent(parts, made)).toBe(false)
    expect(wasGood(parts, made)).toBe(false)
  })

  test('anything may have changed where too much did to be told', async () => {
    const parts = sessionParts()
    const made = await known(parts)
    const before = parts.told.changed
    parts.missMuch(true)
    await look()
    expect(parts.told.changed).toBe(before + 1)
    expect(isCurrent(parts, made)).toBe(false)
    expect(wasGood(parts, made)).toBe(true)
    parts.missMuch(false)
    expect(await parts.known.ask(made.session.id)).toMatchObject({ ok: true, value: { isFresh: true } })
  })
})

describe('what this process did', () => {
  test('an end is in force at once', async () => {
    const parts = sessionParts()
    const made = await known(parts)
    const seen = parts.known.remembered(made.session.id)
    parts.known.drop(made.session.id)
    expect(seen?.isOver).toBe(true)
    expect(parts.known.remembered(made.session.id)).toBeNull()
    expect([...parts.known.all()]).toEqual([])
  })

  test('an end of all likewise, of every one', async () => {
    const parts = sessionParts()
    const [one, two] = [await known(parts), await known(parts)]
    const seen = [one, two].map(({ session }) => parts.known.remembered(session.id))
    parts.known.dropAll()
    expect(seen.map((each) => each?.isOver)).toEqual([true, true])
    expect([...parts.known.all()]).toEqual([])
  })

  test('an end while it is read is not undone by what was read before', async () => {
    for (const end of ['drop', 'dropAll'] as const) {
      const parts = sessionParts()
      const { session } = await known(parts)
      parts.known.drop(session.id)
      const reading = parts.known.ask(session.id)
      // The read has begun; the session is ended before it is answered.
      await parts.real.remove('session', session.id)
      parts.known[end](session.id)
      expect(await reading).toEqual({ ok: true, value: null })
      expect(parts.known.remembered(session.id)).toBeNull()
    }
  })

  test('a change of its own is read again, and told only where something is another', async () => {
    const parts = sessionParts()
    const made = await known(parts)
    const before = parts.told.changed
    parts.known.reread(made.session.id)
    expect(isCurrent(parts, made)).toBe(false)
    await look()
    expect(isCurrent(parts, made)).toBe(true)
    expect(parts.told.changed).toBe(before)
  })
})

describe('while the store is silent', () => {
  test('a lenient service goes on for less than a minute after the last look', async () => {
    const parts = sessionParts()
    const made = await known(parts)
    parts.silence(['changes'])
    parts.advance(59_999)
    expect(wasGood(parts, made)).toBe(true)
    parts.advance(1)
    expect(wasGood(parts, made)).toBe(false)
  })

  test('looks go on being what confirms a session that nothing was told of', async () => {
    const parts = sessionParts()
    const made = await known(parts)
    parts.advance(59_999)
    await look()
    parts.advance(59_999)
    expect(wasGood(parts, made)).toBe(true)
  })

  test('one that is in doubt was good when it was read, and no later look counts', async () => {
    const parts = sessionParts()
    const made = await known(parts)
    parts.silence(['changes'])
    parts.advance(30_000)
    await look()
    expect(parts.told.back).toBe(0)
    parts.answerAll()
    await look()
    expect(parts.told.back).toBe(1)
    expect(isCurrent(parts, made)).toBe(false)
    parts.advance(59_999)
    await look()
    expect(wasGood(parts, made)).toBe(true)
    parts.advance(1)
    expect(wasGood(parts, made)).toBe(false)
  })
})

test('is told of nothing more once it is closed', async () => {
  const parts = sessionParts()
  const made = await known(parts)
  parts.known.close()
  const before = parts.told.changed
  await parts.real.remove('session', made.session.id)
  await vi.advanceTimersByTimeAsync(10 * LOOK)
  expect(parts.told.changed).toBe(before)
})
