import { createSecretKey } from 'node:crypto'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { makeStateWorld, stateKey, type StateWorld, stored } from '../../../../test/support/state.ts'
import { watchThreads } from '../../../../test/support/state-threads.ts'
import { openStateStore } from './open-state-store.ts'
import { type LineParts, openStateLine, type StateLine } from './state-line.ts'
import type { StateStore, StateTrouble } from './state-store.ts'

const DEADLINE = 200
const keep = (world: StateWorld, value = 'v') => ({ value, expiresAt: world.time + 60_000, tags: [] })
const told = (troubles: readonly StateTrouble[]) => troubles.map(({ kind, code }) => `${kind} ${code}`)

/** Until it is `ok`: on a machine under load a call may be over its deadline for no other reason. */
const eventually = async (call: () => Promise<{ readonly ok: boolean }>) =>
  vi.waitFor(async () => expect(await call()).toMatchObject({ ok: true }), { timeout: 60_000, interval: 50 })

/** Calls until the store has told of a trouble. */
const untilTrouble = async (world: StateWorld, call: () => Promise<{ readonly ok: boolean }>) =>
  vi.waitFor(
    async () => {
      expect(await call()).toEqual({ ok: false })
      expect(world.troubles).not.toEqual([])
    },
    { timeout: 60_000, interval: 1 },
  )

const tryLine = (world: StateWorld, more: Partial<LineParts> = {}) =>
  openStateLine({
    task: { file: world.file, keys: [createSecretKey(stateKey(1))], lockMs: 1_000 },
    clock: { now: () => world.time, monotonic: () => performance.now() },
    deadline: { read: 60_000, write: 60_000 },
    onTrouble: (trouble) => world.troubles.push(trouble),
    ...more,
  })

const openLine = async (world: StateWorld, more: Partial<LineParts> = {}): Promise<StateLine> => {
  const opened = await tryLine(world, more)
  if (!opened.ok) throw new Error(opened.why)
  onTestFinished(() => opened.line.close())
  return opened.line
}

const heldOf = (key: string) => ({ payload: `["${key}",[],1]`, expiresAt: Number.MAX_SAFE_INTEGER, tags: [] })
const addTo = (line: StateLine, key: string) => line.ask({ name: 'add', collection: 'session', key, held: heldOf(key) })
const getFrom = (line: StateLine, key: string) => line.ask({ name: 'get', collection: 'session', key })

describe('a line', () => {
  test('is two threads, of which the first makes the file, and both end with it; then it answers nothing', async () => {
    const world = makeStateWorld()
    const threads = watchThreads()
    const line = await openLine(world)
    expect(await addTo(line, 'a')).toEqual({ ok: true, value: true })
    expect(await getFrom(line, 'a')).toMatchObject({ ok: true, value: { version: 1 } })
    await line.close()
    await Promise.all(threads.map(({ exited }) => exited))
    expect([await getFrom(line, 'a'), await addTo(line, 'b'), threads.length]).toEqual([{ ok: false }, { ok: false }, 2])
    expect(world.troubles).toEqual([])
  })

  test('whose file is refused tells why and no trouble, tries once, and leaves no thread', async () => {
    const world = makeStateWorld()
    writeFileSync(world.file, '', { mode: 0o644 })
    const threads = watchThreads()
    expect(await tryLine(world)).toMatchObject({ ok: false, code: 'state.readable', why: expect.stringContaining(world.file) })
    await Promise.all(threads.map(({ exited }) => exited))
    expect([threads.length, world.troubles]).toEqual([1, []])
  })

  test('is another one when a thread has gone, of which both threads are let go', async () => {
    const world = makeStateWorld()
    const threads = watchThreads()
    const line = await openLine(world)
    const before = line.generation()
    await addTo(line, 'a')
    expect(line.generation()).toBe(before)
    renameSync(world.file, `${world.file}.away`)
    expect(await addTo(line, 'b')).toEqual({ ok: false })
    expect(line.generation()).not.toBe(before)
    expect(await getFrom(line, 'a')).toEqual({ ok: false })
    await Promise.all(threads.slice(0, 2).map(({ exited }) => exited))
    const why = 'the file was taken away or replaced'
    expect(world.troubles).toEqual([
      { kind: 'began', code: 'state.unreadable', why },
      { kind: 'began', code: 'state.unwritable', why },
    ])
  })

  test('tells of entries that cannot be opened, at most once a second', async () => {
    const world = makeStateWorld()
    let time = 5_000
    const line = await openLine(world, { clock: { now: () => world.time, monotonic: () => time } })
    await addTo(line, 'a')
    world.connect().exec(`UPDATE entry SET box = x''`)
    for (const [at, tellings] of [
      [5_000, 1],
      [5_000, 1],
      [5_999, 1],
      [6_000, 2],
      [6_999, 2],
      [9_000, 3],
    ] as const) {
      time = at
      expect(await getFrom(line, 'a')).toEqual({ ok: false })
      expect(world.troubles, String(at)).toHaveLength(tellings)
    }
    const why = expect.stringContaining('session')
    for (const trouble of world.troubles) expect(trouble).toEqual({ kind: 'entry', code: 'state.sealed', why })
  })
})

