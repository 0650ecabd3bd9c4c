import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { keyParts, type KeyTestParts } from '../../../../test/support/key-parts.ts'
import { by, newKey } from '../../../../test/support/keys.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** ms between two looks at what changed. */
const LOOK = 250
const look = () => vi.advanceTimersByTimeAsync(LOOK)

/** Id of a key that is in the memory, and of which everything that was told before is known. */
const known = async (parts: KeyTestParts): Promise<string> => {
  const made = await parts.create(newKey(), by())
  if (!made.ok || 'refused' in made.value) throw new Error('refused')
  const { id } = made.value.key
  await look()
  await parts.known.ask(id)
  return id
}
/** Another process writes the entry again. */
const touch = async ({ real }: KeyTestParts, key: string, collection: 'api-key' | 'session' = 'api-key') => {
  const entry = await real.get(collection, key)
  if (!entry.ok || entry.value === null) return real.add(collection, key, { value: 1, expiresAt: Infinity, tags: [] })
  const { value, version, expiresAt, tags } = entry.value
  return real.compareAndSet(collection, key, { value, expiresAt, tags, expected: version })
}
const isCurrent = ({ known: { current } }: KeyTestParts, id: string): boolean => current(id) !== null
const wasKnown = ({ known: { knownLately } }: KeyTestParts, id: string): boolean => knownLately(id) !== null

describe('what is given without asking', () => {
  test('was read after the first look at changes', async () => {
    const parts = keyParts({ silent: ['changes'] })
    const id = await known(parts)
    expect([isCurrent(parts, id), wasKnown(parts, id)]).toEqual([false, true])
    parts.answerAll()
    await look()
    await parts.known.ask(id)
    expect([isCurrent(parts, id), isCurrent(parts, 'another')]).toEqual([true, false])
  })

  test.each([
    { note: 'a second after the last look', ms: 1_000, current: true },
    { note: 'later', ms: 1_001, current: false },
  ])('$note: $current', async ({ ms, current }) => {
    const parts = keyParts()
    const id = await known(parts)
    parts.advance(ms)
    expect(isCurrent(parts, id)).toBe(current)
  })

  test.each<{ note: string; change: (parts: KeyTestParts, id: string) => Promise<unknown>; matters: boolean }>([
    { note: 'it was written anew', change: (parts, id) => touch(parts, id), matters: true },
    { note: 'it was removed', change: ({ real }, id) => real.remove('api-key', id), matters: true },
    { note: 'another one changed', change: (parts) => touch(parts, 'other'), matters: false },
    { note: 'a session of that name changed', change: (parts, id) => touch(parts, id, 'session'), matters: false },
  ])('by another process: $note', async ({ change, matters }) => {
    const parts = keyParts()
    const id = await known(parts)
    const before = parts.told.changed
    await change(parts, id)
    expect(isCurrent(parts, id)).toBe(true)
    await look()
    expect([isCurrent(parts, id), wasKnown(parts, id)]).toEqual([!matters, !matters])
    expect(parts.told.changed).toBe(before + (matters ? 1 : 0))
  })

  test('anything may have changed where too much did to be told', async () => {
    const parts = keyParts()
    const id = await known(parts)
    const before = parts.told.changed
    parts.missMuch(true)
    await look()
    expect(parts.told.changed).toBe(before + 1)
    expect([isCurrent(parts, id), wasKnown(parts, id)]).toEqual([false, true])
    parts.missMuch(false)
    await parts.known.ask(id)
    expect(isCurrent(parts, id)).toBe(true)
  })

  test('a change by this process counts at once, and matters where it is known', async () => {
    const parts = keyParts()
    const id = await known(parts)
    const before = parts.told.changed
    parts.known.changed('another')
    expect(parts.told.changed).toBe(before)
    parts.known.changed(id)
    expect(parts.told.changed).toBe(before + 1)
    expect(isCurrent(parts, id)).toBe(false)
  })
})

