// What is told of keys, and when their last uses are kept: on a store in memory, with a clock that tests move.
import { createSecretKey } from 'node:crypto'
import type { JsonObject } from '@balustrade/core/kit'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { addressAt, by, DAY, newKey } from '../../../../test/support/keys.ts'
import { START } from '../../../../test/support/sessions.ts'
import { scriptedStore } from '../../../../test/support/store-in-memory.ts'
import type { StateStore } from '../state/state-store.ts'
import { createApiKeys } from './api-keys.ts'
import { keptJson } from './kept-key.ts'
import { drawKey, parseKey, writeKey } from './key-form.ts'
import { createSecretHashing } from './secret-hashing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const keyOf = (byte: number) => createSecretKey(Buffer.alloc(32, byte))
const clock = { now: () => START, monotonic: () => 0 }
const log = { append: () => ({ accepted: true, durable: () => Promise.resolve(true) }) }
const NOT_OK = { ok: false }

const open = ({ store, keys = [keyOf(1)] }: { readonly store?: StateStore; readonly keys?: ReturnType<typeof keyOf>[] } = {}) => {
  const scripted = scriptedStore(clock)
  const made = createApiKeys({ store: store ?? scripted.store, keys, clock, longestLife: 365 * DAY, log })
  onTestFinished(() => made.close())
  return { ...scripted, keys: made }
}
const given = async ({ keys }: ReturnType<typeof open>, now = START) => {
  const made = await keys.create(newKey(), by(now))
  if (!made.ok || 'refused' in made.value) throw new Error('refused')
  return made.value
}
const use = ({ keys }: ReturnType<typeof open>, text: string, now: number) =>
  keys.reader.find(text, { now, address: addressAt('192.0.2.1'), lenient: false })

describe('uses', () => {
  test('are kept every minute, once each, and at the end', async () => {
    const world = open()
    const { text, key } = await given(world)
    const kept = async () => {
      const entry = await world.real.get('used', `api-key:${key.id}`)
      return entry.ok ? (entry.value?.value ?? null) : 'the store does not answer'
    }
    await use(world, text, START + 5)
    await vi.advanceTimersByTimeAsync(59_999)
    expect(await kept()).toBeNull()
    await vi.advanceTimersByTimeAsync(1)
    expect(await kept()).toBe(START + 5)
    const { length } = world.asked
    await vi.advanceTimersByTimeAsync(60_000)
    expect(world.asked).toHaveLength(length)
    await use(world, text, START + 6)
    await world.keys.close()
    expect(await kept()).toBe(START + 6)
    await use(world, text, START + 7)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(await kept()).toBe(START + 6)
  })

  test('of one that there is no room for any more are kept before it is forgotten', async () => {
    const { store, real } = scriptedStore(clock)
    const parts = drawKey()
    const hash = createSecretHashing([keyOf(1)]).hash(parts.secret)
    const kept = keptJson({
      ...newKey(),
      id: '',
      hash,
      createdAt: START,
      expiresAt: START + DAY,
      revokedAt: null,
      rotatedTo: null,
    })
    // Every id is that of a key of this secret.
    const full: StateStore = {
      ...store,
      get: async (collection, key) =>
        collection === 'api-key'
          ? { ok: true, value: { key, value: kept as JsonObject, version: 1, expiresAt: START + DAY, tags: [] } }
          : store.get(collection, key),
    }
    const world = open({ store: full })
    const ids = Array.from({ length: 20_002 }, (_, n) => n.toString(36).padStart(11, '0'))
    for (const [n, id] of ids.entries()) await use(world, writeKey({ ...parts, id }), n === 0 ? START + 5 : 0)
    await vi.advanceTimersByTimeAsync(0)
    expect(await real.list('used')).toMatchObject({ ok: true, value: [{ key: `api-key:${ids[0]}`, value: START + 5 }] })
  })
})

describe('what is told of a key', () => {
  test('is told to whoever has the whole of it', async () => {
    const world = open()
    const { text, key } = await given(world)
    const parts = parseKey(text) ?? drawKey()
    expect(await world.keys.identify(parts, START)).toEqual({ ok: true, value: key })
    await use(world, text, START + 5)
    await world.keys.close()
    expect(await world.keys.identify(parts, START)).toEqual({ ok: true, value: { ...key, usedAt: START + 5 } })
    expect(await world.keys.identify({ ...parts, secret: drawKey().secret }, START)).toEqual({ ok: true, value: null })
    expect(await world.keys.identify({ ...drawKey(), secret: parts.secret }, START)).toEqual({ ok: true, value: null })
  })

  test.each(['get', 'list'])('is nothing where the store does not answer (%s)', async (silent) => {
    const world = open()
    const { text } = await given(world)
    world.silence([silent])
    expect(await world.keys.identify(parseKey(text) ?? drawKey(), START)).toEqual(NOT_OK)
    expect(await world.keys.list(START)).toMatchObject(silent === 'list' ? NOT_OK : { ok: true })
  })

  test('is nothing where the key of the state that it rests on is gone', async () => {
    const before = open()
    const { text } = await given(before)
    const after = open({ store: before.store, keys: [keyOf(2)] })
    expect(await after.keys.identify(parseKey(text) ?? drawKey(), START)).toEqual(NOT_OK)
  })

  test('names its state: revoked before expired before rotated', async () => {
    const world = open()
    const [live, rotated, expired, revoked] = [await given(world), await given(world), await given(world), await given(world)]
    await world.keys.rotate(rotated.key.id, { overlap: DAY }, by())
    await world.keys.rotate(expired.key.id, { overlap: 0 }, by())
    await world.keys.rotate(revoked.key.id, { overlap: 0 }, by())
    await world.keys.revoke(revoked.key.id, by())
    const listed = await world.keys.list(START)
    const stateOf = ({ key }: typeof live) => listed.ok && listed.value.find(({ id }) => id === key.id)?.state
    expect([live, rotated, expired, revoked].map(stateOf)).toEqual(['live', 'rotated', 'expired', 'revoked'])
    expect(JSON.stringify(listed)).not.toMatch(/mac|life|revokedAt/)
  })

  test('is in the order in which keys were given out, then by id', async () => {
    const world = open()
    const [late, early, same] = [await given(world, START + 1), await given(world), await given(world)]
    const listed = await world.keys.list(START)
    const first = [early.key.id, same.key.id].toSorted((a, b) => (a < b ? -1 : 1))
    expect(listed.ok && listed.value.map(({ id }) => id)).toEqual([...first, late.key.id])
  })
})

test('whoever listens is told of every change', async () => {
  const world = open()
  const { text, key } = await given(world)
  const told: [number, number] = [0, 0]
  world.keys.onChange(() => told[0]++)
  world.keys.onChange(() => told[1]++)
  await use(world, text, START)
  await world.keys.revoke(key.id, by())
  expect(told).toEqual([1, 1])
})
