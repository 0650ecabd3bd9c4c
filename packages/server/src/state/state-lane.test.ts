import { existsSync, renameSync } from 'node:fs'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { makeStateWorld, type StateWorld } from '../../../../test/support/state.ts'
import { heldPorts, taskOf, watchThreads } from '../../../../test/support/state-threads.ts'
import { createStateLane, type LaneParts, type StateLane } from './state-lane.ts'
import { type Action, monotonicMs, type StateRequest } from './state-request.ts'
import type { StateTrouble } from './state-store.ts'

afterEach(() => void vi.useRealTimers())

/** Time of this thread alone; the thread of the store has its own. */
const stopTime = () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })

const NOT_OK = { ok: false }
const DONE = { ok: true, value: true }
const BEGAN = { kind: 'began', code: 'state.unwritable' }
const AGAIN = { kind: 'ended', code: 'state.unwritable', why: 'it answers again' }

const add = (key: string, payload = '[]'): Action => {
  return { name: 'add', collection: 'session', key, held: { payload, expiresAt: Number.MAX_SAFE_INTEGER, tags: [] } }
}
const get = (key: string): Action => ({ name: 'get', collection: 'session', key })

interface Given extends Partial<Pick<LaneParts, 'deadline' | 'onDeath'>> {
  readonly world?: StateWorld
  readonly file?: string
  readonly lockMs?: number
}

/** A lane, open or not, and what it told. */
const makeLane = ({ world = makeStateWorld(), file = world.file, lockMs = 60_000, ...given }: Given = {}) => {
  const threads = watchThreads()
  const troubles: StateTrouble[] = []
  const onSealed = vi.fn<(why: string) => void>()
  const lane: StateLane = createStateLane({
    task: { file, keys: taskOf(world).keys, lockMs },
    clock: { now: () => world.time + 0.7, monotonic: () => performance.now() },
    deadline: 60_000,
    probe: { name: 'probeWrite' },
    code: 'state.unwritable',
    onTrouble: (trouble) => troubles.push(trouble),
    onDeath: (why) => lane.drop(why),
    onSealed,
    ...given,
  })
  onTestFinished(() => lane.close())
  return { ...lane, world, threads, troubles, onSealed, exited: async (place: number) => threads[place]?.exited }
}

const openLane = async (given: Given = {}) => {
  const made = makeLane(given)
  expect(await made.open()).toEqual({ ok: true })
  return made
}

const lockOf = (world: StateWorld) => {
  const lock = world.connect()
  lock.exec('BEGIN IMMEDIATE')
  return { release: () => lock.exec('ROLLBACK') }
}

describe('what is asked', () => {
  test('in one turn is sent at once, with the time it is and the time it has', async () => {
    const { ask, threads, world } = await openLane()
    const post = vi.spyOn((threads[0] as (typeof threads)[0]).worker, 'postMessage')
    const before = monotonicMs()
    expect(await Promise.all(['a', 'b', 'c'].map((key) => ask(add(key))))).toEqual([DONE, DONE, DONE])
    const after = monotonicMs()
    expect(await ask(get('a'))).toMatchObject({ ok: true, value: { payload: '[]' } })
    const posted = post.mock.calls.map(([requests]) => requests as readonly StateRequest[])
    expect(posted.map((requests) => requests.map(({ action }) => action.name))).toEqual([['add', 'add', 'add'], ['get']])
    expect(new Set(posted.flat().map(({ id }) => id)).size).toBe(4)
    for (const { now, until } of posted[0] ?? []) {
      expect(now).toBe(world.time)
      expect(until).toBeGreaterThanOrEqual(before + 60_000)
      expect(until).toBeLessThanOrEqual(after + 60_000)
    }
  })

  test('keeps the process alive until all of it is answered', async () => {
    const before = heldPorts()
    const { ask, world } = await openLane()
    expect(heldPorts()).toBe(before)
    const lock = lockOf(world)
    const [first, second] = [ask(add('a')), ask(add('b'))]
    await Promise.resolve()
    expect(heldPorts()).toBe(before + 1)
    lock.release()
    await Promise.all([first, second])
    expect(heldPorts()).toBe(before)
  })

  test('is not more than there is room for', async () => {
    const { ask, world } = await openLane()
    expect(await Promise.all([ask(add('small', '[]')), ask(add('large', 'x'.repeat(67_108_863)))])).toEqual([DONE, NOT_OK])
    expect(world.connect().prepare('SELECT count(*) AS n FROM entry').get()).toEqual({ n: 1 })
    expect(await ask(add('next'))).toEqual(DONE)
  })

  test('and cannot be opened is told, and is no trouble', async () => {
    const { ask, world, onSealed, troubles } = await openLane()
    await ask(add('a'))
    world.connect().exec(`UPDATE entry SET box = x''`)
    expect(await ask(get('a'))).toEqual(NOT_OK)
    expect([onSealed.mock.calls, troubles]).toEqual([[[expect.stringContaining('session')]], []])
  })
})