describe('while another process holds the lock', () => {
  test('writes are not ok, reads go on, and it is over when the lock is given back', async () => {
    const world = makeStateWorld()
    const store = await world.open({ deadline: 2_000 })
    await eventually(() => store.add('session', 'k', keep(world)))
    const lock = world.connect()
    lock.exec('BEGIN IMMEDIATE')
    await untilTrouble(world, () => store.add('session', 'other', keep(world)))
    await eventually(() => store.get('session', 'k'))
    expect(await store.take('session', 'k')).toEqual({ ok: false })
    lock.exec('ROLLBACK')
    await eventually(() => store.remove('session', 'k'))
    expect(told(world.troubles).slice(0, 2)).toEqual(['began state.unwritable', 'ended state.unwritable'])
    expect(await store.get('session', 'other')).toEqual({ ok: true, value: null })
  })

  test('a lock of moments is waited for', async () => {
    const world = makeStateWorld()
    const store = await world.open()
    const lock = world.connect()
    lock.exec('BEGIN IMMEDIATE')
    const added = store.add('session', 'k', keep(world))
    setTimeout(() => lock.exec('COMMIT'), 50)
    expect(await added).toEqual({ ok: true, value: true })
  })

  test('a write waits for one of some hundred milliseconds, by default', async () => {
    const world = makeStateWorld()
    await (await world.open()).close()
    const opened = await openStateStore({
      file: world.file,
      keys: [stateKey(1)],
      clock: { now: () => world.time, monotonic: () => performance.now() },
      onTrouble: (trouble) => world.troubles.push(trouble),
    })
    if (!opened.ok) throw new Error(opened.why)
    onTestFinished(() => opened.store.close())
    const lock = world.connect()
    lock.exec('BEGIN IMMEDIATE')
    setTimeout(() => lock.exec('COMMIT'), 300)
    expect(await opened.store.add('session', 'k', keep(world))).toEqual({ ok: true, value: true })
    expect(await opened.store.get('session', 'k')).toMatchObject({ ok: true, value: { value: 'v' } })
  })

  test('a file that another is bringing to a write-ahead log is waited for', async () => {
    const world = makeStateWorld()
    await (await world.open()).close()
    const lock = world.connect()
    lock.exec('PRAGMA journal_mode = DELETE; BEGIN IMMEDIATE')
    setTimeout(() => lock.exec('COMMIT'), 300)
    const store = await world.open()
    expect(await store.add('session', 'k', keep(world))).toEqual({ ok: true, value: true })
  })
})

/** A thread that waits for a lock far longer than anybody waits for it: what a disk that hangs looks like from here. */
const openSlow = async (world: StateWorld, lockMs: number): Promise<StateLine> => {
  await (await world.open()).close()
  const task = { file: world.file, keys: [createSecretKey(stateKey(1))] as const, lockMs }
  return openLine(world, { task, deadline: { read: DEADLINE, write: DEADLINE } })
}

