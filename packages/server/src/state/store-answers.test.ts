// What the store makes of the answers of its thread, and what it asks of it by itself.
import { createSecretKey, generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { storeInMemory } from '../../../../test/support/store-in-memory.ts'
import { createStateStore, openStateStore } from './open-state-store.ts'
import type { StateLine } from './state-line.ts'
import type { StateTrouble, Watcher } from './state-store.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const clock = { now: () => 1_000, monotonic: () => 0 }
const NOT_OK = { ok: false }

/** A store whose thread answers what the test says. */
const answering = (answer: (name: string) => unknown) => {
  const asked: string[] = []
  const troubles: StateTrouble[] = []
  let isClosed = false
  const line = {
    ask: (action: { readonly name: string }) => {
      asked.push(action.name)
      return Promise.resolve(answer(action.name))
    },
    generation: () => 1,
    close: async () => {
      isClosed = true
    },
  } as unknown as StateLine
  const store = createStateStore(line, { clock, onTrouble: (trouble) => troubles.push(trouble) })
  onTestFinished(() => store.close())
  return { store, line, asked, troubles, isClosed: () => isClosed }
}
const held = (payload: string) => ({ payload, version: 1, expiresAt: 2_000 })
const GOOD = held('["a",["t"],{"b":1}]')

describe('an entry', () => {
  test('is read as it was written', async () => {
    const { store } = answering(() => ({ ok: true, value: GOOD }))
    const entry = { key: 'a', value: { b: 1 }, version: 1, expiresAt: 2_000, tags: ['t'] }
    expect(await store.get('session', 'a')).toEqual({ ok: true, value: entry })
    expect(await store.take('session', 'a')).toEqual({ ok: true, value: entry })
  })

  test.each([
    { note: 'not there', answer: { ok: true, value: null }, gives: { ok: true, value: null } },
    { note: 'not told', answer: NOT_OK, gives: NOT_OK },
    { note: 'no JSON', answer: { ok: true, value: held('[') }, gives: NOT_OK },
  ])('that is $note', async ({ answer, gives }) => {
    expect(await answering(() => answer).store.get('session', 'a')).toEqual(gives)
  })
})

describe('a listing', () => {
  const pages = (...all: readonly unknown[]) => {
    const left = [...all]
    return answering(() => left.shift())
  }
  const page = (payloads: readonly unknown[], next: number | null) => ({ ok: true, value: { held: payloads, next } })

  test('is read page after page', async () => {
    const { store, asked } = pages(page([GOOD], 7), page([], 9), page([GOOD, GOOD], null))
    expect(await store.list('session')).toMatchObject({ ok: true, value: { length: 3 } })
    expect(asked).toEqual(['page', 'page', 'page'])
  })

  test('is nothing where a page is not told, or one entry of it cannot be read', async () => {
    expect(await pages(page([GOOD], 7), NOT_OK).store.tagged('session', 't')).toEqual(NOT_OK)
    expect(await pages(page([GOOD, held('[')], null)).store.tagged('session', 't')).toEqual(NOT_OK)
  })
})

describe('keys in use', () => {
  test('are told by their places, those that are in the list no more last', async () => {
    const value = {
      ids: ['k1', 'k2', 'k3'],
      used: [
        { id: 'k0', entries: 4 },
        { id: 'k1', entries: 2 },
        { id: 'k3', entries: 1 },
      ],
    }
    const { store, asked } = answering(() => ({ ok: true, value }))
    expect(await store.keysInUse()).toEqual({
      ok: true,
      value: [
        { place: 0, entries: 2 },
        { place: 2, entries: 1 },
        { place: null, entries: 4 },
      ],
    })
    expect(asked).toEqual(['keys'])
    expect(await answering(() => NOT_OK).store.keysInUse()).toEqual(NOT_OK)
  })
})

describe('changes', () => {
  const found = (key: string, upTo: number) => ({
    ok: true,
    value: { upTo, complete: true, changed: [{ collection: 'session', key }] },
  })

  test('are asked for from where they were known, and given as they are told', async () => {
    const { store, line } = answering(() => found('a', 8))
    const ask = vi.spyOn(line, 'ask')
    expect(await store.changes(7)).toEqual(found('a', 8))
    expect(ask.mock.calls).toEqual([[{ name: 'changes', since: 7 }]])
  })

  test('are told to who watches', async () => {
    const nothing = { ok: true, value: { upTo: 7, complete: true, changed: [] } }
    const { store, asked } = answering(() => (asked.length === 2 ? found('a', 8) : nothing))
    const onChange = vi.fn<Watcher['onChange']>()
    const watching = store.watch({ onChange, onAnswering: () => {} })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(onChange.mock.calls).toEqual([[[{ collection: 'session', key: 'a' }]]])
    watching.close()
  })
})

describe('sweeping', () => {
  test.each([
    { note: 'a minute later, where little was left', answer: { ok: true, value: 499 }, soon: 0 },
    { note: 'at once, where there may be more', answer: { ok: true, value: 500 }, soon: 1 },
    { note: 'a minute later, where the store does not answer', answer: NOT_OK, soon: 0 },
  ])('begins a minute after the start and goes on $note', async ({ answer, soon }) => {
    const { store, asked } = answering(() => (asked.length === 1 ? answer : { ok: true, value: 0 }))
    await vi.advanceTimersByTimeAsync(59_999)
    expect(asked).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(1)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(asked).toHaveLength(1 + soon)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked).toHaveLength(2 + soon)
    await store.close()
    await vi.advanceTimersByTimeAsync(600_000)
    expect(asked).toEqual(Array.from({ length: 2 + soon }, () => 'sweep'))
  })

  test('that is under way when the store is closed is the last', async () => {
    const { store, asked, isClosed } = answering(() => ({ ok: true, value: 500 }))
    vi.advanceTimersByTime(60_000)
    await store.close()
    await vi.advanceTimersByTimeAsync(600_000)
    expect([asked.length, isClosed()]).toEqual([1, true])
  })
})