describe('an answer', () => {
  test('is waited for until the deadline; five in a row that do not come are a trouble, until it answers again', async () => {
    const { ask, world, troubles } = await openLane({ deadline: 300 })
    stopTime()
    const lock = lockOf(world)
    const settled = vi.fn<(answer: unknown) => void>()
    for (const key of ['a', 'b', 'c', 'd']) void ask(add(key)).then(settled)
    vi.advanceTimersByTime(299)
    await new Promise((resolve) => setImmediate(resolve))
    expect(settled).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    await new Promise((resolve) => setImmediate(resolve))
    expect(settled.mock.calls).toEqual([[NOT_OK], [NOT_OK], [NOT_OK], [NOT_OK]])
    expect(troubles).toEqual([])
    const fifth = ask(add('e'))
    vi.advanceTimersByTime(300)
    expect(await fifth).toEqual(NOT_OK)
    expect(troubles).toEqual([{ ...BEGAN, why: 'no answer within 300 ms' }])
    expect(await ask(add('f'))).toEqual(NOT_OK)
    // The probe waits as long as it takes.
    vi.advanceTimersByTime(100)
    vi.advanceTimersByTime(60_000)
    lock.release()
    await vi.waitFor(() => expect(troubles).toEqual([{ ...BEGAN, why: 'no answer within 300 ms' }, AGAIN]), { timeout: 60_000 })
    vi.useRealTimers()
    expect(await ask(add('f'))).toEqual(DONE)
  })

  test('that came while this thread was busy counts, though its time is over', async () => {
    const deadline = 1_000
    const { ask } = await openLane({ deadline })
    const asked = ask(add('a'))
    // From here this thread would see its timers before anything that came.
    await new Promise((resolve) => setImmediate(resolve))
    // Nothing but the time itself can be waited for by a thread that is busy.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, deadline + 200)
    expect(await asked).toEqual(DONE)
  })
})

describe('a thread that died', () => {
  test('is replaced by the next that is asked', async () => {
    const died = Promise.withResolvers<string>()
    const { ask, world, threads, exited } = await openLane({ deadline: 300, onDeath: died.resolve })
    renameSync(world.file, `${world.file}.away`)
    const lost = ask(add('a'))
    expect(await died.promise).toBe('the file was taken away or replaced')
    await exited(0)
    renameSync(`${world.file}.away`, world.file)
    expect([await lost, threads.length]).toEqual([NOT_OK, 1])
    await vi.waitFor(async () => expect(await ask(add('b'))).toEqual(DONE), { timeout: 60_000 })
    expect(threads).toHaveLength(2)
  })

  test('is let go, and replaced by a probe once the file is back, which is never made anew', async () => {
    const { ask, world, troubles, threads } = await openLane()
    await ask(add('a'))
    renameSync(world.file, `${world.file}.away`)
    expect(await ask(add('b'))).toEqual(NOT_OK)
    expect(troubles).toEqual([{ ...BEGAN, why: 'the file was taken away or replaced' }])
    await vi.waitFor(() => expect(threads.length).toBeGreaterThan(2), { timeout: 60_000 })
    expect([existsSync(world.file), troubles.length]).toEqual([false, 1])
    renameSync(`${world.file}.away`, world.file)
    await vi.waitFor(() => expect(troubles[1]).toEqual(AGAIN), { timeout: 60_000 })
    expect(await ask(get('a'))).toMatchObject({ ok: true, value: { payload: '[]' } })
    expect(await ask(add('b'))).toEqual(DONE)
  })
})

describe('a thread that is let go', () => {
  test('answers nobody any more, and tells nothing', async () => {
    const { ask, drop, world, threads, troubles, exited, onSealed } = await openLane()
    await ask(add('a'))
    world.connect().exec(`UPDATE entry SET box = x''`)
    const asked = ask(get('a'))
    await Promise.resolve()
    drop('another has gone')
    expect(await asked).toEqual(NOT_OK)
    expect(await ask(get('a'))).toEqual(NOT_OK)
    await exited(0)
    expect([onSealed.mock.calls, troubles]).toEqual([[], [{ ...BEGAN, why: 'another has gone' }]])
    await vi.waitFor(() => expect(troubles[1]).toEqual(AGAIN), { timeout: 60_000 })
    expect(threads).toHaveLength(2)
  })

  test('is not replaced once the lane is closed', async () => {
    const { drop, close, threads, exited } = await openLane()
    stopTime()
    drop('another has gone')
    await Promise.all([close(), exited(0)])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(threads).toHaveLength(1)
  })
})

test('one that is closed serves what came before, and has ended then', async () => {
  const { ask, close, world, exited } = await openLane()
  const lock = lockOf(world)
  const asked = ask(add('a'))
  await Promise.resolve()
  const closed = close()
  lock.release()
  await Promise.all([closed, exited(0)])
  expect(await asked).toEqual(DONE)
})

test('one that cannot be opened says why, and keeps nobody', async () => {
  const before = heldPorts()
  const world = makeStateWorld()
  const { open, close, exited } = makeLane({ world, file: `${world.folder}/${'x'.repeat(300)}`, onDeath: () => {} })
  expect(await open()).toMatchObject({ ok: false, code: 'state.disk' })
  await Promise.all([close(), exited(0)])
  expect(heldPorts()).toBe(before)
})
