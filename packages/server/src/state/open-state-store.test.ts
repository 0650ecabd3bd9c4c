import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { makeStateWorld, stateKey, type StateWorld, stored } from '../../../../test/support/state.ts'
import { openStateStore } from './open-state-store.ts'
import { COLLECTIONS, type StateStore } from './state-store.ts'

const keep = (value: unknown = { n: 1 }, tags: readonly string[] = []) => ({
  value: value as never,
  expiresAt: world.time + 60_000,
  tags,
})

/** With the deadlines it has by itself, or with this one. */
const openedWith = async (of: StateWorld, deadline: number | undefined) => {
  const opened = await openStateStore({
    file: of.file,
    keys: [stateKey(1)],
    clock: { now: () => of.time, monotonic: () => performance.now() },
    onTrouble: (trouble) => of.troubles.push(trouble),
    ...(deadline === undefined ? {} : { deadline }),
  })
  if (!opened.ok) throw new Error(opened.why)
  onTestFinished(() => opened.store.close())
  return opened
}

const nested = (levels: number): unknown => (levels === 0 ? 'x' : [nested(levels - 1)])

/** Two stores on one file, as two processes have them; every test begins with nothing in it. */
let world: StateWorld
let store: StateStore
let other: StateStore
beforeAll(async () => {
  world = makeStateWorld(afterAll)
  store = await world.open()
  other = await world.open()
})
beforeEach(async () => {
  world.time = Date.UTC(2026, 10, 24)
  for (const collection of COLLECTIONS) {
    for (const { key } of await stored(store.list(collection))) await stored(store.remove(collection, key))
  }
  world.troubles.length = 0
})

describe('what is kept', () => {
  const values = [
    null,
    false,
    0,
    -1.5e300,
    'text with \u0000 and \u{1f600}',
    [],
    {},
    [[1, [2]], { a: { b: null } }],
    JSON.parse('{"__proto__": {"constructor": 1}, "toString": []}') as object,
  ]
  test.each(values)('comes back as it was: %j', async (value) => {
    expect(await stored(store.add('session', 'k', keep(value, ['t', 'u'])))).toBe(true)
    const entry = await stored(store.get('session', 'k'))
    expect(JSON.stringify(entry?.value)).toBe(JSON.stringify(value))
    expect(entry).toMatchObject({ key: 'k', tags: ['t', 'u'], expiresAt: world.time + 60_000 })
  })

  test('has no inherited member, whatever the name', async () => {
    await stored(store.add('session', 'k', keep({})))
    const entry = await stored(store.get('session', 'k'))
    expect(Object.getPrototypeOf(entry?.value)).toBeNull()
  })

  test('for ever has the greatest time', async () => {
    await stored(store.add('epoch', 'all', { ...keep(), expiresAt: Number.POSITIVE_INFINITY }))
    world.time = 8e15
    expect((await stored(store.get('epoch', 'all')))?.expiresAt).toBe(Number.MAX_SAFE_INTEGER)
  })

  test.each([
    { note: 'keys that are one in UTF-8, which has no half of a pair', a: '\ufffd', b: '\ud800' },
    { note: 'keys that are one when glued to the collection', a: '","x', b: '"' },
    { note: 'an empty key', a: '', b: ' ' },
  ])('is not found under another key: $note', async ({ a, b }) => {
    await store.add('session', a, keep())
    expect(await stored(store.get('session', b))).toBeNull()
    expect(await stored(store.get('form', a))).toBeNull()
  })

  test.each([
    { note: 'a big integer', written: { value: 1n } },
    { note: 'half of a surrogate pair', written: { value: ['\ud800'] } },
    { note: 'half of one in a tag', written: { tags: ['\udc00'] } },
    { note: 'more than a mebibyte', written: { value: 'x'.repeat(1_048_577) } },
    { note: 'more than 64 levels', written: { value: nested(65) } },
    { note: 'no time', written: { expiresAt: Number.NaN } },
  ])('is refused when it is $note', async ({ written }) => {
    expect(await store.add('login', 'k', { ...keep(), ...written } as never)).toEqual({ ok: false })
    expect(world.troubles).toMatchObject([{ kind: 'entry', code: 'state.unstorable' }])
    expect(await stored(store.get('login', 'k'))).toBeNull()
    await stored(store.add('login', 'k', keep()))
    expect(await store.compareAndSet('login', 'k', { ...keep(), ...written, expected: 1 } as never)).toEqual({ ok: false })
    expect(await stored(store.get('login', 'k'))).toMatchObject({ value: { n: 1 } })
  })

  test.each([{ value: nested(64) }, { value: 'x'.repeat(1_048_000) }])('may be as large as it may be', async (written) => {
    expect(await stored(store.add('login', 'k', { ...keep(), ...written } as never))).toBe(true)
    expect((await stored(store.get('login', 'k')))?.value).toEqual(written.value)
  })

  test('is listed whole when it is many pages', async () => {
    const keys = Array.from({ length: 450 }, (_none, n) => `k${n}`)
    await Promise.all(keys.map((key, n) => store.add('session', key, keep(n, [n % 3 === 0 ? 'third' : 'other']))))
    expect((await stored(store.list('session'))).map(({ key }) => key).sort()).toEqual([...keys].sort())
    expect((await stored(store.tagged('session', 'third'))).length).toBe(150)
    expect(await stored(store.tagged('login', 'third'))).toEqual([])
  })
})