describe('what is to be kept', () => {
  const written = { value: 1, expiresAt: 2_000, tags: [] }
  const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)])
  const circle: unknown[] = []
  circle.push(circle)

  test.each<{ note: string; given: object }>([
    { note: 'a value in a circle', given: { value: circle } },
    { note: 'a value that is too deep', given: { value: deep(65) } },
    { note: 'a value that is too large', given: { value: 'x'.repeat(1_048_576) } },
    { note: 'half of a character', given: { value: '\ud800' } },
    { note: 'no time', given: { expiresAt: Number.NaN } },
  ])('is refused and told: $note', async ({ given }) => {
    const { store, asked, troubles } = answering(() => ({ ok: true, value: true }))
    const wrong = { ...written, ...given } as typeof written
    expect(await store.add('session', 'a', wrong)).toEqual(NOT_OK)
    expect(await store.compareAndSet('session', 'a', { ...wrong, expected: 1 })).toEqual(NOT_OK)
    expect(asked).toEqual([])
    expect(troubles).toHaveLength(2)
    expect(troubles[0]).toMatchObject({ kind: 'entry', code: 'state.unstorable' })
    expect(troubles[0]?.why).toContain('what was to be kept in session')
  })

  test.each([
    { note: 'a part of one', by: 0.5, expiresAt: 2_000 },
    { note: 'more than can be counted', by: 2 ** 53, expiresAt: 2_000 },
    { note: 'no time', by: 1, expiresAt: Number.NaN },
  ])('is not counted: $note', async ({ by, expiresAt }) => {
    const { store, asked, troubles } = answering(() => ({ ok: true, value: 1 }))
    expect(await store.increment('c', { by, expiresAt })).toEqual(NOT_OK)
    expect([asked, troubles[0]?.why]).toEqual([[], expect.stringContaining('in counter')])
  })

  test('must pass: times of any size, and as deep as may be', async () => {
    const store = storeInMemory(clock)
    const kept = async (key: string, given: object) => {
      expect(await store.add('session', key, { ...written, ...given })).toEqual({ ok: true, value: true })
      const entry = await store.get('session', key)
      return entry.ok ? entry.value?.expiresAt : null
    }
    expect(await kept('a', { expiresAt: Infinity })).toBe(Number.MAX_SAFE_INTEGER)
    expect(await kept('b', { expiresAt: 2_000.9 })).toBe(2_000)
    expect(await kept('c', { value: deep(64) })).toBe(2_000)
    expect(await store.add('session', 'd', { ...written, expiresAt: -5 })).toEqual({ ok: true, value: true })
    expect(await store.get('session', 'd')).toEqual({ ok: true, value: null })
    await store.close()
  })
})

test('a store is not opened without a key, or with one that is too short or none of a secret', async () => {
  const { publicKey } = generateKeyPairSync('ed25519')
  for (const keys of [
    [],
    [Buffer.alloc(31, 1)],
    [createSecretKey(Buffer.alloc(31, 1))],
    [publicKey],
    [Buffer.alloc(32, 1), Buffer.alloc(8)],
  ]) {
    const opened = await openStateStore({ file: '/nowhere/state.db', keys, clock, onTrouble: () => {} })
    expect(opened).toMatchObject({ ok: false, code: 'state.key', why: expect.stringContaining('32 bytes') })
  }
})