describe('asking', () => {
  test('is done once for all who ask at the same time', async () => {
    const parts = keyParts()
    const id = await known(parts)
    const { length } = parts.asked
    const [first, second] = [parts.known.ask(id), parts.known.ask(id)]
    expect(second).toBe(first)
    await first
    expect(parts.asked.slice(length)).toEqual(['get'])
    await parts.known.ask(id)
    expect(parts.asked.slice(length)).toEqual(['get', 'get'])
  })

  test('five hundred different keys at once are looked up, and no more', async () => {
    const parts = keyParts()
    const asked = Array.from({ length: 501 }, (_, n) => parts.known.ask(`${n}`))
    const answers = await Promise.all(asked)
    expect(answers.filter(({ ok }) => ok)).toHaveLength(500)
    expect(answers[500]).toEqual({ ok: false })
    expect(await parts.known.ask('500')).toEqual({ ok: true, value: null })
  })

  test('a key that was seen before is looked up, however many others are', async () => {
    const parts = keyParts()
    const id = await known(parts)
    const others = Array.from({ length: 500 }, (_, n) => parts.known.ask(`${n}`))
    expect(await parts.known.ask(id)).toMatchObject({ ok: true, value: { kept: { id } } })
    await Promise.all(others)
  })

  test('gives nothing where the store does not answer, and forgets what is not there', async () => {
    const parts = keyParts()
    const id = await known(parts)
    parts.silence(['get'], 1)
    expect(await parts.known.ask(id)).toEqual({ ok: false })
    expect(isCurrent(parts, id)).toBe(true)
    await parts.real.remove('api-key', id)
    expect(await parts.known.ask(id)).toEqual({ ok: true, value: null })
    expect([...parts.known.all()]).toEqual([])
  })

  test('begins again where the key changed meanwhile, twenty times', async () => {
    const parts = keyParts()
    const id = await known(parts)
    const asks = async (times: number) => {
      const asking = parts.known.ask(id)
      const begun = () => parts.asked.filter((name) => name === 'get').length
      const before = begun()
      for (let n = 0; n < times; n++) {
        parts.known.changed(id)
        while (begun() === before + n && n < times - 1) await Promise.resolve()
      }
      return asking
    }
    expect(await asks(1)).toMatchObject({ ok: true, value: { isFresh: true } })
    expect(await asks(19)).toMatchObject({ ok: true })
    expect(await asks(20)).toEqual({ ok: false })
  })

  test('a change of another key does not make it begin again', async () => {
    const parts = keyParts()
    const id = await known(parts)
    const { length } = parts.asked
    const asking = parts.known.ask(id)
    parts.known.changed('another')
    await asking
    expect(parts.asked.slice(length)).toEqual(['get'])
  })
})

describe('while the store is silent', () => {
  test('what was known a moment ago counts for less than a minute after the last look', async () => {
    const parts = keyParts()
    const id = await known(parts)
    parts.silence(['changes'])
    parts.advance(59_999)
    expect([wasKnown(parts, id), wasKnown(parts, 'another')]).toEqual([true, false])
    parts.advance(1)
    expect(wasKnown(parts, id)).toBe(false)
  })

  test('all is in doubt when it answers again, and was good at the look before', async () => {
    const parts = keyParts()
    const id = await known(parts)
    const before = parts.told.changed
    parts.silence(['changes'])
    parts.advance(30_000)
    await look()
    expect(parts.told.changed).toBe(before)
    parts.answerAll()
    await look()
    expect(parts.told.changed).toBe(before + 1)
    expect([isCurrent(parts, id), wasKnown(parts, id)]).toEqual([false, true])
    parts.advance(59_999)
    await look()
    expect(wasKnown(parts, id)).toBe(true)
    parts.advance(1)
    expect(wasKnown(parts, id)).toBe(false)
  })
})

test('is told of nothing more once it is closed', async () => {
  const parts = keyParts()
  const id = await known(parts)
  const before = parts.told.changed
  parts.known.close()
  await touch(parts, id)
  await vi.advanceTimersByTimeAsync(10 * LOOK)
  expect(parts.told.changed).toBe(before)
})