describe('a thread that hangs', () => {
  test('is waited for no longer than the deadline, asked no more, and asked again when it answers', async () => {
    const world = makeStateWorld()
    const line = await openSlow(world, 60_000)
    const lock = world.connect()
    lock.exec('BEGIN IMMEDIATE')
    const keys = ['a', 'b', 'c', 'd', 'e', 'f']
    expect(await Promise.all(keys.map((key) => addTo(line, key)))).toEqual(keys.map(() => ({ ok: false })))
    expect(told(world.troubles)).toEqual(['began state.unwritable'])
    expect(await addTo(line, 'g')).toEqual({ ok: false })
    lock.exec('ROLLBACK')
    await eventually(() => addTo(line, 'last'))
    expect(told(world.troubles)).toEqual(['began state.unwritable', 'ended state.unwritable'])
    // Nothing was done that nobody waited for any more.
    expect(world.connect().prepare('SELECT count(*) AS n FROM entry').get()).toEqual({ n: 1 })
    await line.close()
  })

  test('keeps nobody from reading who waits for another', async () => {
    const world = makeStateWorld()
    const line = await openSlow(world, 60_000)
    await eventually(() => addTo(line, 'there'))
    const lock = world.connect()
    lock.exec('BEGIN IMMEDIATE')
    const added = addTo(line, 'late')
    await eventually(() => getFrom(line, 'there'))
    expect(await added).toEqual({ ok: false })
    lock.exec('ROLLBACK')
    await line.close()
  })

  test('is given no more than it may hold, and what came before is served', async () => {
    const world = makeStateWorld()
    const store = await world.open()
    const many = Array.from({ length: 5_000 }, (_none, n) => store.get('session', `${n}`))
    const answers = await Promise.all(many)
    expect(answers.slice(0, 4_000).every(({ ok }) => ok)).toBe(true)
    expect(answers.slice(4_000)).toEqual(Array.from({ length: 1_000 }, () => ({ ok: false })))
    expect(world.troubles).toEqual([])
    expect(await store.get('session', 'k')).toEqual({ ok: true, value: null })
  })

  test('is given no more text than it may hold', async () => {
    const world = makeStateWorld()
    const store = await world.open()
    const value = 'x'.repeat(1_000_000)
    const answers = await Promise.all(Array.from({ length: 70 }, (_none, n) => store.add('session', `${n}`, keep(world, value))))
    expect(answers.map(({ ok }) => ok)).toEqual([...Array.from({ length: 67 }, () => true), false, false, false])
  })
})

describe('a thread that dies', () => {
  /** The thread ends when it looks for changes and finds another file, or none, where its own was. */
  const breakIt = async (store: StateStore, world: StateWorld) => {
    await untilTrouble(world, () => store.changes(0))
  }

  test('answers nothing while the file is away, makes no new one, and is replaced when it is back', async () => {
    const world = makeStateWorld()
    const store = await world.open()
    await stored(store.add('session', 'k', keep(world)))
    renameSync(world.file, `${world.file}.away`)
    await breakIt(store, world)
    expect(await store.get('session', 'k')).toEqual({ ok: false })
    expect(told(world.troubles).sort()).toEqual(['began state.unreadable', 'began state.unwritable'])
    renameSync(`${world.file}.away`, world.file)
    await eventually(() => store.get('session', 'k'))
    expect(await stored(store.get('session', 'k'))).toMatchObject({ value: 'v' })
    await eventually(() => store.remove('session', 'k'))
    expect(told(world.troubles)).toHaveLength(4)
  })

  test('does not take up a file that is not a store', async () => {
    const world = makeStateWorld()
    const store = await world.open()
    for (const end of ['', '-wal', '-shm']) rmSync(world.file + end)
    writeFileSync(world.file, 'not a store', { mode: 0o600 })
    await breakIt(store, world)
    expect(await store.get('session', 'k')).toEqual({ ok: false })
    await store.close()
  })
})