describe('of several at once one wins', () => {
  const twenty = <T>(call: (n: number) => Promise<T>): Promise<readonly T[]> =>
    Promise.all(Array.from({ length: 20 }, (_none, n) => call(n)))
  const at = (n: number): StateStore => (n % 2 === 0 ? store : other)

  test.each(COLLECTIONS)('who takes from %s', async (collection) => {
    await stored(at(0).add(collection, 'k', keep()))
    const taken = await twenty((n) => stored(at(n).take(collection, 'k')))
    expect(taken.filter((entry) => entry !== null)).toMatchObject([{ key: 'k', value: { n: 1 } }])
  })

  test.each(COLLECTIONS)('who adds to %s', async (collection) => {
    const added = await twenty((n) => stored(at(n).add(collection, 'k', keep(n))))
    expect(added.filter(Boolean)).toHaveLength(1)
    expect((await stored(at(0).get(collection, 'k')))?.value).toBe(added.indexOf(true))
  })

  test('who replaces what it has read, and who removes', async () => {
    await stored(at(0).add('session', 'k', keep(0)))
    const { version: expected } = (await stored(at(1).get('session', 'k'))) ?? { version: -1 }
    const won = await twenty((n) => stored(at(n).compareAndSet('session', 'k', { ...keep(n), expected })))
    expect(won.filter(Boolean)).toHaveLength(1)
    expect((await stored(at(1).get('session', 'k')))?.value).toBe(won.indexOf(true))
    expect((await twenty((n) => stored(at(n).remove('session', 'k')))).filter(Boolean)).toHaveLength(1)
  })

  test('nobody who replaces what was removed and added again', async () => {
    await stored(store.add('session', 'k', keep()))
    const { version: expected } = (await stored(store.get('session', 'k'))) ?? { version: -1 }
    await stored(store.remove('session', 'k'))
    await stored(store.add('session', 'k', keep()))
    expect(await stored(store.compareAndSet('session', 'k', { ...keep(), expected }))).toBe(false)
  })

  test('and of those who count none is forgotten', async () => {
    const counted = await twenty((n) => stored(at(n).increment('shared', { by: 3, expiresAt: world.time + 1_000 })))
    expect([...counted].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_none, n) => 3 * (n + 1)))
  })
})

describe('a counter', () => {
  test('keeps the time of its first step, and begins again after it', async () => {
    const step = (by: number, life: number) => stored(store.increment('c0', { by, expiresAt: world.time + life }))
    expect([await step(2, 100), await step(-1, 10_000)]).toEqual([2, 1])
    world.time += 100
    expect(await step(5, 100)).toBe(5)
  })

  test.each([1.5, Number.NaN, Number.POSITIVE_INFINITY])('is not counted by %d', async (by) => {
    expect(await store.increment('c1', { by, expiresAt: world.time + 1 })).toEqual({ ok: false })
    expect(world.troubles).toMatchObject([{ code: 'state.unstorable' }])
  })

  test('stays at the greatest number there is', async () => {
    const step = () => stored(store.increment('c3', { by: Number.MAX_SAFE_INTEGER, expiresAt: world.time + 1 }))
    expect([await step(), await step()]).toEqual([Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER])
  })
})

describe('a store that was closed', () => {
  test('keeps everything for the next one, and answers nothing', async () => {
    const place = makeStateWorld()
    const closing = await place.open()
    const last = closing.add('session', 'k', keep('last', ['t']))
    await closing.close()
    expect(await last).toEqual({ ok: true, value: true })
    expect(await closing.get('session', 'k')).toEqual({ ok: false })
    await closing.close()
    const next = await place.open()
    expect(await stored(next.tagged('session', 't'))).toMatchObject([{ key: 'k', value: 'last' }])
    expect(place.troubles).toEqual([])
  })
})

test.each([
  { note: 'none', keys: [] },
  { note: 'a short one', keys: [Buffer.alloc(31, 1)] },
  { note: 'a short one behind another', keys: [stateKey(1), Buffer.alloc(16, 1)] },
])('no store is opened with keys that are no good: $note', async ({ keys }) => {
  expect(await makeStateWorld().tryOpen({ keys })).toMatchObject({ ok: false, code: 'state.key' })
})

describe('deadlines', () => {
  const lines = [
    { note: 'that are not given', deadline: undefined, read: 200, write: 1_000 },
    { note: 'that are given', deadline: 7_000, read: 7_000, write: 7_000 },
  ]
  test.each(lines)('$note: $read ms to read, $write ms to write', async ({ deadline, read, write }) => {
    const own = makeStateWorld()
    const { store: opened } = await openedWith(own, deadline)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    for (const [ask, within] of [
      [() => opened.get('session', 'a'), read],
      [() => opened.add('session', 'a', keep()), write],
    ] as const) {
      const answer = ask()
      vi.advanceTimersByTime(within - 1)
      expect(vi.getTimerCount()).toBe(1)
      vi.advanceTimersByTime(1)
      expect(vi.getTimerCount()).toBe(0)
      await answer
    }
  })

  test('leave time to learn that a lock was not got', async () => {
    const own = makeStateWorld()
    const { store: opened } = await openedWith(own, 2_000)
    own.connect().exec('BEGIN IMMEDIATE')
    const answers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((key) => opened.add('session', key, keep())))
    expect(answers).toEqual(Array.from({ length: 5 }, () => ({ ok: false })))
    expect(own.troubles).toEqual([{ kind: 'began', code: 'state.unwritable', why: 'database is locked' }])
  })
})
